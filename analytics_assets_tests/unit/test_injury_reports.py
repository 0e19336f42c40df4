"""Injury reports: which edition counts, what it says, and which rows are refused."""

import pandas as pd
import pytest

from analytics_assets.raw.declarations import NBAC_INJURY_REPORT
from analytics_assets.raw.injury_reports import InjuryReports, last_reports
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.frames import empty_frame
from analytics_assets_tests.support.raw_rows import moment, raw_frame, schedule_frame, schedule_row

DAY = "2024-01-10"
GAME_ID = "20240110_BOS_LAL"
GAMES = interpret_schedule(schedule_frame(schedule_row("0022300001", DAY))).games
TIP_OFF = pd.Series({GAME_ID: moment("2024-01-11T00:30")})


def at(clock: str) -> pd.Timestamp:
    """Moment of the day of the game: clocks before 12:00 are of the next UTC day."""
    return moment(f"2024-01-{11 if clock < '12' else 10}T{clock}")


def report(clock: str | None, status: str | None, player: str = "jaysontatum", **more) -> dict:
    reported = at(clock) if clock else pd.NaT
    return {
        "game_id": GAME_ID,
        "game_date": pd.Timestamp(DAY),
        "reported_at": reported,
        "team_abbr": "BOS",
        "player_lookup": player,
        "injury_status": status,
        "reason": f"as of {clock}",
        "processed_at": at("20:00"),
        **more,
    }


def read(rows: list[dict], as_of: pd.Series = TIP_OFF) -> InjuryReports:
    frame = raw_frame(NBAC_INJURY_REPORT, rows) if rows else empty_frame(NBAC_INJURY_REPORT)
    return last_reports(frame, GAMES, as_of)


def statuses(found: InjuryReports) -> dict[str, str]:
    assert found.refused.empty
    assert not found.statuses.duplicated(["game_id", "player_lookup"]).any()
    return found.statuses.set_index("player_lookup")["injury_status"].to_dict()


def test_last_report_up_to_the_moment_counts_once_per_player() -> None:
    # Spec 4.3 #7 and 5.4 #17: every edition of the date counted, also those after tip-off.
    rows = [
        report("18:00", "questionable"),
        report("00:30", "out"),  # at the moment still counts
        report("00:31", "available"),
        report("22:00", "probable"),
        report("21:00", "doubtful", "lebronjames", team_abbr="LAL", reason=None),
        report("01:00", "out", "lukadoncic", team_abbr="LAL"),
    ]
    for ordered in (rows, rows[::-1]):
        found = read(ordered)
        assert statuses(found) == {"jaysontatum": "out", "lebronjames": "doubtful"}
        told = found.statuses.set_index("player_lookup")
        assert told["injury_report"].astype(object).where(told["injury_report"].notna(), None).to_dict() == {
            "jaysontatum": "as of 00:30",
            "lebronjames": None,
        }
        assert told["team_abbr"].to_dict() == {"jaysontatum": "BOS", "lebronjames": "LAL"}
        assert told["reported_at"].to_dict() == {"jaysontatum": at("00:30"), "lebronjames": at("21:00")}


@pytest.mark.parametrize(
    ("as_of", "status"), [("17:59", None), ("18:00", "questionable"), ("23:00", "probable"), ("00:30", "out")]
)
def test_run_before_tip_off_sees_the_report_of_its_own_moment(as_of, status) -> None:
    rows = [report("18:00", "questionable"), report("22:00", "probable"), report("00:20", "out")]
    found = read(rows, pd.Series({GAME_ID: at(as_of)}))
    assert statuses(found) == ({"jaysontatum": status} if status else {})
    # Told by label in the raw frame: those at or before the moment.
    assert found.in_time["game_id"].to_dict() == {
        place: GAME_ID for place, clock in enumerate(("18:00", "22:00", "00:20")) if at(clock) <= at(as_of)
    }


@pytest.mark.parametrize("as_of", [TIP_OFF.mask(TIP_OFF.notna()), TIP_OFF.iloc[:0]])
def test_without_a_moment_no_report_counts(as_of) -> None:
    assert statuses(read([report("18:00", "out")], as_of)) == {}


def test_player_whom_a_later_edition_does_not_name_keeps_his_status() -> None:
    rows = [report("18:00", "out"), report("18:00", "out", "lebronjames", team_abbr="LAL")]
    rows += [report("22:00", "available", "lebronjames", team_abbr="LAL")]
    assert statuses(read(rows)) == {"jaysontatum": "out", "lebronjames": "available"}


def test_all_spellings_of_a_game_a_team_and_a_player_are_one() -> None:
    rows = [
        report("18:00", "out"),
        report("19:00", "Doubtful ", "Jayson Tatum", game_id="20240110_LAL_BOS"),
        report("20:00", " QUESTIONABLE", "Jayson Tatum", game_id="0022300001", team_abbr="bos"),
    ]
    assert statuses(read(rows)) == {"jaysontatum": "questionable"}


def test_row_written_last_of_one_edition_counts() -> None:
    rows = [
        report("20:00", "out", processed_at=at("21:00")),
        report("20:00", "doubtful", "Jayson Tatum", processed_at=at("20:30")),
    ]
    assert statuses(read(rows)) == statuses(read(rows[::-1])) == {"jaysontatum": "out"}
    tied = [report("20:00", "out"), report("20:00", "doubtful", "Jayson Tatum")]
    assert statuses(read(tied)) == statuses(read(tied[::-1]))


@pytest.mark.parametrize(
    ("changes", "reason", "told"),
    [
        ({"injury_status": "GTD"}, "unknown_injury_status", "'gtd' is none of out, doubtful"),
        ({"injury_status": None}, "unknown_injury_status", "NULL"),
        ({"player_lookup": " . "}, "player_missing", "empty"),
        ({"reported_at": pd.NaT}, "report_time_unknown", "reported_at is NULL"),
        ({"team_abbr": None}, "team_missing", "team_abbr is NULL"),
        ({"team_abbr": "QQQ"}, "unknown_tricode", "QQQ"),
        ({"team_abbr": "MIA"}, "team_not_in_game", "MIA"),
        ({"game_id": "20240110_BOS_MIA"}, "game_not_in_schedule", "BOS_MIA"),
        ({"game_date": pd.Timestamp("2024-01-11")}, "game_date_contradicts_schedule", "2024-01-10"),
    ],
)
def test_row_that_breaks_a_rule_is_refused_alone(changes, reason, told) -> None:
    found = read([report("23:00", "out") | changes, report("22:00", "probable")])
    assert found.refused[["row", "reason"]].to_numpy().tolist() == [[0, reason]]
    assert told in found.refused["detail"].iloc[0]
    assert found.statuses["injury_status"].tolist() == ["probable"]


def test_empty_table_gives_the_columns_of_a_full_one() -> None:
    empty, full = read([]), read([report("22:00", "out")])
    assert list(empty.statuses.columns) == list(full.statuses.columns)
    assert (len(empty.statuses), len(empty.in_time), len(empty.refused)) == (0, 0, 0)
