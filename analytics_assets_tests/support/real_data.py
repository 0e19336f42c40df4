"""Where real data lies for checking, and the warehouse that tests share: three seasons and two post-seasons."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from analytics_assets.coverage.results import DateResult
from analytics_assets.partitions import date_range
from analytics_assets.raw.loaders.load import load_nba_com
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.warehouses import produce_summaries

REAL_DATA = Path(__file__).resolve().parents[3] / "shared" / "realdata"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DATES = date_range(date(2021, 10, 19), date(2024, 4, 14))

needs_real_data = pytest.mark.skipif(
    not REAL_DATA.is_dir(), reason="shared/realdata is absent: nothing is checked against real games"
)


@dataclass(frozen=True)
class RealSeasons:
    """A warehouse after two backfills, and what they gave.

    Attributes:
        warehouse: Regular seasons 2021-22 to 2023-24 with the shots of the last one, the playoffs of 2022 and 2023
            with the events of the latter.
        first: Results of the backfill before the playoffs were loaded, by table and date.
        second: Results of the dates that the first left open, afterwards.
    """

    warehouse: DuckDBWarehouse
    first: dict[str, dict[date, DateResult]]
    second: dict[str, dict[date, DateResult]]


def files(pattern: str) -> list[Path]:
    """Files of the real data, in order."""
    return sorted(REAL_DATA.glob(pattern))


def published(pattern: str) -> pd.DataFrame:
    """Parquet files of the real data as one frame."""
    return pd.concat([pd.read_parquet(path) for path in files(pattern)], ignore_index=True)


def load_real_seasons(path: Path) -> RealSeasons:
    """Load and build as a user would: a backfill, then more raw data, then the missing dates."""
    warehouse = DuckDBWarehouse(path / "nba.duckdb")
    seasons = files("nba_com_leaguegamelog/player_gamelogs_*.parquet") + files("team_gamelog/*.parquet")
    shots = files("shots/shots_2023-24.parquet")
    load_nba_com(warehouse, [*seasons, *files("schedule/results_*.parquet"), *shots], now=NOW)
    first = produce_summaries(warehouse, DATES, now=NOW)
    playoffs = [*files("playoffs_advanced/*.parquet"), *files("playoff_play_by_play/playoff_pbp_2023.parquet")]
    load_nba_com(warehouse, playoffs, now=NOW)
    open_dates = [day for day, result in first["player_game_summary"].items() if not result.done]
    second = produce_summaries(warehouse, open_dates, now=NOW)
    return RealSeasons(warehouse, first, second)
