"""What the registry says of players, without what cannot be true."""

import pandas as pd

# The youngest player of the league's history was 18.
YOUNGEST_AGE = 15


def known_players(registry: pd.DataFrame) -> pd.DataFrame:
    """One row per ``player_lookup`` and ``season_year``, the last one; a blank ``universal_player_id`` is NULL.

    Args:
        registry: ``player_lookup``, ``season_year``, ``universal_player_id``, and any other columns.
    """
    identity = registry["universal_player_id"].astype("string").str.strip()
    known = registry.assign(universal_player_id=identity.mask(identity == ""))
    return known.drop_duplicates(["player_lookup", "season_year"], keep="last")


def possible_birth_dates(born: pd.Series, day: pd.Series) -> pd.Series:
    """Birth dates as they are, NULL where nobody of that age plays on the day."""
    return born.where(day.dt.year - born.dt.year >= YOUNGEST_AGE)
