"""Demo games, box scores and rosters written as frames with exactly the columns that the raw tables declare."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from analytics_assets.demo.box_scores import ACTIVE, SeasonBoxScores
from analytics_assets.demo.calendar import FIRST_SEASON_WITH_CUP
from analytics_assets.demo.random_streams import random_stream
from analytics_assets.demo.rosters import Players, SeasonRosters
from analytics_assets.league.games import GameType, canonical_game_ids
from analytics_assets.league.teams import TRICODES
from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    BIGDATABALL_PLAY_BY_PLAY,
    BOX_COUNTS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAY_BY_PLAY,
    NBAC_PLAYER_BOXSCORES,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.declarations.schedule import FINAL, IN_PROGRESS, SCHEDULED
from analytics_assets.tables.declaration import Table

FINAL_AFTER = timedelta(hours=3, minutes=30)
_SCHEDULE_WRITTEN_AFTER = timedelta(hours=3)
# When a table's rows of a game are written, after tip-off; a game's rows are up to fifteen minutes later.
WRITTEN_AFTER = {
    NBAC_PLAYER_BOXSCORES.name: timedelta(hours=2, minutes=40),
    NBAC_PLAY_BY_PLAY.name: timedelta(hours=2, minutes=42),
    NBAC_TEAM_BOXSCORE.name: timedelta(hours=2, minutes=45),
    NBAC_GAMEBOOK_PLAYER_STATS.name: timedelta(hours=3),
    BIGDATABALL_PLAY_BY_PLAY.name: timedelta(hours=3, minutes=10),
    BDL_PLAYER_BOXSCORES.name: timedelta(hours=3, minutes=14),
}
_LATER_BY_SECONDS = 15 * 60
_SIZED = (pd.Series, np.ndarray, list)
_DATA_SOURCE = "demo_league"
# Above every id that NBA.com has given out, so that an invented player never carries a real one's id.
FIRST_NBA_PLAYER_ID = 9_000_001


def schedule_frame(games: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Rows of ``nbac_schedule`` as the schedule stands at ``now``.

    Args:
        games: All games of one season.
        now: Moment of the look; games that are not known yet are left out, results appear once final.
    """
    games = games[games["known_at"] <= now]
    final = games["tipoff_at"] + FINAL_AFTER <= now
    running = (games["tipoff_at"] <= now) & ~final
    season_year = games["season_year"]
    types = [kind.value for kind in GameType]
    before_cup = [kind for kind in types if kind != GameType.CUP_FINAL.value]
    return _declared(
        NBAC_SCHEDULE,
        {
            "game_id": games["nba_game_id"],
            "game_date": games["game_date"],
            "season_year": season_year,
            "game_status": np.select([final, running], [FINAL, IN_PROGRESS], SCHEDULED),
            "home_team_tricode": games["home_tricode"],
            "away_team_tricode": games["away_tricode"],
            "home_team_score": games["home_points"].astype("Int64").where(final),
            "away_team_score": games["away_points"].astype("Int64").where(final),
            "tipoff_at": games["tipoff_at"],
            "arena_name": games["arena_name"],
            "arena_city": games["arena_city"],
            "neutral_site_flag": games["neutral_site"],
            "is_primetime": games["national_tv"],
            "covered_game_types": [list(types if y >= FIRST_SEASON_WITH_CUP else before_cup) for y in season_year],
            "data_source": _DATA_SOURCE,
            "processed_at": (games["tipoff_at"] + _SCHEDULE_WRITTEN_AFTER).where(final, games["known_at"]),
        },
    )


def registry_frame(players: Players, rosters: SeasonRosters, season_year: int, written_at: datetime) -> pd.DataFrame:
    """Rows of ``player_registry`` for one season: everyone on a roster but the unregistered."""
    numbers = np.setdiff1d(rosters.before, rosters.unregistered)
    return _declared(
        PLAYER_REGISTRY,
        {
            "player_lookup": players.lookups[numbers],
            "season_year": season_year,
            "universal_player_id": [f"demo-{number + 1:06d}" for number in numbers],
            "nba_player_id": numbers + FIRST_NBA_PLAYER_ID,
            "player_name": players.names[numbers],
            "birth_date": pd.to_datetime(players.birth_dates[numbers]).as_unit("ns"),
            "processed_at": pd.Timestamp(written_at),
        },
    )


def about_games(seed: int, games: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """What rows of any table say about their game.

    Args:
        seed: The league's seed.
        games: The season's counted games.
        now: Moment of the look.

    Returns:
        One row per game: ``game_id`` (``YYYYMMDD_AWAY_HOME``), ``nba_game_id``, ``game_date``, ``season_year``,
        ``is_final`` at ``now``, and ``wrote_first``, to which ``WRITTEN_AFTER`` is added for a table's rows.
    """
    random = random_stream(seed, int(games["season_year"].iloc[0]), "writing")
    later = pd.Series(pd.to_timedelta(random.integers(0, _LATER_BY_SECONDS, len(games)), unit="s"), index=games.index)
    game_ids = canonical_game_ids(games["game_date"], games["away_tricode"], games["home_tricode"])
    return pd.DataFrame(
        {
            "game_id": game_ids.astype(object),
            "nba_game_id": games["nba_game_id"],
            "game_date": games["game_date"],
            "season_year": games["season_year"],
            "is_final": games["tipoff_at"] + FINAL_AFTER <= now,
            "wrote_first": games["tipoff_at"] + later,
        }
    )


def box_score_frames(
    seed: int, players: Players, games: pd.DataFrame, boxes: SeasonBoxScores, now: datetime
) -> dict[str, pd.DataFrame]:
    """Rows of the four box score tables for the games that are final at ``now``.

    Args:
        seed: The league's seed.
        players: All players of the league.
        games: The season's counted games, in the order of ``boxes``.
        boxes: Box scores of these games.
        now: Moment of the look.
    """
    about = about_games(seed, games, now)
    final = about["is_final"].to_numpy()
    listed = boxes.player_rows[final[boxes.player_rows["game"]]]
    played = listed[listed["status"] == ACTIVE]
    teams = boxes.team_rows[final[boxes.team_rows["game"]]]

    def game_part(rows: pd.DataFrame, table: Table) -> dict[str, object]:
        part = about.take(rows["game"].to_numpy())
        columns = {name: part[name].to_numpy() for name in ("game_id", "nba_game_id", "game_date", "season_year")}
        written = (part["wrote_first"] + WRITTEN_AFTER[table.name]).reset_index(drop=True)
        return {**columns, "processed_at": written}

    def player_part(rows: pd.DataFrame, table: Table) -> dict[str, object]:
        numbers = rows["player"].to_numpy()
        did_play = rows["status"].to_numpy() == ACTIVE
        return {
            **game_part(rows, table),
            "player_lookup": players.lookups[numbers],
            "player_name": players.names[numbers],
            "nba_player_id": numbers + FIRST_NBA_PLAYER_ID,
            "team_abbr": np.array(TRICODES, dtype=object)[rows["team"]],
            "minutes": _unless(~did_play, _clock(rows["seconds"].to_numpy())),
            **{name: _nullable(rows[name], did_play) for name in BOX_COUNTS},
        }

    return {
        NBAC_GAMEBOOK_PLAYER_STATS.name: _declared(
            NBAC_GAMEBOOK_PLAYER_STATS,
            {
                **player_part(listed, NBAC_GAMEBOOK_PLAYER_STATS),
                "player_status": listed["status"].to_numpy(),
                "dnp_reason": listed["reason"].to_numpy(),
                "starter": listed["starter"].to_numpy(),
                "plus_minus": _nullable(listed["plus_minus"], listed["status"].to_numpy() == ACTIVE),
            },
        ),
        NBAC_PLAYER_BOXSCORES.name: _declared(
            NBAC_PLAYER_BOXSCORES,
            {
                **player_part(played, NBAC_PLAYER_BOXSCORES),
                "game_status": "Final",
                "starter": played["starter"].to_numpy(),
                "minutes_are_rounded": False,
                "plus_minus": played["plus_minus"].to_numpy(),
            },
        ),
        BDL_PLAYER_BOXSCORES.name: _declared(
            BDL_PLAYER_BOXSCORES,
            {**player_part(played, BDL_PLAYER_BOXSCORES), "minutes": _whole_minutes(played["seconds"].to_numpy())},
        ),
        NBAC_TEAM_BOXSCORE.name: _declared(
            NBAC_TEAM_BOXSCORE,
            {
                **game_part(teams, NBAC_TEAM_BOXSCORE),
                "team_abbr": np.array(TRICODES, dtype=object)[teams["team"]],
                "is_home": teams["is_home"].to_numpy(),
                "minutes": _clock(teams["seconds"].to_numpy()),
                **{name: teams[name].to_numpy() for name in BOX_COUNTS},
                "plus_minus": teams["plus_minus"].to_numpy(),
            },
        ),
    }


def texts(vocabulary: Sequence[str] | np.ndarray | pd.Series, codes: np.ndarray | pd.Series) -> ExtensionArray:
    """Texts by their position in a vocabulary, NULL for -1; far cheaper than making millions of texts."""
    return pd.array(np.asarray(vocabulary, dtype=object), dtype="string").take(np.asarray(codes), allow_fill=True)


def _declared(table: Table, columns: Mapping[str, object]) -> pd.DataFrame:
    """Frame with the table's columns in its order; columns that are not given are NULL."""
    lengths = [len(values) for values in columns.values() if isinstance(values, _SIZED)]
    index = pd.RangeIndex(max(lengths, default=0))
    frame = {}
    for name in table.column_names:
        values = columns.get(name)
        if values is None:
            values = np.full(len(index), None, dtype=object)
        frame[name] = values.set_axis(index) if isinstance(values, pd.Series) else values
    return pd.DataFrame(frame, index=index)


def _nullable(values: pd.Series, known: np.ndarray) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(values.to_numpy(dtype="int64"), ~known)


def _unless(missing: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values with NULL where they are missing."""
    return pd.Series(values, dtype=object).mask(missing, None).to_numpy()


def _clock(seconds: np.ndarray) -> np.ndarray:
    """``MM:SS``; a table of all values is far cheaper than formatting row by row."""
    if not len(seconds):
        return np.array([], dtype=object)
    texts = np.array([f"{value // 60:02d}:{value % 60:02d}" for value in range(int(seconds.max()) + 1)], dtype=object)
    return texts[seconds]


def _whole_minutes(seconds: np.ndarray) -> np.ndarray:
    minutes = (seconds + 30) // 60
    texts = np.array([str(value) for value in range(100)], dtype=object)
    return texts[minutes]
