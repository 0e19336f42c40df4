"""Normalising player names, so that every source means the same player by the same text."""

import unicodedata

import pandas as pd

# NFKD takes accents off letters; these letters are not a letter plus an accent and would vanish instead.
_UNDECOMPOSED = str.maketrans(
    {
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "ß": "ss",
        "ẞ": "SS",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "þ": "th",
        "Þ": "Th",
        "ħ": "h",
        "Ħ": "H",
        "ŧ": "t",
        "Ŧ": "T",
        "ŋ": "n",
        "Ŋ": "N",
        "ı": "i",  # noqa: RUF001 - the Turkish dotless i is meant
        "ə": "e",
        "Ə": "E",
    }
)


def player_lookups(names: pd.Series) -> pd.Series:
    """Normalised player names: lower-case letters a to z and digits only.

    Args:
        names: Full names as a source writes them.

    Returns:
        Text series on the same index, such as ``nikolajokic`` and ``pjwashingtonjr``. NULL stays NULL; a name
        without any Latin letter or digit gives empty text, which callers must treat as unusable.
    """
    texts = names.astype("string")
    # A season has some 600 names on 26,000 lines: each is normalised once.
    normalised = {name: _player_lookup(name) for name in texts.dropna().unique()}
    return texts.map(normalised).astype("string")


def _player_lookup(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_UNDECOMPOSED)).encode("ascii", "ignore").decode("ascii")
    return "".join(letter for letter in plain.lower() if letter.isalnum())
