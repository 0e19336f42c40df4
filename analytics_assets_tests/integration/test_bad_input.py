"""Every bad input of the catalogue in one small league: how each ends, and that it costs nobody else."""

from collections import Counter

import pandas as pd
import pytest

from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import QUARANTINED_ROWS, Outcome
from analytics_assets_tests.bad_input.__main__ import PAGE
from analytics_assets_tests.bad_input.case import FAMILIES
from analytics_assets_tests.bad_input.catalogue import CATALOGUE, page
from analytics_assets_tests.bad_input.faulty_build import Builds, build_both, changed_rows, ends

pytestmark = pytest.mark.xdist_group("bad_input")


@pytest.fixture(scope="module")
def builds(tmp_path_factory) -> Builds:
    return build_both(tmp_path_factory.mktemp("bad_input"), CATALOGUE)


def test_every_family_has_sixty_bad_inputs_and_no_two_are_the_same() -> None:
    assert min(Counter(case.family for case in CATALOGUE)[family] for family in FAMILIES) >= 60
    names = Counter((case.table.name, case.column, case.name) for case in CATALOGUE)
    assert [name for name, count in names.items() if count > 1] == []


def test_no_date_ends_in_an_error_and_a_clean_league_is_built_throughout(builds: Builds) -> None:
    errors = [
        (name, day, result.reason)
        for name, results in builds.faulty.results.items()
        for day, result in results.items()
        if result.outcome is Outcome.ERROR
    ]
    assert errors == []
    clean = {result.outcome for results in builds.clean.results.values() for result in results.values()}
    assert clean <= {Outcome.BUILT, Outcome.OFF_DAY}
    assert builds.clean.warehouse.read(QUARANTINED_ROWS).empty
    unread = [r for results in builds.faulty.results.values() for r in results.values() if r.outcome is Outcome.BUILT]
    assert all(result.input_fingerprint for result in unread)


def test_each_bad_input_ends_as_the_page_lists(builds: Builds) -> None:
    told = page([one.case for one in builds.placed], ends(builds))
    assert told == PAGE.read_text(encoding="utf-8"), "run python -m analytics_assets_tests.bad_input and read the diff"


def test_every_row_is_used_or_refused_or_left_out_by_a_named_rule_and_never_two_of_these(builds: Builds) -> None:
    assert len(builds.faulty.sieves) > 40
    for came, sieve in builds.faulty.sieves:
        refused, left_out = sieve.refused, sieve.left_out
        found = [*sieve.rows.index, *refused["row"], *left_out.index]
        assert sorted(found) == sorted(came)
        assert refused[["reason", "detail"]].notna().all(axis=None)
        assert left_out.notna().all()


def test_what_a_date_says_of_quarantined_rows_is_what_the_table_of_quarantined_rows_holds(builds: Builds) -> None:
    stored = builds.faulty.warehouse.read(QUARANTINED_ROWS)
    counted = stored.groupby(["table_name", "game_date"]).size()
    told = {
        (name, pd.Timestamp(day)): result.quarantined_rows
        for name, results in builds.faulty.results.items()
        for day, result in results.items()
        if result.quarantined_rows
    }
    assert len(told) > 100
    assert counted.to_dict() == told
    assert not stored.duplicated(list(QUARANTINED_ROWS.key)).any()


def test_other_games_keep_every_value_unless_their_date_can_no_longer_be_believed(builds: Builds) -> None:
    own = {one.slot.game_id for one in builds.placed}
    for table in ANALYTICS_TABLES:
        changed = changed_rows(table, builds.clean, builds.faulty)
        changed = changed[~changed["game_id"].isin(own)]
        outcomes = builds.faulty.results[table.name]
        disbelieved = {day for day, result in outcomes.items() if result.outcome is Outcome.NO_SCHEDULE}
        dates = set(changed["game_date"].dt.date)
        # The game that a row of the schedule moved to the next day is itself the bad input.
        moved = {day for day, result in outcomes.items() if result.expected_games == 1}
        assert dates <= disbelieved | moved, table.name
