"""Looking back over random seasons: plain Python over each target's own games agrees, nothing else plays a part."""

import statistics
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_assets.stats.player_form import player_form
from analytics_assets.stats.prior_games import PriorGames
from analytics_assets.stats.star_players import team_absences, teammate_absences
from analytics_assets.stats.team_form import team_form
from analytics_assets_tests.support.season_histories import (
    DAYS,
    OPENERS,
    SeasonHistories,
    earlier_games,
    known,
    random_histories,
)

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EACH_BUILDER = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])

seeds = st.integers(0, 100_000)


def windows(found: SeasonHistories) -> pd.DataFrame:
    """Every window and measure of the players' own games."""
    history = found.players
    prior = PriorGames(history, found.targets, ["player_lookup"])
    fortnight_ago = found.targets["game_date"] - pd.Timedelta(days=14)
    chosen = {
        "last_1": prior.last(1),
        "last_12": prior.last(12),
        "days_7": prior.days(7),
        "season": prior.season(),
        "since": prior.since(fortnight_ago),
    }
    result = {}
    for name, window in chosen.items():
        result |= {
            f"{name}_games": window.games,
            f"{name}_first": window.first_date,
            f"{name}_last": window.last_date,
            f"{name}_sum": window.sum("minutes_played"),
            f"{name}_mean": window.mean("minutes_played"),
            f"{name}_ratio": window.ratio("usage_rate", "minutes_played", scale=100),
            f"{name}_count": window.count(history["starter_flag"]),
            f"{name}_trend": window.trend("usage_rate"),
            f"{name}_above": window.streaks("points", found.targets["points_line"])["above"],
            f"{name}_below": window.streaks("points", found.targets["points_line"])["below"],
        }
    return pd.DataFrame(result)


BUILDERS: dict[str, Callable[[SeasonHistories], pd.DataFrame]] = {
    "windows": windows,
    "player_form": lambda found: player_form(found.targets, found.players),
    "team_form": lambda found: team_form(found.targets, found.offense, found.defense),
    "team_absences": lambda found: team_absences(found.targets, found.statuses, found.players),
    "teammate_absences": lambda found: teammate_absences(found.targets, found.statuses, found.players),
}
each_builder = pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)


def assert_same_bits(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    floats = one.select_dtypes("float64").columns
    assert np.array_equal(one[floats].to_numpy().view("int64"), other[floats].to_numpy().view("int64"))


@each_builder
@EACH_BUILDER
@given(seed=seeds, day=st.integers(0, DAYS), other=seeds)
def test_rows_on_or_after_the_date_and_other_seasons_change_no_bit(build, seed, day, other) -> None:
    found, more = random_histories(seed), random_histories(other)
    cut = OPENERS[2023] + pd.Timedelta(days=day)
    wanted = (found.targets["season_year"] == 2023) & (found.targets["game_date"] <= cut)
    targets = found.targets[wanted].reset_index(drop=True)
    before, added = {}, {}
    for name in ("players", "offense", "defense"):
        own, others = getattr(found, name), getattr(more, name)
        before[name] = own[(own["season_year"] == 2023) & (own["game_date"] < cut)]
        # What another league did in the other season and from the date on: games, numbers and all.
        others = others[(others["season_year"] != 2023) | (others["game_date"] >= cut)]
        added[name] = pd.concat([others, before[name]], ignore_index=True)
    assert_same_bits(build(replace(found, targets=targets, **before)), build(replace(found, targets=targets, **added)))


@each_builder
@EACH_BUILDER
@given(seed=seeds, other=seeds)
def test_rows_of_other_entities_change_no_bit(build, seed, other) -> None:
    found, more = random_histories(seed), random_histories(other)
    names = {"BOS": "UTA", "DEN": "MIA", "LAL": "NYK"}
    strangers = {
        "players": more.players.assign(
            player_lookup="stranger" + more.players["player_lookup"],
            team_abbr=more.players["team_abbr"].map(names),
        ),
        "offense": more.offense.assign(team_abbr=more.offense["team_abbr"].map(names)),
        "defense": more.defense.assign(defending_team_abbr=more.defense["defending_team_abbr"].map(names)),
    }
    added = {name: pd.concat([rows, getattr(found, name)], ignore_index=True) for name, rows in strangers.items()}
    assert_same_bits(build(found), build(replace(found, **added)))


@each_builder
@EACH_BUILDER
@given(seed=seeds)
def test_order_of_rows_changes_no_bit(build, seed) -> None:
    found = random_histories(seed)
    shuffled = {name: rows.sample(frac=1, random_state=seed) for name, rows in vars(found).items()}
    assert_same_bits(build(found), build(replace(found, **shuffled)).sort_index())


@QUICK
@given(seed=seeds, size=st.integers(1, 15))
def test_every_window_equals_plain_python_over_each_targets_games(seed, size) -> None:
    found = random_histories(seed)
    history = found.players.to_dict("records")
    prior = PriorGames(found.players, found.targets, ["player_lookup"])
    chosen = {"last": prior.last(size), "days": prior.days(size), "season": prior.season()}
    for name, window in chosen.items():
        measured = pd.DataFrame(
            {
                "games": window.games,
                "first": window.first_date,
                "last": window.last_date,
                "sum": window.sum("minutes_played"),
                "mean": window.mean("minutes_played"),
                "ratio": window.ratio("usage_rate", "minutes_played"),
                "starts": window.count(found.players["starter_flag"]),
                "trend": window.trend("minutes_played"),
                **window.streaks("points", found.targets["points_line"]),
            }
        )
        for target, result in zip(found.targets.to_dict("records"), measured.to_dict("records"), strict=True):
            rows = earlier_games(history, target, "player_lookup")
            if name == "days":
                rows = [row for row in rows if (target["game_date"] - row["game_date"]).days <= size]
            elif name == "last":
                rows = rows[-size:]
            assert_equal(result, plain_measures(rows, target["points_line"]))


def plain_measures(rows: list[dict], line: float) -> dict:
    minutes = known(rows, "minutes_played")
    both = [row for row in rows if not pd.isna(row["usage_rate"]) and not pd.isna(row["minutes_played"])]
    places = [place for place, row in enumerate(rows) if not pd.isna(row["minutes_played"])]
    # The last game that went the other way ends the streak.
    sides = [0 if pd.isna(row["points"]) else np.sign(row["points"] - line) for row in rows]
    told = bool(rows) and not pd.isna(line)
    return {
        "games": len(rows),
        "first": rows[0]["game_date"] if rows else None,
        "last": rows[-1]["game_date"] if rows else None,
        "sum": sum(minutes) if rows and len(minutes) == len(rows) else None,
        "mean": statistics.fmean(minutes) if minutes else None,
        "ratio": sum(row["usage_rate"] for row in both) / sum(row["minutes_played"] for row in both) if both else None,
        "starts": sum(1 for row in rows if row["starter_flag"] is True),
        "trend": statistics.linear_regression(places, minutes).slope if len(minutes) >= 3 else None,
        "above": streak(sides, 1) if told else None,
        "below": streak(sides, -1) if told else None,
    }


def streak(sides: list[float], side: int) -> int:
    length = 0
    for one in reversed(sides):
        if one == -side:
            break
        length += one == side
    return length


def assert_equal(result: dict, expected: dict) -> None:
    assert result.keys() == expected.keys()
    for name, value in expected.items():
        if value is None:
            assert pd.isna(result[name]), (name, result[name])
        elif isinstance(value, float):
            assert result[name] == pytest.approx(value, rel=1e-9, abs=1e-9), name
        else:
            assert result[name] == value, (name, result[name], value)
