"""One referee crew per game out of assignments."""

import pandas as pd

from analytics_assets.raw.declarations import NBAC_REFEREE_GAME_ASSIGNMENTS
from analytics_assets.raw.referees import referee_crews
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.frames import empty_frame
from analytics_assets_tests.support.raw_rows import moment, raw_frame, schedule_frame, schedule_row

DAY = "2024-01-10"
GAMES = interpret_schedule(
    schedule_frame(schedule_row("0022300001", DAY), schedule_row("0022300002", DAY, away="MIA", home="DEN"))
).games


def official(code: str, position: str | None = "umpire", game_id: str = "20240110_BOS_LAL", **more) -> dict:
    identity = {"game_id": game_id, "game_date": pd.Timestamp(DAY), "official_code": code, "position": position}
    return {**identity, "processed_at": moment("2024-01-10T15:00"), **more}


def crews(*rows: dict) -> tuple[dict[str, str], list[str]]:
    raw = raw_frame(NBAC_REFEREE_GAME_ASSIGNMENTS, list(rows))
    found, refused = referee_crews(raw, GAMES)
    return found.set_index("game_id")["referee_crew_id"].to_dict(), refused["reason"].tolist()


def test_same_people_are_the_same_crew_in_any_order_and_without_alternates() -> None:
    other = {"game_id": "20240110_MIA_DEN"}
    found, refused = crews(
        official("71", "crew_chief"),
        official("12", "referee"),
        official("45"),
        official("99", "Alternate"),
        official("45", "crew_chief", **other),
        official("71", None, **other),
        official("12", **other),
    )
    assert found == {"20240110_BOS_LAL": "12-45-71", "20240110_MIA_DEN": "12-45-71"}
    assert refused == []


def test_repeated_and_reversed_rows_name_an_official_once() -> None:
    later = {"game_id": "20240110_LAL_BOS", "processed_at": moment("2024-01-10T20:00")}
    # Between the two editions he became the alternate.
    found, refused = crews(official("12"), official("45"), official("45", "alternate", **later))
    assert found == {"20240110_BOS_LAL": "12"}
    assert refused == ["duplicate_superseded"]


def test_officials_of_unknown_games_are_refused() -> None:
    found, refused = crews(
        official("12"), official("45", game_id="20240110_BOS_MIA"), official("7", game_id="nonsense")
    )
    assert found == {"20240110_BOS_LAL": "12"}
    assert sorted(refused) == ["game_not_in_schedule", "malformed_game_id"]


def test_no_assignments_give_no_crews() -> None:
    found, refused = referee_crews(empty_frame(NBAC_REFEREE_GAME_ASSIGNMENTS), GAMES)
    assert found.columns.tolist() == ["game_id", "game_date", "referee_crew_id"]
    assert found.empty
    assert refused.empty
