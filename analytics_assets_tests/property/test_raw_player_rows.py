"""Arbitrary raw player rows: nothing raises, nothing is lost, and the order of rows decides nothing."""

from datetime import UTC, date, datetime

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_assets.assets.player_game_summary import PlayerGameSummaryProducer
from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    BOX_COUNTS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    NBAC_TEAM_BOXSCORE,
)
from analytics_assets.raw.player_lines import interpret_player_rows
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.raw.team_lines import interpret_team_rows
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.validation import broken_rules
from analytics_assets_tests.support.raw_rows import box_rows, moment, raw_frame, schedule_frame, schedule_row, team_rows
from analytics_assets_tests.support.warehouses import inputs_of_rows

DAY = "2024-01-10"
PRESEASON = "0012300001"
SCHEDULE = interpret_schedule(
    schedule_frame(
        schedule_row("0022300001", DAY),
        schedule_row("0022300002", DAY, away="MIA", home="DEN", postponed_status="postponed"),
        schedule_row(PRESEASON, DAY, away="NYK", home="CHI"),
    )
)
QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])

game_ids = st.sampled_from(
    [
        *("20240110_BOS_LAL", "20240110_LAL_BOS", "0022300001", "20240110_MIA_DEN", "20240110_BOS_QQQ"),
        *("20240110_ATL_CLE", PRESEASON, "20240110_NYK_CHI", "0032300001", "", "99999999_BOS_LAL"),
    ]
) | st.text(max_size=8)
counts = st.none() | st.integers(-3, 60)
minutes = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.from_regex(r"-?[0-9]{1,3}:[0-9]{1,2}", fullmatch=True),
    st.from_regex(r"PT([0-9]{1,4}M)?([0-9.]{1,6}S)?", fullmatch=True),
    st.floats(-10, 70).map(str),
)
raw_rows = st.fixed_dictionaries(
    {
        "game_id": game_ids,
        "nba_game_id": st.sampled_from([None, None, "0022300001", PRESEASON, "0032300001", "0092300001"]),
        "game_date": st.sampled_from([pd.Timestamp(DAY), pd.Timestamp(DAY), pd.Timestamp("2024-01-11")]),
        "season_year": st.sampled_from([None, 2023]),
        "player_lookup": st.sampled_from(["a", "b", "c", "", " "]),
        "team_abbr": st.sampled_from([None, "", "BOS", "LAL", "bos ", "MIA", "QQQ"]),
        "minutes": minutes,
        "player_status": st.sampled_from([None, "active", "dnp", "inactive", "Active ", "?"]),
        "dnp_reason": st.sampled_from([None, "", "DNP - Coach's Decision", "Injury"]),
        "starter": st.sampled_from([None, True, False]),
        "minutes_are_rounded": st.sampled_from([None, True, False]),
        "plus_minus": st.none() | st.integers(-40, 40),
        "processed_at": st.sampled_from([moment("2024-01-11T05:00"), moment("2024-01-12T05:00")]),
        **{name: counts for name in BOX_COUNTS},
    }
)


def ignored(row: dict) -> bool:
    """Whether a row is of a pre-season or All-Star game: by NBA id, else by its teams, else by the id's prefix."""
    identity = row["game_id"].strip()
    nba_id = identity if identity.isdigit() and len(identity) == 10 else row["nba_game_id"]
    if nba_id in ("0022300001", PRESEASON):
        return nba_id == PRESEASON
    if identity in ("20240110_BOS_LAL", "20240110_LAL_BOS", "20240110_MIA_DEN", "20240110_NYK_CHI"):
        return identity == "20240110_NYK_CHI"
    return nba_id == "0032300001"


@QUICK
@given(
    st.lists(raw_rows, min_size=1, max_size=25), st.sampled_from([NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAYER_BOXSCORES])
)
def test_every_row_is_a_line_or_refused_with_a_reason_or_of_an_uncounted_game(rows: list[dict], table) -> None:
    found = interpret_player_rows(raw_frame(table, rows), table.name, SCHEDULE.games)
    expected = {number for number, row in enumerate(rows) if not ignored(row)}
    assert len(found.lines) + len(found.refused) == len(expected)
    assert set(found.lines.index) | set(found.refused["row"]) == expected
    assert found.refused[["reason", "detail"]].notna().all(axis=None)
    assert not found.lines.duplicated(["game_id", "player_lookup"]).any()
    played, absent = found.lines[found.lines["played"]], found.lines[~found.lines["played"]]
    assert not (played[list(BOX_COUNTS)] < 0).fillna(False).any(axis=None)
    assert absent[[*BOX_COUNTS, "minutes_played"]].isna().all(axis=None)


@QUICK
@given(st.lists(raw_rows, min_size=1, max_size=12))
def test_team_rows_are_accounted_for_in_the_same_way(rows: list[dict]) -> None:
    found = interpret_team_rows(raw_frame(NBAC_TEAM_BOXSCORE, rows), SCHEDULE.games)
    assert len(found.lines) + len(found.refused) == sum(not ignored(row) for row in rows)


def build(gamebook: list[dict], nba: list[dict], bdl: list[dict]) -> pd.DataFrame:
    given_rows = {
        NBAC_GAMEBOOK_PLAYER_STATS: gamebook,
        NBAC_PLAYER_BOXSCORES: nba,
        BDL_PLAYER_BOXSCORES: bdl,
        NBAC_TEAM_BOXSCORE: team_rows(DAY),
    }

    inputs = inputs_of_rows(given_rows, SCHEDULE, [date(2024, 1, 10)])
    return PlayerGameSummaryProducer().build(inputs, datetime(2024, 2, 1, tzinfo=UTC)).rows


def variants(row: dict) -> st.SearchStrategy[dict]:
    """A good row, or one that makes its source unusable, or one that only another source can complete."""
    changes = [{}, {}, {}, {}, {"points": 11}, {"assists": -1}, {"minutes": None}, {"starter": None}, {"minutes": "x"}]
    return st.sampled_from(changes).map(lambda change: {**row, **change})


boxes = st.tuples(*(variants(row) for row in box_rows(DAY))).map(list)


@settings(max_examples=4, deadline=None)
@given(boxes, boxes, boxes, st.randoms(use_true_random=False))
def test_choice_and_rows_do_not_depend_on_the_order_of_raw_rows(gamebook, nba, bdl, random) -> None:
    rows = build(gamebook, nba, bdl)
    shuffled = [random.sample(box, len(box)) for box in (gamebook, nba, bdl)]
    pd.testing.assert_frame_equal(build(*shuffled), rows)
    assert broken_rules(rows, PLAYER_GAME_SUMMARY) == []
    assert len(rows) in (0, 12)


@settings(max_examples=6, deadline=None)
@given(st.lists(raw_rows, max_size=25))
def test_arbitrary_rows_beside_a_good_source_never_raise_and_never_enter(rows: list[dict]) -> None:
    """Whatever the gamebook holds, what is built keeps the declaration and the score."""
    built = build(rows, box_rows(DAY), [])
    assert broken_rules(built, PLAYER_GAME_SUMMARY) == []
    assert built.groupby("team_abbr")["points"].sum().to_dict() == {"BOS": 72, "LAL": 73}
