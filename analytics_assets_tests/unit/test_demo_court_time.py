"""Line-ups of the demo league: five of a team at every second, everyone for his seconds of the box score."""

import numpy as np
import pandas as pd

from analytics_assets.demo.court_time import elapsed_seconds, game_lengths, players_on_court


def test_everyone_is_on_court_for_exactly_his_seconds_and_five_at_a_time():
    random = np.random.default_rng(3)
    lines, lengths = [], game_lengths(np.array([0, 2]))
    assert lengths.tolist() == [2880, 3480]
    for team_game, length in enumerate(lengths):
        shares = random.integers(600, 1200, 8)
        shares = np.minimum(shares * 5 * length // shares.sum(), length)
        shares[0] += 5 * length - shares.sum()
        assert shares.max() <= length
        lines.append(pd.DataFrame({"team_game": team_game, "seconds": shares}))
    rows = pd.concat(lines, ignore_index=True)
    counted = np.zeros(len(rows), dtype=int)
    for team_game, length in enumerate(lengths):
        moments = np.arange(length)
        on_court = players_on_court(rows, np.full(length, team_game), moments, np.full(length, length))
        assert (np.diff(on_court, axis=1) > 0).all()
        assert set(rows["team_game"].to_numpy()[on_court].ravel()) == {team_game}
        counted += np.bincount(on_court.ravel(), minlength=len(rows))
    assert counted.tolist() == rows["seconds"].tolist()


def test_clocks_of_quarters_and_overtimes_become_seconds_played():
    periods, left = np.array([1, 1, 4, 4, 5, 6]), np.array([720.0, 0.5, 720.0, 0.0, 300.0, 1.0])
    assert elapsed_seconds(periods, left).tolist() == [0, 719, 2160, 2879, 2880, 3479]
