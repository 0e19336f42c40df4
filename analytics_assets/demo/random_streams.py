"""Where the demo league's randomness comes from: one independent stream per seed, season and purpose."""

from zlib import crc32

import numpy as np


def random_stream(seed: int, season_year: int, purpose: str) -> np.random.Generator:
    """Random generator that depends on nothing but its arguments.

    Separate streams keep a season unchanged when other seasons are simulated with it, and keep one part of a season
    unchanged when another part draws more or fewer numbers.

    Args:
        seed: The league's seed, not negative.
        season_year: Calendar year in which the season starts.
        purpose: What the numbers are for, such as ``"tip-offs"``.

    Raises:
        ValueError: The seed is negative.
    """
    if seed < 0:
        raise ValueError(f"seed must not be negative, got {seed}")
    return np.random.default_rng([seed, season_year, crc32(purpose.encode())])
