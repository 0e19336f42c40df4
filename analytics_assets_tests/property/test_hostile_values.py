"""Hostile texts as values are data everywhere; as names of tables and columns they are refused."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_assets.coverage.page import coverage_page
from analytics_assets.raw.declarations import PLAYER_REGISTRY
from analytics_assets.tables.declaration import Table, string
from analytics_assets.warehouse.duckdb_statements import quoted
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.raw_rows import raw_frame, registry_rows

HOSTILE = st.sampled_from(
    [
        *("'); DROP TABLE nba_raw.player_registry; --", "' OR '1'='1", "\"; ATTACH 'x' AS y; --", "$1", "?", "@start"),
        *("{{7*7}}", "%s", "\\", "''", "\x00", "a\nb", "\u202e", "x" * 5_000, "<script>alert(1)</script>", "]]>"),
    ]
) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
SEVERAL = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12) | HOSTILE)
def test_a_name_is_letters_digits_and_underscores_or_refused(name: str) -> None:
    plain = name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit() if name else False
    for parts in ({"name": name}, {"dataset": name}, {"columns": (string(name, "A text."),)}):
        stated = {"dataset": "nba_raw", "name": "t", "columns": (string("a", "A text."),), **parts}
        key = (stated["columns"][0].name,)
        if plain:
            Table(grain="One row.", description="A table.", key=key, date_column=None, **stated)
            continue
        with pytest.raises(ValueError, match="names are letters, digits and underscores"):
            Table(grain="One row.", description="A table.", key=key, date_column=None, **stated)


@SEVERAL
@given(st.lists(HOSTILE, min_size=1, max_size=5, unique=True))
def test_hostile_values_come_back_as_they_went_in(tmp_path_factory, texts: list[str]) -> None:
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("hostile") / "nba.duckdb")
    warehouse.ensure(PLAYER_REGISTRY)
    frame = raw_frame(PLAYER_REGISTRY, registry_rows(*texts))
    assert warehouse.merge_rows(PLAYER_REGISTRY, frame).added == len(texts)
    assert warehouse.merge_rows(PLAYER_REGISTRY, frame).unchanged == len(texts)
    assert set(warehouse.read(PLAYER_REGISTRY)["player_lookup"]) == set(texts)


@settings(max_examples=100, deadline=None)
@given(HOSTILE)
def test_a_quoted_text_is_one_literal(text: str) -> None:
    literal = quoted(text)
    assert literal.startswith("'")
    assert literal.endswith("'")
    assert literal[1:-1].replace("''", "") == text.replace("'", "")
    assert literal[1:-1].replace("''", "'") == text


def _page(text: str) -> str:
    grid = pd.DataFrame(
        {
            **{"table_name": ["player_game_summary"], "game_date": [pd.Timestamp(date(2024, 1, 10))]},
            **{"state": ["invalid"], "reason": [text], "done": [False], "due": [True], "waived": [False]},
            **{"expected_games": [1], "actual_games": [0], "actual_rows": [0], "expected_rows": [0]},
            **{"waiver": [text], "bootstrap": [None], "disagreement": [None], "author": [text]},
        }
    )
    return coverage_page(grid, datetime(2024, 2, 1, tzinfo=UTC))


@SEVERAL
@given(HOSTILE)
def test_no_text_adds_markup_to_the_page_of_status(text: str) -> None:
    page, plain = _page(text), _page("plain")
    assert [page.count(mark) for mark in '<>"'] == [plain.count(mark) for mark in '<>"']
