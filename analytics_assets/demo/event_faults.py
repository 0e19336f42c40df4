"""Faults of play-by-play and of betting lines."""

import pandas as pd

from analytics_assets.demo.box_faults import WRITTEN_AGAIN_AFTER
from analytics_assets.demo.faulty_league import Fault, FaultyLeague, told_dates
from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    BIGDATABALL_PLAY_BY_PLAY,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAY_BY_PLAY,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
)

_PREFIXED_DATES = 7
_LOST_PERIOD = 3


def events_twice(league: FaultyLeague) -> Fault:
    """A game's play-by-play came twice, the second time under the reversed game id."""
    game, table = league.pick_game(league.games["in_bigdataball"]), BIGDATABALL_PLAY_BY_PLAY
    rows = league.frames[table.name][league.rows_of(table, game)]
    written = rows["processed_at"] + WRITTEN_AGAIN_AFTER
    league.add(table, rows.assign(game_id=game.reversed_game_id, processed_at=written))
    return Fault(
        name="reversed game id in play-by-play",
        tables=(table.name,),
        dates=told_dates([game.game_date]),
        game_id=game.game_id,
        done=f"all events stand again under {game.reversed_game_id}, written twelve hours later",
        shows="zones and assisted makes as in the box, not doubled; one copy refused as duplicate_superseded",
    )


def prefixed_lookups(league: FaultyLeague) -> Fault:
    """For some days BigDataBall puts a number of its own before players' names."""
    dates, table = league.pick_stretch(_PREFIXED_DATES), BIGDATABALL_PLAY_BY_PLAY
    players = league.frames[NBAC_GAMEBOOK_PLAYER_STATS.name].drop_duplicates("player_lookup")
    number = players.set_index("player_lookup")["nba_player_id"].astype("string")
    prefixed = {name: f"{digits}{name}" for name, digits in number.items()}
    rows, where = league.frames[table.name], league.rows_on(table, dates)
    told = rows.loc[where, "players_on_court"]
    on_court = told.map(lambda names: None if names is None else [prefixed[name] for name in names])
    actors, helpers = (rows[name].map(prefixed) for name in ("player_1_lookup", "player_2_lookup"))
    columns = {"player_1_lookup": actors, "player_2_lookup": helpers, "players_on_court": on_court.reindex(rows.index)}
    league.change(table, where, **columns)
    example = actors.dropna().iloc[0]
    return Fault(
        name="numbers before player names",
        tables=(table.name,),
        dates=told_dates(dates),
        game_id=None,
        done=f"all names begin with a number, such as {example}",
        shows="shot zones and assisted makes as on any other date",
    )


def broken_events(league: FaultyLeague) -> Fault:
    """On one date the play-by-play of every game has lost a period."""
    day = league.pick_date()
    # Which of both sources has games on the date is a matter of chance.
    tables = [table for table in (BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY) if league.rows_on(table, [day]).any()]
    for table in tables:
        league.drop(table, league.rows_on(table, [day]) & (league.frames[table.name]["period"] == _LOST_PERIOD))
    return Fault(
        name="broken play-by-play",
        tables=tuple(table.name for table in tables),
        dates=told_dates([day]),
        game_id=None,
        done="the events of the third period are gone from every game",
        shows="box columns as always; zones, and-ones and assisted makes NULL with issue shot_zones_contradict_box",
    )


def only_in_game_lines(league: FaultyLeague) -> Fault:
    """Of one game there are only lines that were taken while it was played."""
    game = league.pick_game(league.games["has_in_game_lines"])
    for table in (ODDS_API_PLAYER_POINTS_PROPS, ODDS_API_GAME_LINES):
        rows = league.frames[table.name]
        early: pd.Series = rows["snapshot_timestamp"] <= rows["tipoff_at"]
        league.drop(table, league.rows_of(table, game) & early)
    league.drop(BETTINGPROS_PLAYER_POINTS_PROPS, league.rows_of(BETTINGPROS_PLAYER_POINTS_PROPS, game))
    return Fault(
        name="only in-game lines",
        tables=(
            ODDS_API_PLAYER_POINTS_PROPS.name,
            ODDS_API_GAME_LINES.name,
            BETTINGPROS_PLAYER_POINTS_PROPS.name,
        ),
        dates=told_dates([game.game_date]),
        game_id=game.game_id,
        done="lines from before tip-off are gone, those taken during the game are there",
        shows="points_line NULL for all its players, with issue points_prop_unavailable",
    )
