"""Joined writes do what the writes do one after the other."""

from collections import Counter

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analytics_assets.tables.frames import conform
from analytics_assets.warehouse import Write
from analytics_assets.warehouse.writes import joined_writes
from analytics_assets_tests.support.literal_tables import D1, D2, D3, PLAIN, TABLE

games, days = st.sampled_from("abc"), st.sampled_from([D1, D2, D3])
lines = st.lists(st.tuples(games, days), max_size=3)


@st.composite
def writes(draw) -> Write:
    table = draw(st.sampled_from([PLAIN, TABLE]))
    rows = conform(pd.DataFrame(draw(lines), columns=["game_id", "game_date"]), table)
    column = "note" if table is PLAIN else "digest"
    rows[column] = pd.Series(draw(st.integers(0, 99).map(str)), index=rows.index, dtype="string")
    scope = pd.DataFrame(draw(lines), columns=["game_id", "game_date"])
    scope["game_date"] = pd.to_datetime(scope["game_date"])
    columns = draw(st.sampled_from([None, ["game_date"], ["game_id"], ["game_date", "game_id"]]))
    return Write(table, rows, None if columns is None else scope[columns])


def carried_out(given_writes: list[Write]) -> dict[str, Counter]:
    """What the tables hold after the writes, one after the other."""
    stored: dict[str, list[dict]] = {PLAIN.name: [], TABLE.name: []}
    for table in stored:
        stored[table] = [{"game_id": game, "game_date": pd.Timestamp(day)} for game in "abc" for day in (D1, D2, D3)]
    for write in given_writes:
        scope = [] if write.replaces is None else write.replaces.to_dict("records")
        kept = [row for row in stored[write.table.name] if not any(named.items() <= row.items() for named in scope)]
        present = write.rows[["game_id", "game_date", "note" if write.table is PLAIN else "digest"]]
        stored[write.table.name] = [*kept, *present.to_dict("records")]
    return {name: Counter(tuple(sorted(row.items())) for row in rows) for name, rows in stored.items()}


@given(st.lists(writes(), max_size=5))
def test_joined_writes_leave_the_same_rows(some: list[Write]) -> None:
    joined = joined_writes(some)
    assert carried_out(joined) == carried_out(some)
    assert len(joined) <= len(some)


def test_writes_of_many_dates_become_one() -> None:
    rows = conform(pd.DataFrame({"game_id": ["a"], "game_date": [D1]}), PLAIN)
    each = [
        Write(PLAIN, rows.assign(game_date=pd.Timestamp(day)), pd.DataFrame({"game_date": [pd.Timestamp(day)]}))
        for day in (D1, D2, D3)
    ]
    (joined,) = joined_writes([*each, Write(PLAIN, rows.iloc[:0], each[0].replaces.iloc[:0])])
    assert (len(joined.rows), len(joined.replaces)) == (3, 3)
