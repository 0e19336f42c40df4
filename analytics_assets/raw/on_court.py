"""Reading reduced line-ups: who the players are, and whether the source accounts for all of the late game."""

from collections.abc import Sequence

import pandas as pd

from analytics_assets.raw.on_court_reduction import OVERTIME_SECONDS, QUARTER_SECONDS
from analytics_assets.raw.play_by_play import listed_lookups
from analytics_assets.raw.row_sieve import RowSieve, drop_superseded, match_games

TEAM_ON_COURT = 5
# Share of a team's time that may be unaccounted for; a real feed names all ten at every moment the clock runs.
SECONDS_TOLERANCE = 0.01
LATE_GAME_COLUMNS = ["game_id", "team_abbr", "player_lookup", "fourth_quarter_minutes", "clutch_minutes"]
LATE_GAME_COLUMNS += ["fourth_quarter_points", "late_game_source"]

_PLAYER = ["game_id", "team_abbr", "player_lookup"]
_SECONDS = ["fourth_quarter_seconds", "overtime_seconds", "clutch_seconds"]
_POINTS = ["points", "fourth_quarter_points"]


def interpret_late_game(
    reduced: pd.DataFrame, source: str, games: pd.DataFrame, listed: pd.DataFrame, lines: pd.DataFrame
) -> pd.DataFrame:
    """What one source tells of the late game, for everyone who played in a game of which it has events.

    Minutes are known for a team whose players' seconds add up to five times the fourth quarter, and with it to five
    times all overtimes, within one percent: then somebody who was never on court has 0. Points are known for a player
    whose points in the events equal those of his box line. Events of unknown games and players count for nobody.

    Args:
        reduced: Answer of ``count_late_seconds``, with a unique index.
        source: Name of the raw table.
        games: ``Schedule.games``.
        listed: ``game_id``, ``player_lookup`` and ``nba_player_id`` (NULL if unknown) of the players whom any box
            score lists.
        lines: Box lines of those who played: ``game_id``, ``team_abbr``, ``player_lookup``, ``points``.

    Returns:
        ``LATE_GAME_COLUMNS``: minutes on court in the fourth quarter and in clutch time (decimal), points in the fourth
        quarter; NULL where they are not known. ``late_game_source`` is the source.
    """
    rows = _counts_per_player(_of_known_games(reduced, games), listed)
    found = lines[[*_PLAYER, "points"]].rename(columns={"points": "box_points"})
    found = found.merge(rows.groupby("game_id", as_index=False)["periods"].max(), on="game_id")
    counts = rows[["game_id", "player_lookup", *_SECONDS, *_POINTS]]
    found = found.merge(counts, on=["game_id", "player_lookup"], how="left")
    known = _accounted_for(found)
    no_scores = rows.loc[rows["clutch_seconds"].isna() & rows["fourth_quarter_seconds"].notna(), "game_id"]
    scored = found["points"].fillna(0)
    points_agree = (scored == found["box_points"].astype("Int64")).fillna(False).astype(bool)
    return found.assign(
        fourth_quarter_minutes=_minutes(found["fourth_quarter_seconds"]).where(known),
        clutch_minutes=_minutes(found["clutch_seconds"]).where(known & ~found["game_id"].isin(no_scores)),
        fourth_quarter_points=found["fourth_quarter_points"].fillna(0).astype("Int64").where(points_agree),
        late_game_source=pd.Series(source, index=found.index, dtype="string"),
    )[LATE_GAME_COLUMNS]


def choose_late_game(sources: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One source for each game: the first that accounts for both teams' minutes, else the first with any events.

    Args:
        sources: Answers of :func:`interpret_late_game`, best first.

    Returns:
        ``LATE_GAME_COLUMNS``, ordered by game, team and player.
    """
    parts = [rows.assign(rank=rank) for rank, rows in enumerate(sources)]
    # Frames without rows have no dtypes that could count.
    every = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    lacks = every["fourth_quarter_minutes"].isna()
    every["lacks_minutes"] = lacks.groupby([every["game_id"], every["rank"]]).transform("any")
    best = every.sort_values(["game_id", "lacks_minutes", "rank"]).drop_duplicates("game_id")[["game_id", "rank"]]
    chosen = every.merge(best, on=["game_id", "rank"])[LATE_GAME_COLUMNS]
    return chosen.sort_values(_PLAYER, ignore_index=True)


def _of_known_games(reduced: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    """Rows with the schedule's ``game_id``; of a game under two ids those written last."""
    identity = reduced[["game_id", "nba_game_id", "game_date", "processed_at"]]
    by_game = identity.groupby(["game_id", "game_date"], as_index=False)[["nba_game_id", "processed_at"]].max()
    sieve = RowSieve(by_game)
    match_games(sieve, games)
    drop_superseded(sieve, ["game_id"], "game")
    known = sieve.rows.set_index("raw_game_id")["game_id"]
    rows = reduced.assign(game_id=reduced["game_id"].map(known).astype("string"))
    return rows[rows["game_id"].notna()]


def _counts_per_player(rows: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Rows with the lookup of the box scores; names and ids of one player are added up."""
    named = rows["player"].astype("string")
    ids = pd.to_numeric(named.where(named.str.fullmatch(r"\d+")), errors="coerce").astype("Int64")
    who = pd.DataFrame({"game_id": rows["game_id"], "player_id": ids, "player_lookup": named.mask(ids.notna())})
    rows = rows.assign(player_lookup=listed_lookups(who, listed))
    by_player = rows.groupby(["game_id", "player_lookup"])
    summed = by_player[[*_SECONDS, *_POINTS]].sum(min_count=1)
    return summed.assign(periods=by_player["periods"].max()).reset_index()


def _accounted_for(found: pd.DataFrame) -> pd.Series:
    """Whether the seconds of the player's team add up to five players' time."""
    team = [found["game_id"], found["team_abbr"]]
    overtimes = (found["periods"].astype("float64") - 4).clip(lower=0)
    fits = pd.Series(True, index=found.index)
    for name, due in (("fourth_quarter", QUARTER_SECONDS), ("overtime", OVERTIME_SECONDS * overtimes)):
        total = found[f"{name}_seconds"].fillna(0).groupby(team).transform("sum")
        fits &= (total - TEAM_ON_COURT * due).abs() <= SECONDS_TOLERANCE * TEAM_ON_COURT * due
    return fits


def _minutes(seconds: pd.Series) -> pd.Series:
    return seconds.astype("float64").fillna(0) / 60
