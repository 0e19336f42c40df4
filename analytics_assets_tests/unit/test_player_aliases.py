"""Aliases of players: what a file must say, whom an alias renames, and that two players never become one."""

from pathlib import Path

import pandas as pd
import pytest

from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_PLAYER_BOXSCORES,
    ODDS_API_PLAYER_POINTS_PROPS,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.player_aliases import (
    PLAYER_ALIASES_VARIABLE,
    PlayerAliasError,
    PlayerAliases,
    player_aliases,
    read_aliases,
    with_resolved_players,
)

HEADER = "alias,canonical,from_season,until_season,note\n"


def aliases_of(folder: Path, *lines: str) -> PlayerAliases:
    """The project's aliases and these lines of a user's own file."""
    path = folder / "own.csv"
    path.write_text(HEADER + "\n".join(lines), encoding="utf-8")
    return player_aliases({PLAYER_ALIASES_VARIABLE: str(path)})


def resolved(name: str | None, season: int | None = 2023) -> str | None:
    season_years = pd.Series([season], dtype="Int64")
    found = player_aliases({}).resolve(pd.Series([name], dtype="string"), season_years).iloc[0]
    return None if pd.isna(found) else str(found)


@pytest.mark.parametrize(
    ("name", "season", "lookup"),
    [
        ("enesfreedom", 2021, "enesfreedom"),
        ("eneskanter", 2021, "enesfreedom"),
        ("eneskanter", 2020, "eneskanter"),
        ("xaviertillmansr", 2023, "xaviertillman"),
        ("marcusmorris", 2023, "marcusmorrissr"),
        ("pjwashingtonjr", 2023, "pjwashington"),
        ("nahshonhyland", 2022, "boneshyland"),
        ("moewagner", 2023, "moritzwagner"),
        ("herbjones", 2023, "herbertjones"),
        ("camjohnson", 2023, "cameronjohnson"),
        ("cameronthomas", 2023, "camthomas"),
        ("nicolasclaxton", 2024, "nicclaxton"),
        ("kenyonmartinjr", 2021, "kjmartin"),
        ("gregoryjacksonii", 2023, "ggjackson"),
        ("ronholland", 2024, "ronaldhollandii"),
        ("carltoncarrington", 2024, "bubcarrington"),
        ("alexandresarr", 2024, "alexsarr"),
        # Fathers keep their names, and their sons get theirs only once they play themselves.
        ("jabarismith", 2005, "jabarismith"),
        ("jabarismith", 2023, "jabarismithjr"),
        ("timhardaway", 1996, "timhardaway"),
        ("timhardaway", 2023, "timhardawayjr"),
        ("lebronjames", 2024, "lebronjames"),
        ("lebronjamesjr", 2024, "bronnyjames"),
        # Sources that number their lookups, or write names out.
        ("1024herbjones", 2023, "herbertjones"),
        ("Xavier Tillman, Sr.", 2023, "xaviertillman"),
        # Without a season only aliases of all seasons count.
        ("moewagner", None, "moritzwagner"),
        ("jabarismith", None, "jabarismith"),
        # What is no alias stays as it stands, whatever it is.
        ("nikolajokic", 2023, "nikolajokic"),
        ("Nikola Jokić", 2023, "Nikola Jokić"),
        ("12", 2023, "12"),
        ("", 2023, ""),
        (None, 2023, None),
    ],
)
def test_whom_a_name_means_in_a_season(name: str | None, season: int | None, lookup: str | None) -> None:
    assert resolved(name, season) == lookup


def test_the_projects_own_file_leads_everybody_to_a_final_name_and_says_why() -> None:
    lines = player_aliases({}).lines
    assert len(lines) > 100
    assert not set(lines["canonical"]) & set(lines["alias"])
    path = Path(str(lines["place"].iloc[0]).rsplit(", line", 1)[0])
    written = pd.read_csv(path, dtype="string")
    assert written["note"].notna().all()
    assert written["alias"].tolist() == player_lookups(written["alias"]).tolist()
    assert written.sort_values(["canonical", "alias"], ignore_index=True).equals(written)


def test_a_users_file_adds_names_and_wins_over_the_project(tmp_path: Path) -> None:
    aliases = aliases_of(tmp_path, "Sheriff Woody,woodyofandys,2022,2023,he asked for it", "moewagner,moewagnerii,,,")
    names = pd.Series(["sheriffwoody", "sheriffwoody", "moewagner", "herbjones"], dtype="string")
    found = aliases.resolve(names, pd.Series([2023, 2024, 2023, 2023]))
    assert found.tolist() == ["woodyofandys", "sheriffwoody", "moewagnerii", "herbertjones"]
    # A file that changed meanwhile counts as it is now.
    again = aliases_of(tmp_path, "Sheriff Woody,woodypride,,,")
    assert again.resolve(names, pd.Series([2023, 2024, 2023, 2023])).tolist() == [
        *("woodypride", "woodypride", "moritzwagner", "herbertjones")
    ]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["moe,"], "line 2: moe is .*must both have letters"),
        (["姚明,yaoming,,,"], "line 2: .*must both have letters"),
        (["Moe Wagner,moewagner,,,"], "the same name"),
        (["moe,moritzwagner,2023,2022,"], "from_season lies after until_season"),
        (["moe,moritzwagner,22-23,,"], "from_season must be the year in which a season starts"),
        (["moe,moritzwagner,,2022,", "moe,mowagner,2022,,"], "line 3: .*stands in an earlier line"),
        (["a b,bc,,,", "bc,cd,,,"], r"line 2: ab is bc: canonical is itself an alias \(.*own.csv, line 3\)"),
        (["the big wagner,moewagner,,,"], "canonical is itself an alias"),
    ],
)
def test_lines_that_make_no_sense_are_named(tmp_path: Path, lines: list[str], says: str) -> None:
    with pytest.raises(PlayerAliasError, match=says) as caught:
        aliases_of(tmp_path, *lines)
    assert "own.csv, line" in str(caught.value)


def test_two_names_of_one_alias_in_different_seasons_are_no_contradiction(tmp_path: Path) -> None:
    aliases = aliases_of(tmp_path, "moe,moritzwagner,,2021,", "moe,mowagner,2022,,")
    assert aliases.resolve(pd.Series(["moe"] * 2, dtype="string"), pd.Series([2021, 2022])).tolist() == [
        *("moritzwagner", "mowagner")
    ]


def test_a_missing_file_and_one_of_another_kind_name_the_setting_or_the_columns(tmp_path: Path) -> None:
    with pytest.raises(PlayerAliasError, match=r"no such file.*NBA_PLAYER_ALIASES"):
        player_aliases({PLAYER_ALIASES_VARIABLE: str(tmp_path / "nowhere.csv")})
    other = tmp_path / "other.csv"
    other.write_text("name,team\nmoe,ORL\n")
    with pytest.raises(PlayerAliasError, match="columns alias, canonical"):
        read_aliases(other)


def test_the_season_of_a_row_without_one_is_that_of_its_date() -> None:
    rosters = pd.DataFrame(
        {
            "roster_date": pd.to_datetime(["2020-10-10", "2021-11-30", "2021-11-30"]),
            "season_year": pd.array([None, None, 2020], dtype="Int64"),
            "player_lookup": pd.array(["eneskanter"] * 3, dtype="string"),
        }
    )
    found = with_resolved_players(ESPN_TEAM_ROSTERS, rosters, player_aliases({}))
    assert found["player_lookup"].tolist() == ["eneskanter", "enesfreedom", "eneskanter"]


def box(*rows: tuple[str, str, int | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["game_id", "player_lookup", "nba_player_id"])
    return frame.assign(season_year=2023).astype({"player_lookup": "string", "nba_player_id": "Int64"})


def test_an_alias_never_makes_two_players_of_a_game_one(tmp_path: Path) -> None:
    aliases = aliases_of(tmp_path, "jaylinwilliams,jalenwilliams,,,")
    apart = box(("g1", "jaylinwilliams", None), ("g2", "jalenwilliams", None))
    found = with_resolved_players(NBAC_PLAYER_BOXSCORES, apart, aliases)
    assert found["player_lookup"].tolist() == ["jalenwilliams", "jalenwilliams"]
    both = box(("g1", "jaylinwilliams", None), ("g1", "jalenwilliams", None), ("g2", "jalenwilliams", None))
    with pytest.raises(PlayerAliasError, match=r"jalenwilliams and jaylinwilliams one player, but .* in game g1"):
        with_resolved_players(NBAC_PLAYER_BOXSCORES, both, aliases)
    # One id under two spellings is one player whom the source lists twice.
    twice = box(("g1", "moewagner", 7), ("g1", "moritzwagner", 7))
    assert set(with_resolved_players(NBAC_PLAYER_BOXSCORES, twice, aliases)["player_lookup"]) == {"moritzwagner"}
    # Two books may spell one player in two ways.
    lines = both.drop(columns="nba_player_id")
    assert len(with_resolved_players(ODDS_API_PLAYER_POINTS_PROPS, lines, aliases)) == 3


def test_registry_rows_of_one_player_are_joined_and_those_of_two_refused(tmp_path: Path) -> None:
    born = pd.Timestamp("1997-04-26")
    stored = pd.DataFrame(
        {
            "player_lookup": ["moritzwagner", "herbertjones", "moewagner", "moewagner"],
            "season_year": [2023, 2023, 2023, 2022],
            "universal_player_id": ["nba-7", "nba-8", "other-7", "other-7"],
            "nba_player_id": pd.array([7, 8, None, None], dtype="Int64"),
            "birth_date": [pd.NaT, pd.NaT, born, born],
        }
    ).astype({"player_lookup": "string", "universal_player_id": "string"})
    found = with_resolved_players(PLAYER_REGISTRY, stored, player_aliases({}))
    found = found.sort_values(["player_lookup", "season_year"])
    # The row under the player's own name wins; what it does not say, the other one tells.
    assert found["player_lookup"].tolist() == ["herbertjones", "moritzwagner", "moritzwagner"]
    assert found["universal_player_id"].tolist() == ["nba-8", "other-7", "nba-7"]
    assert found["birth_date"].isna().tolist() == [True, False, False]
    assert found.dtypes.equals(stored.dtypes)
    stored.loc[1, "player_lookup"] = "carlwagner"
    aliases = aliases_of(tmp_path, "carlwagner,moritzwagner,2023,,")
    with pytest.raises(PlayerAliasError, match=r"carlwagner and .*moritzwagner one player, but .* two ids"):
        with_resolved_players(PLAYER_REGISTRY, stored, aliases)


def test_rows_whose_names_are_canonical_come_back_untouched() -> None:
    rows = box(("g1", "nikolajokic", 1), ("g1", "jabarismithjr", 2))
    assert with_resolved_players(NBAC_PLAYER_BOXSCORES, rows, player_aliases({})) is rows
