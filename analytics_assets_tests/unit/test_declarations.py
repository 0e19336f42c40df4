"""Declarations: what they refuse, what is derived from them, and what holds for every declared table."""

import pytest

from analytics_assets.raw.declarations import BOX_COUNTS, RAW_TABLES
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.declaration import Table, columns, count, date_column, integer, string
from analytics_assets.tables.operations import DATE_OUTCOMES, DONE_OUTCOMES, QUARANTINED_ROWS, Outcome
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY

EVERY_TABLE = (*RAW_TABLES, *ANALYTICS_TABLES, DATE_OUTCOMES, QUARANTINED_ROWS)


def table(**changes) -> Table:
    parts = {
        "dataset": "d",
        "name": "t",
        "grain": "One row per id.",
        "description": "A table.",
        "key": ("id",),
        "columns": columns(string("id", "Id.", required=True), date_column("game_date", "Date.")),
    }
    return Table(**{**parts, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": columns(string("id", "Id."), string("id", "Id."))}, "d.t declares columns twice: id"),
        ({"key": ("id", "other")}, "d.t mentions undeclared columns: other"),
        ({"date_column": "day"}, "undeclared columns: day"),
        ({"cluster_by": ("x",)}, "undeclared columns: x"),
        ({"hash_column": "h", "version_column": "v"}, "undeclared columns: h, v"),
        ({"first_seen_columns": ("created",)}, "undeclared columns: created"),
        ({"not_content": ("gone",)}, "undeclared columns: gone"),
    ],
)
def test_declaration_that_contradicts_itself_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        table(**changes)


def test_content_leaves_out_hash_version_and_times() -> None:
    declared = table(
        columns=columns(
            string("id", "Id."), count("n", "N."), [string("h", "H."), integer("v", "V."), string("c", "C.")]
        ),
        date_column=None,
        hash_column="h",
        version_column="v",
        first_seen_columns=("c",),
        not_content=("n",),
    )
    assert declared.content_columns == ["id"]
    assert declared.column_names == ["id", "n", "h", "v", "c"]


def test_counts_are_never_negative_and_other_whole_numbers_may_be() -> None:
    assert (count("n", "N.").minimum, integer("n", "N.").minimum) == (0, None)


@pytest.mark.parametrize("declared", EVERY_TABLE, ids=lambda declared: declared.full_name)
def test_every_table_is_explained(declared: Table) -> None:
    assert declared.grain.startswith("One row per ")
    assert declared.grain.endswith(".")
    assert declared.description
    for column in declared.columns:
        assert column.description.endswith("."), column.name
        assert column.name == column.name.lower()
        if column.minimum is not None and column.maximum is not None:
            assert column.minimum < column.maximum


@pytest.mark.parametrize("declared", ANALYTICS_TABLES, ids=lambda declared: declared.full_name)
def test_null_is_explained_where_it_is_allowed(declared: Table) -> None:
    optional = {"player_full_name", "minutes_raw", "usage_rate_raw"}
    unexplained = {c.name for c in declared.columns if not c.required and c.null_rule is None}
    assert unexplained <= optional


@pytest.mark.parametrize("declared", ANALYTICS_TABLES, ids=lambda declared: declared.full_name)
def test_every_analytics_table_is_judged_dated_and_knows_its_game(declared: Table) -> None:
    nine = {f"quality_{name}" for name in ("tier", "score", "issues", "sample_size", "used_fallback", "metadata")}
    nine |= {"quality_reconstructed", "quality_calculated_at", "data_sources"}
    derived = {"data_quality_tier", "processed_with_issues", "primary_source_used"}
    written = {"created_at", "processed_at", "data_hash"}
    identity = {"game_id", "nba_game_id", "game_date", "opponent_team_abbr", "season_year", "game_type", "home_game"}
    assert {*nine, *derived, *written, *identity} <= set(declared.by_name)
    assert {*declared.first_seen_columns, "processed_at", "data_hash"}.isdisjoint(declared.content_columns)


@pytest.mark.parametrize("declared", ANALYTICS_TABLES, ids=lambda declared: declared.full_name)
def test_every_source_is_tracked_in_four_columns_that_are_no_content(declared: Table) -> None:
    parts = ("last_updated", "rows_found", "completeness_pct", "hash")
    prefixes = {name.removesuffix("_rows_found") for name in declared.by_name if name.endswith("_rows_found")}
    assert len(prefixes) >= (6 if declared.days_ahead is None else 3)
    tracking = {f"{prefix}_{part}" for prefix in prefixes for part in parts}
    assert tracking <= set(declared.by_name)
    assert tracking.isdisjoint(declared.content_columns)
    # The table that a group of four speaks of exists.
    known = {table.name for table in (*RAW_TABLES, *ANALYTICS_TABLES)}
    assert {declared.by_name[name].source for name in tracking} <= known


def test_keys_of_stored_tables_are_required() -> None:
    # A raw row without a team must be readable, so that it can be quarantined.
    nullable = {("nbac_team_boxscore", "team_abbr"), ("quarantined_rows", "game_date")}
    found = {(t.name, name) for t in EVERY_TABLE for name in t.key if not t.by_name[name].required}
    assert found == nullable


def test_raw_counts_have_no_bounds_so_that_broken_rows_can_be_read() -> None:
    for declared in RAW_TABLES:
        for name in BOX_COUNTS:
            if name in declared.by_name:
                assert declared.by_name[name].minimum is None


def test_done_outcomes_are_the_three_that_become_materializations() -> None:
    assert {Outcome.BUILT, Outcome.OFF_DAY, Outcome.OFF_SEASON} == DONE_OUTCOMES
    assert DATE_OUTCOMES.by_name["outcome"].allowed == tuple(str(outcome) for outcome in Outcome)


def test_row_content_of_player_game_summary_is_the_row_not_its_date_or_its_writing() -> None:
    content = set(PLAYER_GAME_SUMMARY.content_columns)
    written = {"created_at", "first_processed_at", "processed_at", "quality_calculated_at", "record_version"}
    assert not content & {
        *written,
        "data_hash",
        "source_nbac_hash",
        "source_nbac_rows_found",
        "source_team_completeness_pct",
    }
    assert {"points", "usage_rate", "win_flag", "quality_issues", "universal_player_id", "played"} <= content


def test_bounds_follow_the_ruling_on_validity() -> None:
    limits = {name: (c.minimum, c.maximum, c.usual) for name, c in PLAYER_GAME_SUMMARY.by_name.items()}
    assert limits["efg_pct"] == limits["ts_pct"] == (0, 1.5, (0, 1.5))
    assert limits["usage_rate"] == (0, None, (0, 100))
    assert limits["minutes_played"] == (0, None, (0, 60))
    assert limits["points"] == (0, None, (0, 100))
    assert limits["plus_minus"] == (None, None, None)
    for team_table in (TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY):
        limits = {name: (c.minimum, c.maximum, c.usual) for name, c in team_table.by_name.items()}
        side = "" if "efg_pct" in limits else "opp_"
        rating = "offensive_rating" if side == "" else "defensive_rating"
        assert limits[f"{side}efg_pct"] == (0, 1.5, (0, 1))
        assert limits["possessions"] == (0, None, (70, 150))
        assert limits[rating] == (0, None, (60, 180))
        assert limits["margin_of_victory"] == (None, None, None)
    assert PLAYER_GAME_SUMMARY.by_name["over_under_result"].allowed == ("OVER", "UNDER", "PUSH", "VOID")
