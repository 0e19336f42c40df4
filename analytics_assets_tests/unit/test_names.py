"""Normalised player names."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_assets.raw.names import player_lookups


@pytest.mark.parametrize(
    ("name", "lookup"),
    [
        ("Nikola Jokić", "nikolajokic"),
        ("P.J. Washington Jr.", "pjwashingtonjr"),
        ("Shai Gilgeous-Alexander", "shaigilgeousalexander"),
        ("De'Aaron Fox", "deaaronfox"),
        ("De\N{RIGHT SINGLE QUOTATION MARK}Aaron Fox", "deaaronfox"),
        ("Kristaps Porziņģis", "kristapsporzingis"),
        ("Jonas Valančiūnas", "jonasvalanciunas"),
        ("Dennis Schröder", "dennisschroder"),
        ("Luka Đončić", "lukadoncic"),
        ("Søren Ødegård", "sorenodegard"),
        ("Michał Łabędź", "michallabedz"),
        ("Groß", "gross"),
        ("Æsir Æþelred", "aesiraethelred"),
        ("Ersan \N{LATIN SMALL LETTER DOTLESS I}lyasova", "ersanilyasova"),
        ("İlkan", "ilkan"),
        ("Trey Murphy III", "treymurphyiii"),
        ("Player 2", "player2"),
        ("姚明", ""),
    ],
)
def test_lookup(name: str, lookup: str) -> None:
    assert player_lookups(pd.Series([name])).tolist() == [lookup]


def test_null_stays_null_and_index_is_kept() -> None:
    names = pd.Series(["Luka Dončić", None, pd.NA, float("nan")], index=[7, 3, 1, 9], dtype=object)
    lookups = player_lookups(names)
    assert lookups.isna().tolist() == [False, True, True, True]
    assert lookups.index.tolist() == [7, 3, 1, 9]
    assert lookups.dtype == "string"


def test_no_names() -> None:
    assert player_lookups(pd.Series([], dtype=object)).dtype == "string"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=20))
def test_lookups_are_plain_and_stable(names: list[str]) -> None:
    lookups = player_lookups(pd.Series(names, dtype="string"))
    assert lookups.fillna("").str.fullmatch("[a-z0-9]*").all()
    assert player_lookups(lookups).tolist() == lookups.tolist()
