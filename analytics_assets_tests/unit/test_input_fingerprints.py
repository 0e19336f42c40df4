"""Fingerprints of dates over literal digests of what a warehouse holds."""

from datetime import date
from types import SimpleNamespace

import pandas as pd

from analytics_assets.assets.input_fingerprints import InputFingerprints
from analytics_assets.assets.upcoming_contexts import UPCOMING_PLAYER_PRODUCER
from analytics_assets.raw.declarations import PLAYER_REGISTRY
from analytics_assets.raw.player_aliases import PLAYER_ALIASES_VARIABLE
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets_tests.support.raw_rows import schedule_frame, schedule_row

DATES = [date(2023, 1, 10), date(2024, 1, 10)]
SCHEDULE = interpret_schedule(
    schedule_frame(schedule_row("0022200001", "2023-01-10"), schedule_row("0022300001", "2024-01-10"))
)


def fingerprints(dates: list[date], digest: str = "1:77") -> dict[date, str]:
    """With a registry of the season 2023-24 alone."""
    held = pd.DataFrame(
        {"table_name": [PLAYER_REGISTRY.name], "game_date": [None], "season_year": [2023], "digest": [digest]}
    ).astype({"table_name": "string", "game_date": "datetime64[ns]", "season_year": "Int64", "digest": "string"})
    warehouse = SimpleNamespace(digests_by_date=lambda tables, start, end: held)
    return InputFingerprints(warehouse, SCHEDULE).of(UPCOMING_PLAYER_PRODUCER, dates)


def test_a_season_without_rows_of_a_table_changes_no_bit_of_another_seasons_fingerprint() -> None:
    both = fingerprints(DATES)
    assert both == fingerprints(DATES[:1]) | fingerprints(DATES[1:])
    other = fingerprints(DATES, digest="1:78")
    assert [other[day] == both[day] for day in DATES] == [True, False]


def test_a_new_alias_of_a_player_makes_the_dates_of_its_seasons_worth_a_look(tmp_path, monkeypatch) -> None:
    before = fingerprints(DATES)
    own = tmp_path / "own.csv"
    own.write_text("alias,canonical,from_season,until_season\nwoody,woodypride,2023,\n")
    monkeypatch.setenv(PLAYER_ALIASES_VARIABLE, str(own))
    assert [fingerprints(DATES)[day] == before[day] for day in DATES] == [True, False]
    own.write_text("alias,canonical,from_season,until_season\nwoody,woodypride,,2021\n")
    assert fingerprints(DATES) == before
