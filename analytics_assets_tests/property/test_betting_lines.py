"""Arbitrary snapshots: no line comes from a running game, the order of rows decides nothing, grades are consistent."""

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_assets.raw.betting_lines import pregame_lines
from analytics_assets.raw.declarations import BETTINGPROS_PLAYER_POINTS_PROPS, ODDS_API_PLAYER_POINTS_PROPS
from analytics_assets.raw.points_props import PointsProps, interpret_points_props
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.stats.points_prop import grade_points_prop
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import empty_frame
from analytics_assets_tests.support.raw_rows import moment, raw_frame, schedule_frame, schedule_row

DAY = "2024-01-10"
TIP_OFF = moment("2024-01-11T00:30")
GAMES = interpret_schedule(
    schedule_frame(
        schedule_row("0022300001", DAY),
        schedule_row("0022300002", DAY, away="MIA", home="DEN", tipoff_at=pd.NaT),
    )
).games
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])

before = st.integers(-4, 0)
after = st.integers(1, 4)
prices = st.sampled_from([None, -110.0, -120.0, 100.0, 250.0, -400.0, 0.0])


def rows_at(minutes: st.SearchStrategy[int]) -> st.SearchStrategy[dict]:
    """Rows of both shapes, snapshots minutes after tip-off; tip-offs stated are never later than it."""
    return st.fixed_dictionaries(
        {
            "game_id": st.sampled_from(["20240110_BOS_LAL", "20240110_LAL_BOS", "20240110_MIA_DEN"]),
            "game_date": st.just(pd.Timestamp(DAY)),
            "player_lookup": st.sampled_from(["a", "b"]),
            "bookmaker": st.sampled_from(["draftkings", "betmgm", "prizepicks"]),
            "points_line": st.sampled_from([19.5, 20.5, 21.0]),
            "over_price": prices,
            "under_price": prices,
            "bet_side": st.sampled_from(["over", "under"]),
            "price": prices,
            "opening_line": st.sampled_from([None, 17.5, 18.5]),
            "is_active": st.sampled_from([None, True, False]),
            "snapshot_timestamp": minutes.map(lambda late: TIP_OFF + pd.Timedelta(minutes=late)),
            "tipoff_at": st.sampled_from([TIP_OFF, TIP_OFF, TIP_OFF - pd.Timedelta(minutes=2)]),
            "processed_at": st.sampled_from([TIP_OFF, TIP_OFF + pd.Timedelta(hours=1)]),
        }
    )


def tables(minutes: st.SearchStrategy[int], least: int = 0) -> st.SearchStrategy[tuple[list[dict], list[dict]]]:
    rows = st.lists(rows_at(minutes), min_size=least, max_size=14)
    return st.tuples(rows, rows)


def frame(table: Table, rows: list[dict]) -> pd.DataFrame:
    return raw_frame(table, rows) if rows else empty_frame(table)


def interpret(both: tuple[list[dict], list[dict]]) -> PointsProps:
    odds, bettingpros = both
    return interpret_points_props(
        frame(ODDS_API_PLAYER_POINTS_PROPS, odds), frame(BETTINGPROS_PLAYER_POINTS_PROPS, bettingpros), GAMES
    )


@QUICK
@given(tables(before | after), tables(after, least=1))
def test_snapshots_after_tip_off_change_nothing(rows, late) -> None:
    more = (late[0] + rows[0], rows[1] + late[1])
    pd.testing.assert_frame_equal(interpret(rows).lines, interpret(more).lines)


@QUICK
@given(tables(before | after), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(rows, random) -> None:
    shuffled = tuple(random.sample(part, len(part)) for part in rows)
    one, other = interpret(rows), interpret(shuffled)
    pd.testing.assert_frame_equal(one.lines, other.lines)
    for name, games in one.matched.items():
        pd.testing.assert_frame_equal(games, other.matched[name])
    assert len(one.refused) == len(other.refused) == 0


@QUICK
@given(st.lists(rows_at(before | after), min_size=1, max_size=20))
def test_closing_and_opening_lines_frame_every_snapshot_before_the_bound(rows) -> None:
    table = pd.DataFrame(rows).assign(tipoff_bound=lambda found: found["tipoff_at"])
    key = ["game_id", "player_lookup", "bookmaker"]
    found = pregame_lines(table, key, "points_line", ("over_price", "under_price"))
    # The other way to the same answer: plain Python over the rows of each key.
    moments: dict[tuple, list[pd.Timestamp]] = {}
    for row in rows:
        if row["snapshot_timestamp"] <= row["tipoff_at"]:
            moments.setdefault(tuple(row[name] for name in key), []).append(row["snapshot_timestamp"])
    for lines, pick in ((found.closing, max), (found.opening, min)):
        assert (lines["snapshot_timestamp"] <= lines["tipoff_bound"]).all()
        chosen = {tuple(row[name] for name in key): row["snapshot_timestamp"] for row in lines.to_dict("records")}
        assert len(chosen) == len(lines)
        assert chosen == {owner: pick(shown) for owner, shown in moments.items()}


@QUICK
@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(0, 60),
            st.none() | st.booleans(),
            st.none() | st.integers(1, 120).map(lambda half: half / 2),
            st.none() | st.integers(1, 120).map(lambda half: half / 2),
        ),
        min_size=1,
    )
)
def test_result_agrees_with_points_margin_and_participation(cases) -> None:
    points, played, line, opening = zip(*cases, strict=True)
    found = grade_points_prop(
        pd.Series(points, dtype="Int64"),
        pd.Series(played, dtype="boolean"),
        pd.Series(line, dtype="float64"),
        pd.Series(opening, dtype="float64"),
    )
    for (scored, took_part, against, _), grade in zip(cases, found.to_dict("records"), strict=True):
        result = None if pd.isna(grade["over_under_result"]) else grade["over_under_result"]
        if against is not None and took_part and scored is not None:
            assert result == ("OVER" if scored > against else "UNDER" if scored < against else "PUSH")
            assert grade["margin"] == scored - against
        else:
            assert result == ("VOID" if against is not None and took_part is False else None)
            assert pd.isna(grade["margin"])
