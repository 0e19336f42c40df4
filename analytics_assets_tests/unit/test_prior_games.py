"""Windows over prior games: which games they hold, and what they say of none, of one and of unknown values."""

import pandas as pd
import pytest

from analytics_assets.stats.prior_games import PriorGames, days_since_previous_game, one_game_a_date

NAN = float("nan")


def games(*rows: tuple) -> pd.DataFrame:
    """Games of 2023-24 from (team, day of January 2024, points, minutes)."""
    table = pd.DataFrame(rows, columns=["team_abbr", "day", "points", "minutes"])
    dates = pd.to_datetime("2024-01-" + table.pop("day").astype(str).str.zfill(2))
    return table.assign(game_date=dates, season_year=2023).astype({"points": "Int64", "minutes": "float64"})


def on(*days: int, team: str | None = "BOS", season: int = 2023) -> pd.DataFrame:
    """Targets of a team on days of January 2024, on an index of their own."""
    dates = [pd.Timestamp(2024, 1, day) for day in days]
    index = pd.Index([100 + day for day in days])
    return pd.DataFrame({"team_abbr": team, "game_date": dates, "season_year": season}, index=index)


HISTORY = games(
    ("BOS", 1, 10, 40.0),
    ("BOS", 3, 20, None),
    ("LAL", 3, 90, 30.0),
    ("BOS", 4, None, 20.0),
    ("BOS", 8, 40, 30.0),
)


def test_windows_hold_the_entitys_games_strictly_before_the_date() -> None:
    prior = PriorGames(HISTORY, on(1, 4, 8, 9), ["team_abbr"])
    assert prior.season().games.to_dict() == {101: 0, 104: 2, 108: 3, 109: 4}
    assert prior.last(2).games.tolist() == [0, 2, 2, 2]
    assert prior.last(2).first_date.dt.day.tolist()[1:] == [1, 3, 4]
    assert prior.last(2).last_date.dt.day.tolist()[1:] == [3, 4, 8]
    assert prior.last(2).first_date.isna().tolist() == [True, False, False, False]


def test_days_reach_from_n_days_before_to_the_day_before() -> None:
    prior = PriorGames(HISTORY, on(8, 10, 11, 15, 16), ["team_abbr"])
    assert prior.days(7).games.tolist() == [3, 3, 2, 1, 0]
    assert prior.days(7).first_date.dt.day.tolist()[:4] == [1, 3, 4, 8]


def test_no_game_of_another_season_enters_and_the_first_game_has_empty_windows() -> None:
    earlier = HISTORY.assign(season_year=2022)
    window = PriorGames(pd.concat([HISTORY, earlier], ignore_index=True), on(1, 9), ["team_abbr"]).season()
    assert window.games.tolist() == [0, 4]
    first = PriorGames(earlier, on(9), ["team_abbr"]).last(10)
    assert first.games.tolist() == [0]
    for nothing in (first.sum("points"), first.mean("points"), first.ratio("points", "minutes"), first.last_date):
        assert nothing.isna().all()


def test_sum_is_unknown_with_an_unknown_value_and_mean_is_over_known_ones() -> None:
    window = PriorGames(HISTORY, on(1, 4, 9), ["team_abbr"]).season()
    pd.testing.assert_series_equal(window.sum("points"), pd.Series([NAN, 30.0, NAN], index=[101, 104, 109]))
    pd.testing.assert_series_equal(window.mean("points"), pd.Series([NAN, 15.0, 70 / 3], index=[101, 104, 109]))


def test_mean_of_true_zeros_is_zero_and_of_unknown_values_null() -> None:
    rows = games(("BOS", 1, 0, None), ("BOS", 2, 0, None))
    window = PriorGames(rows, on(3), ["team_abbr"]).last(5)
    assert window.mean("points").tolist() == [0.0]
    assert window.sum("points").tolist() == [0.0]
    assert window.mean("minutes").isna().all()


def test_ratio_is_of_sums_over_the_games_in_which_both_are_known() -> None:
    window = PriorGames(HISTORY, on(9), ["team_abbr"]).season()
    assert window.ratio("points", "minutes", scale=48).tolist() == [48 * 50 / 70]
    assert [total.tolist() for total in window.sums_where_known("points", "minutes")] == [[50], [70]]
    below = games(("BOS", 1, 3, 0.0))
    assert PriorGames(below, on(9), ["team_abbr"]).season().ratio("points", "minutes").isna().all()


def test_count_of_a_mask_is_zero_without_games() -> None:
    window = PriorGames(HISTORY, on(1, 9), ["team_abbr"]).last(3)
    mask = (HISTORY["points"] >= 20).astype("boolean")
    assert window.count(mask).tolist() == [0, 2]


def test_games_since_a_date_of_each_target() -> None:
    targets = on(9, 9, 9, 4)
    dates = pd.Series([pd.Timestamp("2024-01-03"), pd.NaT, pd.Timestamp("2022-01-01"), pd.Timestamp("2025-01-01")])
    prior = PriorGames(HISTORY, targets, ["team_abbr"])
    assert prior.since(dates.set_axis(targets.index)).games.tolist() == [3, 0, 4, 0]


def test_windows_that_reach_back_before_the_first_game_hold_nobody_elses() -> None:
    for team, number in (("BOS", 4), ("LAL", 1)):
        prior = PriorGames(HISTORY, on(9, team=team), ["team_abbr"])
        long_ago = pd.Series([pd.Timestamp("2020-01-01")], index=[109])
        for window in (prior.days(300), prior.last(300), prior.since(long_ago), prior.season()):
            assert window.games.tolist() == [number]


def test_target_of_an_unknown_or_new_entity_has_no_games() -> None:
    rows = pd.concat([HISTORY, HISTORY.assign(season_year=2022)], ignore_index=True)
    for team in (None, "DEN"):
        for season in (2022, 2023, 2024):
            prior = PriorGames(rows, on(9, team=team, season=season), ["team_abbr"])
            assert [window.games.tolist() for window in (prior.season(), prior.last(3), prior.days(300))] == [[0]] * 3


def test_several_columns_name_an_entity() -> None:
    rows = HISTORY.assign(opponent_team_abbr=["LAL", "LAL", "BOS", "DEN", "LAL"])
    targets = on(9, 9).assign(opponent_team_abbr=["LAL", "DEN"])
    assert PriorGames(rows, targets, ["team_abbr", "opponent_team_abbr"]).season().games.tolist() == [3, 1]


@pytest.mark.parametrize(
    ("history", "targets"),
    [(HISTORY[:0], on(9)), (HISTORY, on()), (HISTORY[:0], on())],
    ids=["games", "targets", "both"],
)
def test_nothing_to_look_at_gives_empty_windows(history: pd.DataFrame, targets: pd.DataFrame) -> None:
    prior = PriorGames(history, targets, ["team_abbr"])
    for window in (prior.last(5), prior.days(7), prior.season()):
        assert window.games.tolist() == [0] * len(targets)
        assert window.mean("points").isna().all()
        assert window.trend("points").isna().all()


def test_a_repeated_game_counts_once_whichever_row_comes_first() -> None:
    rows = games(("BOS", 1, 10, 40.0), ("BOS", 1, 10, 40.0), ("BOS", 2, 20, 30.0), ("BOS", 2, 25, 30.0))
    found = [PriorGames(part, on(3), ["team_abbr"]).days(7) for part in (rows, rows[::-1])]
    assert [window.games.tolist() for window in found] == [[2], [2]]
    assert found[0].sum("points").tolist() == found[1].sum("points").tolist()
    assert len(one_game_a_date(rows, ["team_abbr"])) == 2


def test_trend_is_the_slope_over_games_in_order_and_needs_three() -> None:
    rows = games(("BOS", 1, 10, 40.0), ("BOS", 2, 12, None), ("BOS", 9, 17, 20.0), ("BOS", 10, None, 10.0))
    window = PriorGames(rows, on(9, 10, 11), ["team_abbr"]).last(10)
    # 10, 12, 17 one game apart, whatever the days between them.
    assert window.trend("points").tolist()[1:] == pytest.approx([3.5, 3.5])
    # 40, unknown, 20, 10: the unknown game keeps its place in the order.
    assert window.trend("minutes").tolist()[2] == pytest.approx(-10.0)
    assert window.trend("points").isna().tolist() == [True, False, False]
    assert window.trend("minutes").isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("points", "line", "above", "below"),
    [
        ([30, 10, 25, 21], 20.5, 2, 0),
        ([10, 30, 19, 20], 20.5, 0, 2),
        # A push and an unknown game neither count nor end a streak.
        ([10, 25, 20, None, 21], 20.0, 2, 0),
        ([20, 20], 20.0, 0, 0),
        ([25, 26], 20.5, 2, 0),
        ([25, 26], None, None, None),
        ([], 20.5, None, None),
        # A line of zero is a line.
        ([1, 2], 0.0, 2, 0),
    ],
)
def test_streaks_against_todays_level(points: list, line: float | None, above: int | None, below: int | None) -> None:
    rows = games(*(("BOS", day, scored, 30.0) for day, scored in enumerate(points, start=1)))
    found = PriorGames(rows, on(20), ["team_abbr"]).season().streaks("points", pd.Series([line], dtype="float64"))
    expected = pd.DataFrame({"above": [above], "below": [below]}, index=[120], dtype="Int64")
    pd.testing.assert_frame_equal(found, expected)


def test_days_since_the_previous_game_start_anew_every_season() -> None:
    rows = pd.concat([HISTORY, HISTORY.assign(season_year=2022)], ignore_index=True).iloc[::-1]
    found = days_since_previous_game(rows, ["team_abbr"]).sort_index()
    expected = pd.Series([NAN, 2.0, NAN, 1.0, 4.0] * 2, name="game_date")
    pd.testing.assert_series_equal(found, expected)
