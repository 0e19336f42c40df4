"""A team's schedule around each of its games: rest, load, travel, what comes next, and results before the date.

Rest and load come from the schedule, played or not; results only from final games. Every look back stays within the
season and strictly before the date, so a game that is added later changes no earlier row, to the last bit.
"""

import numpy as np
import pandas as pd

from analytics_assets.league.arenas import home_places
from analytics_assets.league.games import GameType
from analytics_assets.league.seasons import EARLY_SEASON_DAYS
from analytics_assets.league.teams import TRICODES
from analytics_assets.stats.travel import trips

EARLY_PHASE_LAST_DAY = 30
LATE_PHASE_DAYS = 42
# A schedule that ends sooner after opening night is not the whole of a regular season: 173 days is usual, and the
# shortest since the play-in exists, 2020-21, had 146.
SHORTEST_REGULAR_SEASON_DAYS = 140

_PLACE = ["latitude", "longitude", "time_zone"]
_GAME = [
    "game_id",
    "nba_game_id",
    "game_date",
    "season_year",
    "game_type",
    "tipoff_at",
    "ends_at",
    "final",
    "neutral_site",
    "is_primetime",
]
# Key of a team's date: season, team and day in one number. No window comes near the 2^20 days between two teams.
_DAYS = 1 << 20
_TEAMS = 64


def team_schedule(games: pd.DataFrame) -> pd.DataFrame:
    """Every counted game from the side of each of its teams.

    What lies ahead is read only from what is published before a season, its regular-season games: who plays on in the
    cup final, the play-in and the playoffs, and when, tells results that are not known yet.

    Args:
        games: ``Schedule.games`` joined with ``league.arenas.places_of_games``: also games that do not count.

    Returns:
        One row per counted game and team, ordered by date, game and team:

        - ``game_id``, ``nba_game_id``, ``game_date``, ``season_year``, ``game_type``, ``tipoff_at``, ``ends_at``,
          ``final``, ``team_abbr``, ``opponent_team_abbr``, ``home_game``, ``neutral_site``, ``is_primetime``;
        - ``days_since_last_game`` and ``team_days_rest`` (one less; NULL in the first game of the season),
          ``is_back_to_back`` (a game the day before), ``opponent_days_rest``, ``rest_advantage`` (own minus theirs);
        - ``game_number_in_season`` (the cup final has none and is not counted), ``games_in_last_7_days`` and
          ``games_in_last_14_days`` (before the date), ``consecutive_road_games`` (with this one; a neutral site is
          away for both; 0 at home);
        - ``travel_miles``, ``time_zones_crossed`` (hours, east positive), ``travel_direction``, ``jet_lag_factor`` as
          from ``stats.travel.trips``, from the arena of the previous game, in the first game from the home arena;
          ``miles_traveled_last_14_days`` and ``time_zones_crossed_last_14_days`` (hours, either way) over the trips
          into games of the last 14 days, NULL without games or with an unknown place;
        - ``next_game_date``, ``next_game_days_rest``, ``next_opponent_team_abbr``, ``next_game_is_primetime``,
          ``games_in_next_7_days`` (after the date), ``opponent_games_in_next_7_days``,
          ``opponent_next_game_days_rest``: regular-season games; NULL in play-in and playoffs;
        - ``days_into_season`` (0 on opening night), ``early_season_flag`` (below 14), ``season_phase`` (``early`` to
          day 30, ``late`` in the last 42 days of the regular season, else ``mid``, NULL where the schedule does not
          reach the season's end; ``play_in``; ``playoffs``);
        - ``arena_time_zone``, ``game_start_time_local`` (``HH:MM`` there, NULL without a tip-off).
    """
    rows = _team_rows(games)
    chain = _TeamDates(rows["key"])
    parts = [
        rows[[*_GAME, "team_abbr", "opponent_team_abbr", "home_game"]],
        _rest_and_load(rows, chain),
        _travel(rows, chain),
        _ahead(rows),
        _time_of_season(rows),
        _start_time(rows),
    ]
    found = pd.concat(parts, axis="columns")
    theirs = found.iloc[rows["opponent_row"].to_numpy()].reset_index(drop=True)
    found["opponent_days_rest"] = theirs["team_days_rest"]
    found["rest_advantage"] = found["team_days_rest"] - theirs["team_days_rest"]
    found["opponent_games_in_next_7_days"] = theirs["games_in_next_7_days"]
    found["opponent_next_game_days_rest"] = theirs["next_game_days_rest"]
    return found.sort_values(["game_date", "game_id", "team_abbr"], ignore_index=True)


def results_entering(team_games: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    """What each team's results of the season were before a date.

    Args:
        team_games: Rows to tell it for: ``season_year``, ``game_date``, ``team_abbr``, ``next_opponent_team_abbr``.
        games: ``Schedule.games``. Only final games with two different scores have a result.

    Returns:
        Frame on the index of ``team_games``, over counted games of the season strictly before the date:
        ``last_game_margin`` (points, negative when lost) and ``last_game_result`` (``W`` or ``L``) of the latest
        result; ``team_win_streak_entering`` and ``team_loss_streak_entering`` (at most one is above 0); ``wins``,
        ``losses``, ``win_pct`` (ratio; NULL without results); ``pending_games`` (games that have no result yet);
        ``next_opponent_win_pct`` (as of the same date).
    """
    rows = _team_rows(games)
    score = rows["home_score"].where(rows["home_game"], rows["away_score"])
    margin = score - rows["away_score"].where(rows["home_game"], rows["home_score"])
    known = (rows["final"] & (margin != 0).fillna(False)).to_numpy(dtype=bool)
    results, won = rows[known], (margin[known] > 0).to_numpy(dtype=bool)
    chain = _TeamDates(results["key"])
    keys = _keys(team_games["season_year"], team_games["team_abbr"], team_games["game_date"])
    next_keys = _keys(team_games["season_year"], team_games["next_opponent_team_abbr"], team_games["game_date"])
    form = pd.DataFrame({"margin": margin[known].array, "run": _runs(results["key"], won)}).astype("Int64")
    form = form.reindex(chain.before(keys)).set_axis(team_games.index)
    last_won, last_lost = (form["margin"] > 0).fillna(False), (form["margin"] < 0).fillna(False)
    result = pd.Series(pd.NA, index=team_games.index, dtype="string").mask(last_won, "W").mask(last_lost, "L")
    wins, losses = _record(chain, won, keys)
    counts = {
        "team_win_streak_entering": form["run"].where(last_won, 0),
        "team_loss_streak_entering": form["run"].where(last_lost, 0),
        "wins": wins,
        "losses": losses,
        "pending_games": _TeamDates(rows["key"]).season_games_before(keys) - wins - losses,
    }
    entering = pd.DataFrame(counts, index=team_games.index).astype("Int64")
    return entering.assign(
        last_game_margin=form["margin"],
        last_game_result=result,
        win_pct=_share(wins, losses),
        next_opponent_win_pct=_share(*_record(chain, won, next_keys)),
    )


class _TeamDates:
    """Positions of team rows by date, for rows ordered by their key."""

    def __init__(self, keys: pd.Series) -> None:
        self._keys = keys.to_numpy()

    def before(self, keys: np.ndarray) -> np.ndarray:
        """Position of the team's last row strictly before each date; -1 without one in the season."""
        return self._same_team(np.searchsorted(self._keys, keys, side="left") - 1, keys)

    def after(self, keys: np.ndarray) -> np.ndarray:
        """Position of the team's first row strictly after each date; -1 without one in the season."""
        return self._same_team(np.searchsorted(self._keys, keys, side="right"), keys)

    def window(self, keys: np.ndarray, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """First position, and one past the last, of the team's rows from ``first`` to ``last`` days off each date."""
        return (
            np.searchsorted(self._keys, keys + first, side="left"),
            np.searchsorted(self._keys, keys + last, side="right"),
        )

    def season_start(self, keys: np.ndarray) -> np.ndarray:
        """Position at which the rows of each key's team and season begin."""
        return np.searchsorted(self._keys, keys - keys % _DAYS, side="left")

    def season_games_before(self, keys: np.ndarray) -> np.ndarray:
        """How many rows the team has in the season strictly before each date."""
        return np.searchsorted(self._keys, keys, side="left") - self.season_start(keys)

    def _same_team(self, positions: np.ndarray, keys: np.ndarray) -> np.ndarray:
        inside = (positions >= 0) & (positions < len(self._keys))
        found = np.append(self._keys, 0)[np.where(inside, positions, len(self._keys))]
        return np.where(inside & (found // _DAYS == keys // _DAYS), positions, -1)


def _keys(season_years: pd.Series, teams: pd.Series, dates: pd.Series) -> np.ndarray:
    team = pd.Categorical(teams, categories=TRICODES).codes.astype(np.int64) + 1
    season = season_years.to_numpy(dtype=np.int64)
    day = dates.to_numpy(dtype="datetime64[D]").astype(np.int64)
    # Days count from 1970; half the room lies before.
    return (season * _TEAMS + team) * _DAYS + day + _DAYS // 2


def _team_rows(games: pd.DataFrame) -> pd.DataFrame:
    """Counted games twice, in the order in which each team plays them, with ``key`` and the opponent's row."""
    counted = games[games["counts"].to_numpy(dtype=bool)].reset_index(drop=True)
    sides = [
        counted.assign(team_abbr=counted[own], opponent_team_abbr=counted[other], home_game=own == "home")
        for own, other in (("home", "away"), ("away", "home"))
    ]
    rows = pd.concat(sides, ignore_index=True).astype({"neutral_site": "boolean", "is_primetime": "boolean"})
    rows["key"] = _keys(rows["season_year"], rows["team_abbr"], rows["game_date"])
    rows = rows.sort_values(["key", "tipoff_at", "nba_game_id"])
    origin = rows.index.to_numpy()
    place = np.empty(len(rows), dtype=np.int64)
    place[origin] = np.arange(len(rows))
    other_side = np.where(origin < len(counted), origin + len(counted), origin - len(counted))
    return rows.reset_index(drop=True).assign(opponent_row=place[other_side])


def _days_between(earlier: pd.Series, later: pd.Series) -> pd.Series:
    return (later - earlier).dt.days.astype("Int64")


def _rest_and_load(rows: pd.DataFrame, chain: _TeamDates) -> pd.DataFrame:
    keys = rows["key"].to_numpy()
    before = rows["game_date"].reindex(chain.before(keys)).reset_index(drop=True)
    days = _days_between(before, rows["game_date"])
    is_cup_final = rows["game_type"] == GameType.CUP_FINAL.value
    numbered = _TeamDates(rows.loc[~is_cup_final, "key"])
    number = pd.Series(numbered.season_games_before(keys) + 1, index=rows.index, dtype="Int64")
    found = {
        "days_since_last_game": days,
        "team_days_rest": days - 1,
        "is_back_to_back": (days == 1).fillna(False).astype("boolean"),
        "game_number_in_season": number.mask(is_cup_final),
        "consecutive_road_games": _road_games_in_a_row(rows),
    }
    for window in (7, 14):
        start, end = chain.window(keys, -window, -1)
        found[f"games_in_last_{window}_days"] = pd.Series(end - start, index=rows.index, dtype="Int64")
    return pd.DataFrame(found)


def _road_games_in_a_row(rows: pd.DataFrame) -> pd.Series:
    road = ~rows["home_game"].astype(bool) | rows["neutral_site"].fillna(False).astype(bool)
    return pd.Series(np.where(road, _runs(rows["key"], road.to_numpy()), 0), index=rows.index, dtype="Int64")


def _runs(keys: pd.Series, values: np.ndarray) -> np.ndarray:
    """How often in a row, up to each row and with it, a team of a season has had the value that stands there."""
    team = keys.to_numpy() // _DAYS
    position = np.arange(len(keys))
    starts = np.ones(len(keys), dtype=bool)
    starts[1:] = (team[1:] != team[:-1]) | (values[1:] != values[:-1])
    return position - np.maximum.accumulate(np.where(starts, position, 0)) + 1


def _travel(rows: pd.DataFrame, chain: _TeamDates) -> pd.DataFrame:
    keys = rows["key"].to_numpy()
    before = chain.before(keys)
    first_game = before < 0
    start = rows[_PLACE].reindex(before).set_axis(rows.index)
    start[first_game] = home_places(rows["team_abbr"], rows["season_year"])[first_game]
    found = trips(start, rows[_PLACE], rows["game_date"])
    window = chain.window(keys, -14, -1)
    found["miles_traveled_last_14_days"] = _sums(found["travel_miles"].to_numpy(), *window)
    found["time_zones_crossed_last_14_days"] = _sums(found["time_zones_crossed"].abs().to_numpy(), *window)
    return found


def _sums(values: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Sum of each window's values; NULL for an empty window and where one of its values is.

    Each window is added up on its own: differences of one running total would carry other teams' rounding.
    """
    bounds = np.column_stack([start, end]).ravel()
    # reduceat wants every bound inside: one more value, which is in no window.
    sums = np.add.reduceat(np.append(values, 0.0), bounds)[::2] if len(bounds) else np.empty(0)
    return np.where(end > start, sums, np.nan)


def _ahead(rows: pd.DataFrame) -> pd.DataFrame:
    """The next regular-season game and how many follow within a week, NULL once the regular season is over."""
    published = rows[rows["game_type"] == GameType.REGULAR.value].reset_index(drop=True)
    settled_later = rows["game_type"].isin([GameType.PLAY_IN.value, GameType.PLAYOFFS.value])
    chain, keys = _TeamDates(published["key"]), rows["key"].to_numpy()
    upcoming = published.reindex(np.where(settled_later, -1, chain.after(keys))).reset_index(drop=True)
    start, end = chain.window(keys, 1, 7)
    return pd.DataFrame(
        {
            "next_game_date": upcoming["game_date"],
            "next_game_days_rest": _days_between(rows["game_date"], upcoming["game_date"]) - 1,
            "next_opponent_team_abbr": upcoming["opponent_team_abbr"],
            "next_game_is_primetime": upcoming["is_primetime"],
            "games_in_next_7_days": pd.Series(end - start, index=rows.index, dtype="Int64").mask(settled_later),
        }
    )


def _time_of_season(rows: pd.DataFrame) -> pd.DataFrame:
    regular = rows[rows["game_type"] == GameType.REGULAR.value].groupby("season_year")["game_date"]
    opening, last = rows["season_year"].map(regular.min()), rows["season_year"].map(regular.max())
    days = _days_between(opening, rows["game_date"])
    whole = _days_between(opening, last) >= SHORTEST_REGULAR_SEASON_DAYS
    late = _days_between(rows["game_date"], last) < LATE_PHASE_DAYS
    phase = pd.Series(pd.NA, index=rows.index, dtype="string")
    phase = phase.mask(whole, "mid").mask(whole & late, "late").mask(days <= EARLY_PHASE_LAST_DAY, "early")
    for kind in (GameType.PLAY_IN.value, GameType.PLAYOFFS.value):
        phase = phase.mask(rows["game_type"] == kind, kind)
    return pd.DataFrame(
        {"days_into_season": days, "early_season_flag": days < EARLY_SEASON_DAYS, "season_phase": phase}
    )


def _start_time(rows: pd.DataFrame) -> pd.DataFrame:
    zones = rows["time_zone"].astype("string")
    local = pd.Series(pd.NA, index=rows.index, dtype="string")
    for zone in zones.dropna().unique():
        inside = (zones == zone).fillna(False).to_numpy(dtype=bool)
        local[inside] = rows["tipoff_at"][inside].dt.tz_convert(zone).dt.strftime("%H:%M")
    return pd.DataFrame({"arena_time_zone": zones, "game_start_time_local": local})


def _record(results: _TeamDates, won: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wins and losses in the season before each date."""
    games = results.season_games_before(keys)
    start = results.season_start(keys)
    wins_so_far = np.concatenate([[0], np.cumsum(won)])
    wins = wins_so_far[start + games] - wins_so_far[start]
    return wins, games - wins


def _share(wins: np.ndarray, losses: np.ndarray) -> np.ndarray:
    games = wins + losses
    return np.where(games > 0, wins / np.maximum(games, 1), np.nan)
