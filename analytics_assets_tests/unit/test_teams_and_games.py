"""League facts: codes, names, game types, game ids, seasons."""

from datetime import date

import pandas as pd
import pytest

from analytics_assets.league.games import canonical_game_ids, game_types, season_year_of_game_id
from analytics_assets.league.seasons import known_off_seasons, season_label, season_year_of_date
from analytics_assets.league.teams import (
    TEAMS,
    TRICODES,
    UnknownTeamError,
    canonical_tricodes,
    tricode_map,
    tricode_of_name,
)


def test_thirty_teams_with_distinct_codes_ids_and_names() -> None:
    assert len(TEAMS) == 30
    for values in (TRICODES, [t.nba_team_id for t in TEAMS], [t.name for t in TEAMS]):
        assert len(set(values)) == 30
    assert sorted(t.conference for t in TEAMS) == ["East"] * 15 + ["West"] * 15


def test_no_variant_hides_a_team() -> None:
    assert {variant: code for variant, code in tricode_map().items() if variant in TRICODES} == {t: t for t in TRICODES}
    assert set(tricode_map().values()) == set(TRICODES)


@pytest.mark.parametrize(
    ("code", "canonical"),
    [
        ("BOS", "BOS"),
        ("BRK", "BKN"),
        ("CHO", "CHA"),
        ("PHO", "PHX"),
        ("NOR", "NOP"),
        # As ESPN writes them.
        ("GS", "GSW"),
        ("NO", "NOP"),
        ("NY", "NYK"),
        ("SA", "SAS"),
        ("UTAH", "UTA"),
        (" wsh ", "WAS"),
        ("QQQ", None),
        ("TBD", None),
        ("", None),
        (None, None),
    ],
)
def test_codes_are_normalised_and_never_guessed(code, canonical) -> None:
    found = canonical_tricodes(pd.Series([code], dtype="string"))
    assert found.tolist() == [pd.NA if canonical is None else canonical]


def test_names() -> None:
    assert [tricode_of_name(team.name) for team in TEAMS] == list(TRICODES)
    assert tricode_of_name(" los angeles CLIPPERS ") == "LAC"
    with pytest.raises(UnknownTeamError, match="Seattle"):
        tricode_of_name("Seattle SuperSonics")


@pytest.mark.parametrize(
    ("nba_id", "kind", "season"),
    [
        ("0012300001", "preseason", 2023),
        ("0022300061", "regular", 2023),
        ("0032300001", "all_star", 2023),
        ("0042300405", "playoffs", 2023),
        ("0052300101", "play_in", 2023),
        ("0062300001", "cup_final", 2023),
        ("0029900001", "regular", 1999),
        ("0024600001", "regular", 1946),
        ("0092300001", None, 2023),
    ],
)
def test_nba_id_tells_type_and_season(nba_id: str, kind: str | None, season: int) -> None:
    assert game_types(pd.Series([nba_id])).tolist() == [pd.NA if kind is None else kind]
    assert season_year_of_game_id(pd.Series([nba_id])).tolist() == [season]


def test_game_id_is_null_where_a_part_is() -> None:
    dates = pd.Series([pd.Timestamp("2024-01-10"), pd.Timestamp("2024-01-10"), pd.NaT])
    found = canonical_game_ids(dates, pd.Series(["BOS", None, "BOS"]), pd.Series(["LAL", "LAL", "LAL"]))
    assert found.tolist() == ["20240110_BOS_LAL", pd.NA, pd.NA]


@pytest.mark.parametrize(
    ("day", "known"),
    [
        (date(2021, 7, 20), False),
        (date(2021, 7, 21), True),
        (date(2021, 10, 18), True),
        (date(2021, 10, 19), False),
        (date(2022, 6, 16), False),
        (date(2022, 6, 17), True),
        (date(2025, 6, 23), True),
        (date(2025, 10, 20), True),
        (date(2025, 10, 21), False),
        (date(2020, 9, 1), False),
        (date(2026, 8, 1), False),
    ],
)
def test_only_settled_summers_are_off_season(day: date, known: bool) -> None:
    assert any(last < day < opening for last, opening in known_off_seasons()) is known


@pytest.mark.parametrize(
    ("day", "year"), [(date(2024, 9, 30), 2023), (date(2024, 10, 1), 2024), (date(2025, 6, 1), 2024)]
)
def test_season_of_a_date(day: date, year: int) -> None:
    assert season_year_of_date(day) == year


def test_season_label_crosses_the_century() -> None:
    assert (season_label(2021), season_label(1999)) == ("2021-22", "1999-00")
