"""Players' names in real lines, boxes and logs: which the aliases settle, and which stay open and why."""

import pandas as pd
import pytest

from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.player_aliases import PlayerAliases, player_aliases
from analytics_assets_tests.support.real_data import files, needs_real_data

pytestmark = needs_real_data

SEASONS = (2021, 2022, 2023)
# Books that write an initial for the first name. Some fit two players of a season, others may next season, so none is
# an alias of the project; `raw unresolved` suggests whom each means.
INITIALS = {
    *("acoffey", "bbiyombo", "cmartin", "cokeke", "djonesjr", "drobinson", "dsharpe", "dwade", "gantetokounmpo"),
    *("gbitadze", "ijackson", "jgreen", "jisaac", "jtate", "kcaldwellpope", "mflynn", "milbridges", "mmcbride"),
    *("mmoody", "nalexanderwalker", "ppritchard", "rcovington", "sdinwiddie", "sgilgeousalexander", "tyoung"),
    *("znnaji", "zwilliams"),
}
# Who first played in 2024-25, or came back to the league: the logs end with 2023-24.
NEW_IN_2024_25 = {
    *("adembona", "ajaymitchell", "alexsarr", "bronnyjames", "bubcarrington", "codywilliams", "daltonknecht"),
    *("donovanclingan", "guerschonyabusele", "isaiahcollier", "jakobewalter", "jamalshead", "jaredmccain"),
    *("jaylenwells", "jonathanmogbo", "kelelware", "kylefilipowski", "kyshawngeorge", "osoighodaro"),
    *("ronaldhollandii", "ryandunn", "stephoncastle", "tidjanesalaun", "tristandasilva", "yvesmissi"),
    *("zaccharierisacher", "zachedey"),
}
# Played in the playoffs only, so no log of a regular season has them.
ONLY_IN_PLAYOFFS = {2021: {"lucavildoza"}, 2022: {"daquanjeffries", "tristanthompson"}}


@pytest.fixture(scope="module")
def aliases() -> PlayerAliases:
    return player_aliases({})


@pytest.fixture(scope="module")
def logs() -> pd.DataFrame:
    """``season_year``, ``PLAYER_ID`` and ``lookup`` of everyone in NBA.com's logs."""
    parts = []
    for season in SEASONS:
        (path,) = files(f"nba_com_leaguegamelog/player_gamelogs_{season}-{(season + 1) % 100}.parquet")
        players = pd.read_parquet(path, columns=["PLAYER_ID", "PLAYER_NAME"]).drop_duplicates()
        parts.append(players.assign(season_year=season, lookup=player_lookups(players["PLAYER_NAME"])))
    return pd.concat(parts, ignore_index=True)


def names_in(pattern: str, column: str) -> pd.DataFrame:
    """Every name with its ``lookup`` and number of ``rows``."""
    (path,) = files(pattern)
    counted = (
        pd.read_parquet(path, columns=[column])[column].value_counts().rename_axis("name").reset_index(name="rows")
    )
    return counted.assign(lookup=player_lookups(counted["name"]))


def strangers(names: pd.DataFrame, season: int, known: set[str], aliases: PlayerAliases) -> tuple[set[str], int]:
    """Lookups after aliases that nobody has, and their rows."""
    resolved = aliases.resolve(names["lookup"], pd.Series(season, index=names.index))
    open_ones = ~resolved.isin(known)
    return set(resolved[open_ones]), int(names.loc[open_ones, "rows"].sum())


def test_of_a_season_of_lines_only_initials_stay_open(logs, aliases) -> None:
    names = names_in("odds_api/pra_odds_2023-24.parquet", "player_name")
    known = set(logs.loc[logs["season_year"] == 2023, "lookup"])
    unknown = names[~names["lookup"].isin(known)]
    assert (unknown["lookup"].nunique(), unknown["rows"].sum()) == (90, 1_151)
    assert strangers(names, 2023, known, aliases) == (INITIALS, 76)


def test_of_half_a_later_season_only_those_who_are_new_in_it_stay_open(logs, aliases) -> None:
    names = names_in("prop_lines/prop_odds_*.parquet", "player")
    unknown = names[~names["lookup"].isin(set(logs["lookup"]))]
    assert (unknown["lookup"].nunique(), unknown["rows"].sum()) == (37, 2_686)
    assert strangers(names, 2024, set(logs["lookup"]), aliases) == (NEW_IN_2024_25, 1_820)


def test_other_sources_of_box_scores_name_nobody_else(logs, aliases) -> None:
    boxes = [
        ("exact_minutes_2021-22/*.parquet", 2021),
        ("playoffs_advanced/playoffs_2022_*.parquet", 2021),
        ("playoffs_advanced/playoffs_2023_*.parquet", 2022),
    ]
    for pattern, season in boxes:
        known = set(logs.loc[logs["season_year"] == season, "lookup"])
        found, _ = strangers(names_in(pattern, "PLAYER_NAME"), season, known, aliases)
        assert found == ONLY_IN_PLAYOFFS[season], pattern


def test_an_older_spelling_of_a_box_score_becomes_the_name_of_the_same_id(logs, aliases) -> None:
    (path,) = files("exact_minutes_2021-22/*.parquet")
    older = pd.read_parquet(path, columns=["PLAYER_ID", "PLAYER_NAME"]).drop_duplicates()
    older = older.assign(older=player_lookups(older["PLAYER_NAME"]))
    both = older.merge(logs[logs["season_year"] == 2021], on="PLAYER_ID")
    differ = both[both["older"] != both["lookup"]]
    assert set(differ["older"]) == {
        *("brandonbostonjr", "jeffdowtin", "jimmybutler", "kenyonmartinjr", "reggiebullock", "rjnembhardjr")
    }
    assert aliases.resolve(both["older"], both["season_year"]).tolist() == both["lookup"].tolist()


def test_no_alias_renames_anybody_whom_the_league_itself_calls_so(logs, aliases) -> None:
    assert aliases.resolve(logs["lookup"], logs["season_year"]).tolist() == logs["lookup"].tolist()
