"""Faults of box scores, of the player registry and of the schedule."""

import pandas as pd

from analytics_assets.demo.faulty_league import Fault, FaultyLeague, PickedGame, told_dates
from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    PLAYER_REGISTRY,
)
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.operations import Outcome

PLAYER_TABLES = (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAYER_BOXSCORES, BDL_PLAYER_BOXSCORES)
BOX_TABLES = (*PLAYER_TABLES, NBAC_TEAM_BOXSCORE)
WRITTEN_AGAIN_AFTER = pd.Timedelta(hours=12)

_WRITTEN_EARLY_AFTER = pd.Timedelta(hours=1)
_POINTS_TOO_MANY = 3


def missing_day(league: FaultyLeague) -> Fault:
    """Nothing was scraped on one date."""
    day = league.pick_date()
    for table in BOX_TABLES:
        league.drop(table, league.rows_on(table, [day]))
    return Fault(
        name="missing day",
        tables=_names(*BOX_TABLES),
        dates=told_dates([day]),
        game_id=None,
        done="all rows of the date are gone from every box source",
        shows="no rows, the date stays missing",
        player_outcome=Outcome.NO_RAW_DATA,
        team_outcome=Outcome.NO_RAW_DATA,
    )


def missing_game(league: FaultyLeague) -> Fault:
    """One game of several was not scraped."""
    game = league.pick_game()
    for table in BOX_TABLES:
        league.drop(table, league.rows_of(table, game))
    return Fault(
        name="missing game",
        tables=_names(*BOX_TABLES),
        dates=told_dates([game.game_date]),
        game_id=game.game_id,
        done="all rows of the game are gone from every box source",
        shows="rows of the date's other games",
        player_outcome=Outcome.PARTIAL_RAW_DATA,
        team_outcome=Outcome.PARTIAL_RAW_DATA,
    )


def gamebook_lacks_a_team(league: FaultyLeague) -> Fault:
    """The gamebook has only one side of a game."""
    game, table = league.pick_game(), NBAC_GAMEBOOK_PLAYER_STATS
    league.drop(table, league.rows_of(table, game) & (league.frames[table.name]["team_abbr"] == game.away))
    return Fault(
        name="source lacks a team",
        tables=_names(table),
        dates=told_dates([game.game_date]),
        game_id=game.game_id,
        done=f"the rows of {game.away} are gone from the gamebook",
        shows=f"rows of {game.away} from {NBAC_PLAYER_BOXSCORES.name} with issue backup_source_used, those of "
        f"{game.home} from the gamebook",
    )


def gamebook_lacks_a_starter(league: FaultyLeague) -> Fault:
    """The gamebook lacks the row of a starter, so its points no longer add up to the score."""
    game = league.pick_game()
    name = _drop_best_starter(league, game, [NBAC_GAMEBOOK_PLAYER_STATS])
    return Fault(
        name="source lacks a starter",
        tables=_names(NBAC_GAMEBOOK_PLAYER_STATS),
        dates=told_dates([game.game_date]),
        game_id=game.game_id,
        done=f"the row of {name} ({game.home}) is gone from the gamebook",
        shows=f"rows of {game.home} from {NBAC_PLAYER_BOXSCORES.name} with issue backup_source_used",
    )


def two_sources_lack_a_starter(league: FaultyLeague) -> Fault:
    """The two better sources lack the row of a starter; the last resort adds up."""
    game = league.pick_game()
    tables = (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAYER_BOXSCORES)
    name = _drop_best_starter(league, game, list(tables))
    return Fault(
        name="two sources lack a starter",
        tables=_names(*tables),
        dates=told_dates([game.game_date]),
        game_id=game.game_id,
        done=f"the row of {name} ({game.home}) is gone from the gamebook and from NBA.com's box",
        shows=f"rows of {game.home} from {BDL_PLAYER_BOXSCORES.name}, whole minutes, below tier gold",
    )


def _drop_best_starter(league: FaultyLeague, game: PickedGame, tables: list[Table]) -> str:
    """Drop the home starter with most points from the tables; his name."""
    rows = league.frames[NBAC_GAMEBOOK_PLAYER_STATS.name]
    own = rows[league.rows_of(NBAC_GAMEBOOK_PLAYER_STATS, game) & (rows["team_abbr"] == game.home)]
    starters = own[own["starter"].astype(bool)]
    best = starters.loc[starters["points"].astype("int64").idxmax()]
    for table in tables:
        who = league.frames[table.name]["player_lookup"] == best["player_lookup"]
        league.drop(table, league.rows_of(table, game) & who)
    return str(best["player_name"])


def corrected_duplicates(league: FaultyLeague) -> Fault:
    """A game's gamebook came twice, corrected the second time, under the reversed game id."""
    game, table = league.pick_game(), NBAC_GAMEBOOK_PLAYER_STATS
    rows = league.frames[table.name][league.rows_of(table, game)]
    loser = rows["steals"].fillna(-1).astype("int64").idxmax()
    mates = rows[(rows["team_abbr"] == rows.at[loser, "team_abbr"]) & (rows["player_status"] == "active")]
    winner = mates.index[mates.index != loser][0]
    steals = rows["steals"] + (rows.index == winner).astype(int) - (rows.index == loser).astype(int)
    written = rows["processed_at"] + WRITTEN_AGAIN_AFTER
    league.add(table, rows.assign(game_id=game.reversed_game_id, steals=steals, processed_at=written))
    return Fault(
        name="duplicates, corrected later",
        tables=_names(table),
        dates=told_dates([game.game_date]),
        game_id=game.game_id,
        done=f"all rows stand again under {game.reversed_game_id}, written twelve hours later; a steal of "
        f"{rows.at[loser, 'player_name']} went to {rows.at[winner, 'player_name']}",
        shows="every player once, with the corrected steals; the older rows quarantined as duplicate_superseded",
    )


def overtime_without_player_minutes(league: FaultyLeague) -> Fault:
    """A game with overtime, and no player source knows minutes."""
    game = league.pick_game(league.games["has_overtime"])
    for table in PLAYER_TABLES:
        league.change(table, league.rows_of(table, game), minutes=None)
    return Fault(
        name="overtime without player minutes",
        tables=_names(*PLAYER_TABLES),
        dates=told_dates([game.game_date]),
        game_id=game.game_id,
        done="minutes are NULL in all three player sources",
        shows="overtime_periods from the team box; players with issue minutes_missing, usage_rate NULL",
    )


def overtime_without_any_minutes(league: FaultyLeague) -> Fault:
    """A game with overtime, and no box source knows minutes."""
    game = league.pick_game(league.games["has_overtime"])
    for table in BOX_TABLES:
        league.change(table, league.rows_of(table, game), minutes=None)
    return Fault(
        name="overtime without any minutes",
        tables=_names(*BOX_TABLES),
        dates=told_dates([game.game_date]),
        game_id=game.game_id,
        done="minutes are NULL in all player sources and in the team box",
        shows="overtime_periods from play-by-play; players with issue minutes_missing, usage_rate NULL",
    )


def players_above_the_score(league: FaultyLeague) -> Fault:
    """On one date every player source credits someone of every home team with points that he did not score."""
    day = league.pick_date()
    for table in PLAYER_TABLES:
        rows = league.frames[table.name]
        at_home = rows["game_id"].str[-3:] == rows["team_abbr"]
        scorers = rows[league.rows_on(table, [day]) & at_home & (rows["points"] > 0)]
        first = rows.index.isin(scorers.drop_duplicates("game_id").index)
        league.change(table, pd.Series(first, index=rows.index), points=rows["points"] + _POINTS_TOO_MANY)
    return Fault(
        name="players contradict the score",
        tables=_names(*PLAYER_TABLES),
        dates=told_dates([day]),
        game_id=None,
        done=f"one player of every home team has {_POINTS_TOO_MANY} points too many in all three player sources",
        shows="no player rows; both team tables built from the team box",
        player_outcome=Outcome.INVALID,
    )


def team_box_against_the_score(league: FaultyLeague) -> Fault:
    """The team box of one team does not have the points of the score."""
    game, table = league.pick_game(), NBAC_TEAM_BOXSCORE
    rows = league.frames[table.name]
    own = league.rows_of(table, game) & (rows["team_abbr"] == game.home)
    league.change(table, own, points=rows["points"] + _POINTS_TOO_MANY)
    return Fault(
        name="team box contradicts the score",
        tables=_names(table),
        dates=told_dates([game.game_date]),
        game_id=game.game_id,
        done=f"{game.home} has {_POINTS_TOO_MANY} points too many in the team box",
        shows=f"team rows of {game.home} from its players' sums with issues reconstructed and team_turnovers_missing; "
        "player rows with issue team_turnovers_missing",
    )


def stale_day(league: FaultyLeague) -> Fault:
    """The rows of one date say that they were last written before its games ended."""
    day = league.pick_date()
    schedule = league.frames[NBAC_SCHEDULE.name]
    early = schedule.loc[schedule["game_date"] == day, "tipoff_at"].min() + _WRITTEN_EARLY_AFTER
    for table in BOX_TABLES:
        league.change(table, league.rows_on(table, [day]), processed_at=early)
    return Fault(
        name="stale sources",
        tables=_names(*BOX_TABLES),
        dates=told_dates([day]),
        game_id=None,
        done="processed_at of all box rows is an hour after the first tip-off",
        shows="built in a backfill, with a warning of stale raw data; a live run would fail",
    )


def unregistered_star(league: FaultyLeague) -> Fault:
    """The registry does not know a player whom everybody knows."""
    game = league.pick_game()
    rows = league.frames[NBAC_GAMEBOOK_PLAYER_STATS.name]
    registry = league.frames[PLAYER_REGISTRY.name]
    registered = rows[rows["player_lookup"].isin(registry["player_lookup"])]
    own = registered[(registered["game_id"] == game.game_id) & (registered["team_abbr"] == game.home)]
    star = own.loc[own["points"].fillna(-1).astype("int64").idxmax()]
    league.drop(PLAYER_REGISTRY, registry["player_lookup"] == star["player_lookup"])
    return Fault(
        name="unknown player",
        tables=_names(PLAYER_REGISTRY),
        dates=told_dates([game.game_date]),
        game_id=game.game_id,
        done=f"{star['player_name']} ({game.home}) is not in the registry, all season long",
        shows="his rows with universal_player_id NULL and issue universal_player_id_missing",
    )


def schedule_lacks_a_date(league: FaultyLeague) -> Fault:
    """The schedule has no games on a date on which box rows say that games were played."""
    # Without its first date a schedule would only seem to begin later.
    day = league.pick_game(league.games["game_date"] > league.games["game_date"].min()).game_date
    league.drop(NBAC_SCHEDULE, league.rows_on(NBAC_SCHEDULE, [day]))
    return Fault(
        name="date missing in the schedule",
        tables=_names(NBAC_SCHEDULE),
        dates=told_dates([day]),
        game_id=None,
        done="the date's games are gone from the schedule, their box rows are there",
        shows="no rows: no off-day, because box rows contradict it",
        player_outcome=Outcome.NO_SCHEDULE,
        team_outcome=Outcome.NO_SCHEDULE,
    )


def _names(*tables: Table) -> tuple[str, ...]:
    return tuple(table.name for table in tables)
