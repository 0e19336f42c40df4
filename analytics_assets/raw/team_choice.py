"""The two teams of every game, and where each team's line comes from: the team box, or its players' sums."""

import pandas as pd

from analytics_assets.raw.declarations import BOX_COUNTS
from analytics_assets.raw.player_lines import HARMLESS_REASONS
from analytics_assets.raw.source_choice import ChosenLines
from analytics_assets.raw.team_lines import TeamLines

TEAM_BOX = "nbac_team_boxscore"
# Without these a team box row answers none of the questions it is asked.
_NEEDED = ("points", "fg_attempted", "fg_made", "ft_attempted", "offensive_rebounds", "defensive_rebounds", "turnovers")
_KEYS = ["game_id", "team_abbr"]
_GAME_COLUMNS = ["nba_game_id", "game_id", "game_date", "season_year", "game_type", "game_status"]


def expected_teams(games: pd.DataFrame, dates: pd.Series, team_box: TeamLines) -> pd.DataFrame:
    """Both sides of every counted game of the dates, with score and team turnovers.

    The schedule's score wins; where it has none, the official team lines' points stand in. Turnovers are only those of
    team lines that can be used (see :func:`choose_team_lines`), NULL otherwise.

    Returns:
        ``nba_game_id``, ``game_id``, ``game_date``, ``season_year``, ``game_type``, ``game_status``, ``team_abbr``,
        ``opponent_team_abbr``, ``home_game``, ``team_score``, ``opponent_score``, ``team_box_turnovers``,
        ``opponent_box_turnovers``.
    """
    counted = games[games["counts"] & games["game_date"].isin(dates)]
    sides = []
    for own, other in (("home", "away"), ("away", "home")):
        names = {
            own: "team_abbr",
            other: "opponent_team_abbr",
            f"{own}_score": "team_score",
            f"{other}_score": "opponent_score",
        }
        sides.append(counted[[*_GAME_COLUMNS, *names]].rename(columns=names).assign(home_game=own == "home"))
    teams = pd.concat(sides, ignore_index=True)
    boxes = teams[[*_KEYS, "team_score"]].merge(team_box.lines, on=_KEYS, how="left")
    boxes["team_score"] = boxes["team_score"].fillna(boxes["points"])
    usable = _box_problem(boxes, team_box.refused)[0].isna()
    own = boxes[_KEYS].assign(team_score=boxes["team_score"], team_box_turnovers=boxes["turnovers"].where(usable))
    opposite = {
        "team_abbr": "opponent_team_abbr",
        "team_score": "opponent_score",
        "team_box_turnovers": "opponent_box_turnovers",
    }
    teams = teams.drop(columns=["team_score", "opponent_score"]).merge(own, on=_KEYS)
    return teams.merge(own.rename(columns=opposite), on=["game_id", "opponent_team_abbr"])


def choose_team_lines(teams: pd.DataFrame, team_box: TeamLines, chosen: ChosenLines) -> pd.DataFrame:
    """One team line per expected team and game.

    The row of the team box is used if none of its rows broke a rule, its counts are there and its points equal the
    score. Otherwise the sums over the players of the team's usable source stand in; whoever has neither has a problem.

    Args:
        teams: Expected ``game_id``, ``team_abbr`` and ``team_score`` (NULL when unknown), and whatever else is known.
        team_box: Rows of the team box.
        chosen: Chosen player lines.

    Returns:
        ``teams`` with the counts of ``BOX_COUNTS``; ``source`` (raw table, NULL where there is a problem);
        ``reconstructed`` (whether the counts are players' sums); ``box_minutes`` (the team box's own minutes, NULL
        where it is not used) and ``player_minutes`` (decimal minutes of all players together, NULL if any is unknown);
        ``player_<count>`` (players' sums, NULL if unknown) and ``players_source`` (where those come from);
        ``processed_at``; ``problem``, ``faulty``, ``rows_seen`` as in ``ChosenLines.teams``.
    """
    box = team_box.lines.drop(columns="game_date").rename(columns={"minutes_played": "box_minutes"})
    rows = teams.merge(box, on=_KEYS, how="left").merge(_player_sums(chosen.usable), on=_KEYS, how="left")
    players = chosen.teams[[*_KEYS, "source", "problem", "faulty", "rows_seen"]]
    rows = rows.merge(players.add_prefix("players_").rename(columns={f"players_{k}": k for k in _KEYS}), on=_KEYS)
    rows["box_problem"], broken = _box_problem(rows, team_box.refused)
    from_box = rows["box_problem"].isna()
    rows["box_minutes"] = rows["box_minutes"].where(from_box)
    rows["reconstructed"] = ~from_box & rows["players_source"].notna()
    rows["source"] = rows["players_source"].mask(from_box, TEAM_BOX).astype("string")
    for name in (*BOX_COUNTS, "processed_at"):
        rows[name] = rows[name].mask(rows["reconstructed"], rows[f"player_{name}"])
    unusable = rows["source"].isna()
    problems = rows["box_problem"] + "; " + rows["players_problem"].fillna("no player rows")
    rows["problem"] = problems.where(unusable)
    rows["faulty"] = unusable & (broken | rows["players_faulty"].fillna(False).astype(bool))
    has_box = rows["box_problem"].fillna("") != _NO_ROW
    rows["rows_seen"] = rows["players_rows_seen"].fillna(0).astype("int64") + has_box.astype("int64")
    return rows.drop(columns=["box_problem", "players_problem", "players_faulty", "players_rows_seen"])


_NO_ROW = f"{TEAM_BOX}: no row"


def _player_sums(lines: pd.DataFrame) -> pd.DataFrame:
    """Sums over those who played; unknown as soon as one player's number is."""
    grouped = lines[lines["played"].astype(bool)].groupby(_KEYS)
    summed = [*BOX_COUNTS, "minutes_played"]
    sums = grouped[summed].sum()
    sums = sums.where(grouped[summed].count().eq(grouped.size(), axis=0))
    sums["processed_at"] = grouped["processed_at"].max()
    return sums.rename(columns={"minutes_played": "minutes"}).add_prefix("player_").reset_index()


def _box_problem(rows: pd.DataFrame, refused: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Why the team box cannot be used, NULL where it can; and whether because it is broken, not absent."""
    harmful = refused[~refused["reason"].isin(HARMLESS_REASONS)]
    # A row whose team is unknown may belong to either side; it matters where a side has no row of its own.
    named = harmful.dropna(subset=["game_id", "team_abbr"])[_KEYS].drop_duplicates().assign(named=True)
    sideless = set(harmful.loc[harmful["team_abbr"].isna(), "game_id"].dropna())
    absent = rows["points"].isna() & rows["processed_at"].isna()
    refused_row = rows[_KEYS].astype("string").merge(named.astype({k: "string" for k in _KEYS}), on=_KEYS, how="left")
    broken = refused_row["named"].notna().set_axis(rows.index) | (absent & rows["game_id"].isin(sideless))
    lacking = rows[list(_NEEDED)].isna()
    contradicts = (rows["points"] != rows["team_score"]).fillna(False).astype(bool)
    problem = pd.Series(pd.NA, index=rows.index, dtype="string")
    problem = problem.mask(
        contradicts,
        f"{TEAM_BOX}: points "
        + rows["points"].astype("string")
        + " contradict the score "
        + rows["team_score"].astype("string"),
    )
    names = lacking.dot(pd.Series([f"{name} " for name in _NEEDED], index=lacking.columns)).str.strip()
    problem = problem.mask(lacking.any(axis=1), f"{TEAM_BOX}: without " + names)
    problem = problem.mask(absent, _NO_ROW).mask(broken, f"{TEAM_BOX}: a row broke a rule")
    return problem, broken | (contradicts & ~absent)
