"""Times ``status`` and ``plan`` over 25 seasons and five tables, as functions and as commands that start from nothing.

Run it from the project's root:

    .venv/bin/python benchmarks/status_and_plan.py [--repeat N] [--profile]

A temporary warehouse is filled with a made-up schedule, an attempt or two of every table and date, and as many rows as
the tables would hold; the last game dates of each season are left undone. Targets on two cores: ``status`` within one
second, ``plan`` within three. ``--profile`` also prints where the coverage grid, which both need, spends its time.
"""

import argparse
import cProfile
import io
import os
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analytics_assets.coverage.grid import coverage_grid
from analytics_assets.league.teams import TRICODES
from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.declaration import ColumnType, Table
from analytics_assets.tables.frames import conform
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.warehouse import Write
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse

NOW = datetime(2025, 7, 1, 12, tzinfo=UTC)
SEASONS = range(2000, 2025)
START, END = date(2000, 10, 20), date(2025, 6, 20)
TARGETS = {"status": 1.0, "plan": 3.0}
_REGULAR_DAYS, _PLAYOFF_DAYS, _UNDONE_DAYS = 176, 60, 3
_PLAYERS_A_GAME = 26
_DEFAULTS = {
    ColumnType.STRING: "''",
    ColumnType.INT64: "0",
    ColumnType.FLOAT64: "0.0",
    ColumnType.BOOL: "false",
    ColumnType.DATE: "game_date",
    ColumnType.TIMESTAMP: "TIMESTAMPTZ '2025-07-01 12:00:00+00'",
    ColumnType.STRING_ARRAY: "[]",
    ColumnType.JSON: "'{}'",
}


def main() -> None:
    """Fill a temporary warehouse and time."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--repeat", type=int, default=3, help="Times to run each; the fastest counts.")
    arguments.add_argument("--profile", action="store_true", help="Print a profile of the coverage grid.")
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        warehouse = DuckDBWarehouse(Path(directory) / "nba.duckdb")
        started = time.monotonic()
        _fill(warehouse)
        _say(f"filled in {time.monotonic() - started:.1f} s, {warehouse.path.stat().st_size / 2**20:,.0f} MiB")
        names, dates = [table.name for table in ANALYTICS_TABLES], date_range(START, END)
        _say(f"coverage grid: {_fastest(lambda: coverage_grid(warehouse, names, dates, NOW), wanted.repeat):.2f} s")
        if wanted.profile:
            _profile(lambda: coverage_grid(warehouse, names, dates, NOW))
        span = ("--start", f"{START}", "--end", f"{END}")
        for command in (("status",), ("status", "--json"), ("status", "--missing"), ("plan",), ("plan", "--json")):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = _fastest(lambda command=command: _call(directory, *command, *span), wanted.repeat)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / wanted.repeat
            target = TARGETS[command[0]]
            verdict = "within" if seconds <= target else "MISSES"
            told = f"{seconds:.2f} s ({used:.2f} s of processor time), {verdict} the target of {target:g} s"
            _say(f"nba-analytics {' '.join(command)}: {told}")
        _say(f"of which python starts and imports: {_fastest(lambda: _call(directory, '--help'), wanted.repeat):.2f} s")


def _fill(warehouse: DuckDBWarehouse) -> None:
    schedule = pd.concat([_season(year) for year in SEASONS], ignore_index=True)
    warehouse.ensure(NBAC_SCHEDULE, DATE_OUTCOMES, *ANALYTICS_TABLES)
    warehouse.merge_rows(NBAC_SCHEDULE, schedule)
    games = schedule[["game_date", "home_team_tricode", "away_team_tricode"]].assign(
        game_id=schedule["game_date"].dt.strftime("%Y%m%d_")
        + schedule["away_team_tricode"]
        + "_"
        + schedule["home_team_tricode"]
    )
    warehouse.commit([Write(DATE_OUTCOMES, _attempts(games))])
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.register("games", games)
        for table in ANALYTICS_TABLES:
            connection.execute(_rows_of(table))


def _season(year: int) -> pd.DataFrame:
    """Some 1,250 games: seven or eight on every date of the regular season but Thursdays, then one or two a day."""
    rng = np.random.default_rng(year)
    opening = date(year, 10, 20)
    rows = []
    for number in range(_REGULAR_DAYS + _PLAYOFF_DAYS):
        day = opening + timedelta(days=number)
        regular = number < _REGULAR_DAYS
        if regular and day.weekday() == 3:
            continue
        teams = rng.permutation(list(TRICODES))
        for game in range(rng.integers(7, 9) if regular else rng.integers(1, 3)):
            kind = "002" if regular else "004"
            rows.append((f"{kind}{year % 100:02d}{len(rows):05d}", day, teams[2 * game], teams[2 * game + 1]))
    frame = pd.DataFrame(rows, columns=["game_id", "game_date", "home_team_tricode", "away_team_tricode"])
    moment = pd.to_datetime(frame["game_date"]).dt.tz_localize("UTC") + pd.Timedelta(hours=24)
    more = {
        "season_year": year,
        "game_status": 3,
        "home_team_score": 101,
        "away_team_score": 99,
        "tipoff_at": moment,
        "covered_game_types": [["regular", "cup_final", "play_in", "playoffs"]] * len(frame),
        "data_source": "made up",
        "processed_at": moment + pd.Timedelta(hours=4),
    }
    return conform(frame.assign(**more), NBAC_SCHEDULE)


def _attempts(games: pd.DataFrame) -> pd.DataFrame:
    """One attempt of every table and date, two of every tenth; the last game dates of each season are undone."""
    days = pd.DataFrame({"game_date": pd.to_datetime(date_range(START, END))})
    days["games"] = days["game_date"].map(games.groupby("game_date").size()).fillna(0).astype(int)
    year = days["game_date"].dt.year - (days["game_date"].dt.month < 10)
    from_last = days[days["games"] > 0].groupby(year)["game_date"].rank(ascending=False).reindex(days.index)
    days["outcome"] = np.select([days["games"] == 0, from_last <= _UNDONE_DAYS], ["off_day", "no_raw_data"], "built")
    tables = pd.DataFrame({"table_name": [table.name for table in ANALYTICS_TABLES]})
    first = tables.merge(days, how="cross").assign(run_id="first", recorded_at=pd.Timestamp(NOW))
    again = first[first.index % 10 == 0].assign(run_id="again", recorded_at=pd.Timestamp(NOW) + pd.Timedelta(hours=1))
    attempts = pd.concat([first, again], ignore_index=True)
    done = attempts["outcome"] != "no_raw_data"
    rows = attempts["games"] * np.where(attempts["table_name"].str.contains("player"), _PLAYERS_A_GAME, 2)
    told = {
        "reason": np.where(done, None, "games were played, no raw table has rows of them"),
        "run_mode": "backfill",
        "expected_games": attempts["games"],
        "actual_games": attempts["games"].where(done, 0),
        "expected_rows": rows,
        "actual_rows": rows.where(done, 0),
        "quarantined_rows": 0,
        "sources": [["nbac_gamebook_player_stats"]] * len(attempts),
        "warnings": [[]] * len(attempts),
        "quality_share": 1.0,
        "seconds": 0.01,
        "code_version": "1",
        "input_fingerprint": "0" * 32,
    }
    return conform(attempts.drop(columns="games").assign(**told), DATE_OUTCOMES)


def _rows_of(table: Table) -> str:
    """Statement that adds the rows of all games: what keys and required columns ask for, the rest is NULL."""
    by_player = "player_lookup" in table.by_name
    required = {column.name: _DEFAULTS[column.type] for column in table.columns if column.required}
    stated = required | {"game_date": "CAST(game_date AS DATE)", "game_id": "game_id"}
    if by_player:
        stated["player_lookup"] = "'player' || number"
    for name in ("team_abbr", "defending_team_abbr"):
        if name in table.by_name:
            stated[name] = "CASE WHEN number % 2 = 0 THEN home_team_tricode ELSE away_team_tricode END"
    if "early_season_flag" in table.by_name:
        stated["early_season_flag"] = "month(game_date) = 10"
        stated["is_bootstrap"] = "false"
    values = ", ".join(f'{value} AS "{name}"' for name, value in stated.items())
    size = _PLAYERS_A_GAME if by_player else 2
    return f"INSERT INTO {table.full_name} BY NAME SELECT {values} FROM games, range({size}) AS numbers(number)"


def _call(directory: str, *arguments: str) -> None:
    environment = {**os.environ, "NBA_DATA_DIR": directory, "NBA_PARTITIONS_START": f"{START}", "NBA_WAREHOUSE": ""}
    command = [sys.executable, "-m", "analytics_assets", *arguments]
    finished = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    # 1 says that something is missing, as it is.
    if finished.returncode not in (0, 1):
        raise RuntimeError(finished.stderr.decode())


def _fastest(work: Callable[[], object], repeat: int) -> float:
    seconds: Sequence[float] = []
    for _ in range(repeat):
        started = time.monotonic()
        work()
        seconds = [*seconds, time.monotonic() - started]
    return min(seconds)


def _profile(work: Callable[[], object]) -> None:
    profile = cProfile.Profile()
    profile.runcall(work)
    told = io.StringIO()
    pstats.Stats(profile, stream=told).sort_stats("cumulative").print_stats(35)
    _say(told.getvalue())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
