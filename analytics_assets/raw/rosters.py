"""Who is expected in a game: the teams' rosters as they were known on its date, and players with a line on them."""

from dataclasses import dataclass

import pandas as pd

from analytics_assets.league.seasons import season_years_of_dates
from analytics_assets.league.teams import canonical_tricodes
from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS
from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.refused_rows import describe_refused
from analytics_assets.raw.row_sieve import RowSieve, refuse_rows, shown

# Ruling 14 of the specification.
RECENT_GAMES = 10
FROM_ROSTER, INFERRED, FROM_LINE = "roster", "inferred_roster", "line"

_SEASON_DATE = ["season_year", "game_date"]
_TEAM = ["season_year", "team_abbr"]
_TEAM_DATE = [*_SEASON_DATE, "team_abbr"]
_PLAYER_DATE = [*_SEASON_DATE, "player_lookup"]
_ROSTER_COLUMNS = ["season_year", "roster_date", "team_abbr", "player_lookup", "position", "is_two_way"]
_PLAYER_COLUMNS = [
    *("game_id", "team_abbr", "player_lookup", "row_origin", "position", "is_two_way", "roster_date"),
]


@dataclass(frozen=True)
class Rosters:
    """Rosters of one or more seasons.

    Attributes:
        rows: One row per ``roster_date``, ``team_abbr`` and ``player_lookup``: ``season_year``, ``position`` and
            ``is_two_way`` (NULL if not told).
        refused: Refused rows as ``raw.refused_rows`` describes them; their ``game_date`` is the roster's date.
    """

    rows: pd.DataFrame
    refused: pd.DataFrame


@dataclass(frozen=True)
class ExpectedPlayers:
    """Who is expected.

    Attributes:
        players: One row per ``game_id``, ``team_abbr`` and ``player_lookup``, nobody twice on a date: ``row_origin``
            (``roster``: the team has a roster; ``inferred_roster``: it has none and recent games stand in for it;
            ``line``: only a line speaks for him), ``position`` and ``is_two_way`` (of the latest roster that names
            him, NULL if none does or tells it), ``roster_date`` (of the team's latest roster, NULL without one).
        unplaced_lines: ``game_id`` and ``player_lookup`` of lines that give nobody a row in their game: neither a
            roster nor an appearance says for which of the two teams he plays, or another line puts him into another
            game of the date.
    """

    players: pd.DataFrame
    unplaced_lines: pd.DataFrame


def interpret_rosters(raw: pd.DataFrame) -> Rosters:
    """Interpret the rows of ``espn_team_rosters``.

    Args:
        raw: Frame of the raw table with a unique index. A row without season belongs to the season that its date falls
            in; of several rows of one date, team and player the one written last counts.

    Returns:
        Refused are ``unknown_tricode``, ``player_missing``, ``season_out_of_range`` and ``duplicate_superseded``.
    """
    sieve = RowSieve(raw)
    refuse_rows(
        sieve,
        canonical_tricodes(sieve.rows["raw_team"]).isna(),
        "unknown_tricode",
        lambda rows: (
            "team_abbr '"
            + rows["raw_team"].astype("string").fillna("NULL")
            + "' is no known team; correct it or add the variant to the league's teams"
        ),
    )
    lookup = player_lookups(sieve.rows["player_lookup"])
    sieve.rows = sieve.rows.assign(player_lookup=lookup)
    sieve.refuse(lookup.isna() | (lookup == ""), "player_missing", "player_lookup is empty; give the player's name")
    of_date = season_years_of_dates(sieve.rows["roster_date"])
    away = (sieve.rows["raw_season"].astype("Float64") - of_date.astype("Float64")).abs()
    refuse_rows(
        sieve,
        away > 1,
        "season_out_of_range",
        lambda rows: (
            "season_year " + shown(rows["raw_season"]) + " contradicts " + shown(rows["roster_date"]) + "; correct it"
        ),
    )
    rows = sieve.rows
    season = rows["raw_season"].astype("Int64").fillna(of_date)
    rows = rows.assign(team_abbr=canonical_tricodes(rows["raw_team"]), season_year=season)
    content = ["processed_at", "season_year", "position", "is_two_way"]
    rows = rows.sort_values(content, na_position="first")
    superseded = rows.duplicated(["roster_date", "team_abbr", "player_lookup"], keep="last")
    sieve.refuse(
        superseded.reindex(sieve.rows.index),
        "duplicate_superseded",
        "another row of the same team, player and date was written later",
    )
    rows = rows[~superseded][_ROSTER_COLUMNS]
    return Rosters(
        rows=rows.sort_values(["roster_date", "team_abbr", "player_lookup"], ignore_index=True),
        refused=describe_refused(raw, sieve.refused, ESPN_TEAM_ROSTERS.name, date_column="roster_date"),
    )


def players_as_of(
    targets: pd.DataFrame, rosters: pd.DataFrame, history: pd.DataFrame, lines: pd.DataFrame
) -> ExpectedPlayers:
    """The players of each team-game, from what was known on its date.

    A player belongs to the team of the latest evidence of the season: a team's latest roster at or before the date, or
    his latest appearance before it. An appearance speaks for a team only while it is among the team's last ten games,
    and against the team's own roster only when it is later than that. Rosters of an earlier season say nothing. A
    player with a line on the game whom neither team has is added to the team whose roster named him, or for which he
    appeared, last; a line weighs more than a roster of a team that is not in the game. Source: ruling 14 and section
    5.1 of the specification.

    Args:
        targets: ``game_id``, ``season_year``, ``game_date``, ``team_abbr``; one row per team of each game.
        rosters: ``Rosters.rows``.
        history: Rows of ``player_game_summary``: ``season_year``, ``game_date``, ``team_abbr``, ``player_lookup``,
            ``played``; only those before a target's date are looked at.
        lines: ``game_id`` and ``player_lookup`` of players with a line before tip-off.

    Returns:
        Players ordered by date, game, team and name.
    """
    targets = _plain(targets[["game_id", *_TEAM_DATE]])
    rosters, history = _plain(rosters[_ROSTER_COLUMNS]), _plain(history[[*_TEAM_DATE, "player_lookup", "played"]])
    dates = targets[_SEASON_DATE].drop_duplicates()
    editions = rosters[[*_TEAM, "roster_date"]].drop_duplicates()
    current = _latest(dates, editions, "roster_date", "team_abbr", on_date=True)
    listed = current.merge(rosters, on=[*_TEAM, "roster_date"])
    games = _numbered_games(history)
    played = history[history["played"].fillna(False).astype(bool)].rename(columns={"game_date": "seen"})
    appearances = played.merge(games, on=[*_TEAM, "seen"]).sort_values(["seen", "team_abbr"])
    last = _last_appearances(dates, appearances.drop(columns="played"), games)
    members = _teams_of_players(listed, current, last).merge(targets, on=_TEAM_DATE)
    players, unplaced = _with_lines(members, targets, _plain(lines[["game_id", "player_lookup"]]), rosters, appearances)
    players = players.merge(current, on=_TEAM_DATE, how="left")
    origin = pd.Series(INFERRED, index=players.index, dtype="string").mask(players["roster_date"].notna(), FROM_ROSTER)
    players["row_origin"] = origin.mask(players["only_line"], FROM_LINE)
    named = rosters.sort_values(["roster_date", "team_abbr"]).drop(columns="team_abbr")
    described = _latest(dates, named, "roster_date", "player_lookup", on_date=True).drop(columns="roster_date")
    players = players.merge(described, on=_PLAYER_DATE, how="left")
    players = players.sort_values(["game_date", "game_id", "team_abbr", "player_lookup"], ignore_index=True)
    texts = dict.fromkeys(["game_id", "team_abbr", "player_lookup", "position"], "string")
    players = players[_PLAYER_COLUMNS].astype(texts | {"is_two_way": "boolean"})
    return ExpectedPlayers(players=players, unplaced_lines=unplaced.astype("string"))


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with keys of one dtype each, so that they can be joined whatever table they come from."""
    kinds = {"season_year": "int64", "game_date": "datetime64[ns]", "roster_date": "datetime64[ns]"}
    texts = dict.fromkeys(("game_id", "team_abbr", "player_lookup"), "object")
    return rows.astype({name: kind for name, kind in (kinds | texts).items() if name in rows.columns})


def _latest(dates: pd.DataFrame, rows: pd.DataFrame, moment: str, entity: str, *, on_date: bool) -> pd.DataFrame:
    """For each date and entity its latest row of the season before the date, or also of the date itself.

    Rows of one entity and moment must differ in nothing, or be in an order that depends on their content only: the
    last one counts.
    """
    asked = dates.merge(rows[["season_year", entity]].drop_duplicates(), on="season_year").sort_values("game_date")
    found = pd.merge_asof(
        asked,
        rows.sort_values(moment, kind="stable"),
        left_on="game_date",
        right_on=moment,
        by=["season_year", entity],
        allow_exact_matches=on_date,
    )
    return found[found[moment].notna()]


def _numbered_games(history: pd.DataFrame) -> pd.DataFrame:
    """Games of each team and season with their date (``seen``) and ``number``."""
    games = history[_TEAM_DATE].drop_duplicates().sort_values(_TEAM_DATE).rename(columns={"game_date": "seen"})
    return games.assign(number=games.groupby(_TEAM).cumcount())


def _last_appearances(dates: pd.DataFrame, appearances: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    """Every player's last appearance before each date: ``team_abbr``, ``seen``, and ``recent``: whether it was in one
    of that team's last ten games."""
    last = _latest(dates, appearances, "seen", "player_lookup", on_date=False)
    latest_games = _latest(dates, games, "seen", "team_abbr", on_date=False)
    latest_games = latest_games[[*_TEAM_DATE, "number"]].rename(columns={"number": "latest_number"})
    last = last.merge(latest_games, on=_TEAM_DATE)
    return last.assign(recent=last["number"] > last["latest_number"] - RECENT_GAMES)


def _teams_of_players(listed: pd.DataFrame, current: pd.DataFrame, last: pd.DataFrame) -> pd.DataFrame:
    """One team per player and date: that of the latest evidence.

    Args:
        listed: Members of each team's latest roster.
        current: Date of each team's latest roster.
        last: Answer of :func:`_last_appearances`.
    """
    last_seen = last[[*_PLAYER_DATE, "team_abbr", "seen"]].rename(columns={"team_abbr": "last_team"})
    listed = listed[[*_TEAM_DATE, "player_lookup", "roster_date"]].merge(last_seen, on=_PLAYER_DATE, how="left")
    played_there = listed["last_team"] == listed["team_abbr"]
    # Whoever played for another team since is no longer on this one, wherever he is now.
    stays = ~(listed["seen"] > listed["roster_date"]) | played_there
    listed = listed.assign(since=listed["roster_date"], by_roster=True, played_there=played_there)[stays]
    seen = last[last["recent"]].merge(current, on=_TEAM_DATE, how="left")
    # A later roster of that team either names him, which is evidence of its own, or says that he left.
    seen = seen[~(seen["roster_date"] >= seen["seen"])]
    seen = seen.assign(since=seen["seen"], by_roster=False, played_there=True)
    order = ["since", "by_roster", "played_there", "team_abbr"]
    columns = [*_PLAYER_DATE, *order]
    evidence = pd.concat([listed[columns], seen[columns]], ignore_index=True)
    # On rosters of two teams of one date: the team he played for last, then the order of teams.
    evidence = evidence.sort_values(order, ascending=[False, False, False, True])
    return evidence.drop_duplicates(_PLAYER_DATE)[[*_PLAYER_DATE, "team_abbr"]]


def _with_lines(
    members: pd.DataFrame,
    targets: pd.DataFrame,
    lines: pd.DataFrame,
    rosters: pd.DataFrame,
    appearances: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Members and the players whom only a line names, told by ``only_line``; and the lines that give nobody a row."""
    key = ["game_id", "player_lookup"]
    lines = lines.drop_duplicates().merge(targets[["game_id", *_SEASON_DATE]].drop_duplicates(), on="game_id")
    lines["has_line"] = True
    undated = pd.Series(pd.NaT, index=members.index, dtype="datetime64[ns]")
    members = members.assign(only_line=False, since=undated, by_roster=False)
    members = members.merge(lines[[*key, "has_line"]], on=key, how="left")
    members["has_line"] = members["has_line"].notna()
    # Whoever has a line on a game of his team needs no further evidence, and hardly a line is left after him.
    settled = members.loc[members["has_line"], _PLAYER_DATE].drop_duplicates().assign(settled=True)
    open_lines = lines.merge(settled, on=_PLAYER_DATE, how="left")
    open_lines = open_lines[open_lines["settled"].isna()].drop(columns="settled")
    named = [rosters.rename(columns={"roster_date": "since"}), appearances.rename(columns={"seen": "since"})]
    named = [rows.assign(by_roster=by) for rows, by in zip(named, (True, False), strict=True)]
    evidence = pd.concat([rows[[*_TEAM, "player_lookup", "since", "by_roster"]] for rows in named], ignore_index=True)
    sides = open_lines.merge(targets[["game_id", "team_abbr"]], on="game_id")
    found = sides.merge(evidence.drop_duplicates(), on=[*_TEAM, "player_lookup"])
    # A roster of the date is known before the game, an appearance on the date is not.
    in_time = (found["since"] < found["game_date"]) | (found["by_roster"] & (found["since"] == found["game_date"]))
    found = found[in_time].assign(only_line=True)
    every = pd.concat([members, found[members.columns]], ignore_index=True)
    # Nobody plays twice on a date: his line says in which game, and where it does not say for whom, his team does.
    order = ["has_line", "only_line", "since", "by_roster", "game_id", "team_abbr"]
    every = every.sort_values(order, ascending=[False, True, False, False, True, True])
    players = every.drop_duplicates(_PLAYER_DATE).drop(columns=["since", "by_roster", "has_line"])
    unplaced = lines[key].merge(players[key], on=key, how="left", indicator="found")
    unplaced = unplaced.loc[unplaced["found"] == "left_only", key]
    return players, unplaced.sort_values(key, ignore_index=True)
