"""Who offers lines: which book comes first, and which operators are no books."""

import pandas as pd

# Best first; books that are not named here follow in alphabetical order. Source: ruling 13 of the specification.
BOOK_ORDER = ("draftkings", "fanduel")
# Operators of daily-fantasy games, whose lines are no market prices; written without underscores.
DAILY_FANTASY_OPERATORS = frozenset(
    {
        *("betr", "betrpicks", "betrusdfs", "boom", "boomfantasy", "chalkboard", "dabble", "dabbleau", "dabbleusdfs"),
        *("draftkingspick6", "drafters", "fanduelpicks", "hotstreak", "jockmkt", "mkf", "monkeyknifefight"),
        *("nohouseadvantage", "ownersbox", "parlayplay", "pick6", "prizepicks", "sleeper", "sleeperfantasy"),
        *("superdraft", "thrivefantasy", "underdog", "underdogfantasy", "vividpicks"),
    }
)


def book_preference(bookmakers: pd.Series) -> pd.DataFrame:
    """How books rank when one of them is wanted.

    Args:
        bookmakers: Names as :func:`normalised_bookmakers` gives them.

    Returns:
        On the same index: ``daily_fantasy``, whether it is an operator of daily-fantasy games, who count only where no
        book has a line; and ``book_place``, the place in :data:`BOOK_ORDER`. Equal ones follow in alphabetical order.
    """
    places = {name: place for place, name in enumerate(BOOK_ORDER)}
    return pd.DataFrame(
        {
            "daily_fantasy": bookmakers.str.replace("_", "").isin(DAILY_FANTASY_OPERATORS),
            "book_place": bookmakers.map(places).astype("float64").fillna(len(BOOK_ORDER)),
        },
        index=bookmakers.index,
    )
