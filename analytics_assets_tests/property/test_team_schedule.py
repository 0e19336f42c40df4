"""Arbitrary schedules: every column equals a plain recomputation, and what comes later changes nothing before."""

from datetime import datetime, timedelta
from math import atan2, cos, hypot, radians, sin
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_assets.league.arenas import HOME_ARENAS
from analytics_assets.stats.team_schedule import results_entering, team_schedule
from analytics_assets_tests.support.raw_rows import schedule_row
from analytics_assets_tests.support.schedules import placed_games

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEAMS = ("BOS", "LAC", "PHX", "DEN", "NYK")
OPENING = {2023: datetime(2023, 10, 24), 2024: datetime(2024, 10, 22)}  # noqa: DTZ001
PREFIX = {"regular": "002", "play_in": "005", "playoffs": "004", "cup_final": "006", "preseason": "001"}
# What the schedule knows before a season; the rest of "ahead", and the season's last date, move with later games.
AHEAD = [
    "next_game_date",
    "next_game_days_rest",
    "next_opponent_team_abbr",
    "next_game_is_primetime",
    "games_in_next_7_days",
    "opponent_games_in_next_7_days",
    "opponent_next_game_days_rest",
    "season_phase",
]

one_game = st.fixed_dictionaries(
    {
        "season": st.sampled_from([2023, 2024]),
        "day": st.integers(0, 25) | st.integers(0, 175),
        "teams": st.permutations(TEAMS).map(lambda order: order[:2]),
        "type": st.sampled_from(["regular"] * 8 + ["play_in", "playoffs", "cup_final", "preseason"]),
        "status": st.sampled_from([1, 2, 3, 3, 3]),
        "postponed": st.sampled_from([None] * 8 + ["postponed"]),
        "scores": st.tuples(st.integers(95, 105), st.integers(95, 105)) | st.just((None, None)),
        "arena": st.sampled_from([None] * 6 + ["Accor Arena", "TD Garden", "Nowhere Hall"]),
        "neutral": st.sampled_from([None, False, True]),
        "primetime": st.sampled_from([None, False, True]),
        "tipoff_hour": st.none() | st.integers(17, 27),
    }
)


def raw_rows(drawn: list[dict]) -> list[dict]:
    """Raw rows with distinct ids: opening night of both seasons, and the drawn games without two a team and date."""
    opener = {"day": 0, "teams": ("BOS", "NYK"), "type": "regular", "status": 3, "postponed": None, "scores": (101, 99)}
    plain = {"arena": None, "neutral": None, "primetime": None, "tipoff_hour": None}
    rows, taken = [], set()
    for number, game in enumerate([*({**opener, **plain, "season": season} for season in OPENING), *drawn]):
        day = OPENING[game["season"]] + timedelta(days=game["day"])
        slots = {(day, team) for team in game["teams"]}
        if slots & taken:
            continue
        taken |= slots
        tipoff = (
            None
            if game["tipoff_hour"] is None
            else pd.Timestamp(day, tz="UTC") + pd.Timedelta(hours=game["tipoff_hour"])
        )
        away, home = game["teams"]
        rows.append(
            schedule_row(
                f"{PREFIX[game['type']]}{game['season'] - 2000}{number:05d}",
                day.strftime("%Y-%m-%d"),
                away,
                home,
                game_status=game["status"],
                postponed_status=game["postponed"],
                home_team_score=game["scores"][0],
                away_team_score=game["scores"][1],
                arena_name=game["arena"],
                neutral_site_flag=game["neutral"],
                is_primetime=game["primetime"],
                tipoff_at=tipoff,
            )
        )
    return rows


def compute(rows: list[dict]) -> pd.DataFrame:
    games = placed_games(*rows)
    schedule = team_schedule(games)
    return schedule.join(results_entering(schedule, games))


# A plain recomputation, game by game.

PLACES = {"Accor Arena": (48.8386, 2.3786, "Europe/Paris"), "TD Garden": (42.3662, -71.0621, "America/New_York")}


def home_of(team: str, season: int) -> tuple:
    arena = HOME_ARENAS["LAL" if team == "LAC" and season == 2023 else team]
    return arena.latitude, arena.longitude, arena.time_zone


def place_of(row: dict) -> tuple | None:
    name, neutral = row["arena_name"], row["neutral_site_flag"]
    if name in PLACES:
        return PLACES[name]
    if neutral or (name is not None and neutral is None):
        return None
    return home_of(row["home_team_tricode"], row["season_year"])


def miles_between(start: tuple, end: tuple) -> float:
    """Angle between the two directions from the Earth's centre, from their cross and dot product."""
    points = []
    for latitude, longitude, _ in (start, end):
        north, east = radians(latitude), radians(longitude)
        points.append((cos(north) * cos(east), cos(north) * sin(east), sin(north)))
    (a, b, c), (x, y, z) = points
    crossed = hypot(b * z - c * y, c * x - a * z, a * y - b * x)
    return 3958.8 * atan2(crossed, a * x + b * y + c * z)


def clock(zone: str, day: pd.Timestamp) -> float:
    offset = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset.total_seconds() / 3600


def kind_of(row: dict) -> str:
    return next(kind for kind, prefix in PREFIX.items() if row["game_id"].startswith(prefix))


def counted(rows: list[dict]) -> list[dict]:
    games = [row for row in rows if kind_of(row) != "preseason" and row["postponed_status"] is None]
    return sorted(games, key=lambda row: row["game_date"])


def team_games(rows: list[dict], team: str, season: int) -> list[dict]:
    return [
        row
        for row in counted(rows)
        if row["season_year"] == season and team in (row["home_team_tricode"], row["away_team_tricode"])
    ]


def other(row: dict, team: str) -> str:
    return row["away_team_tricode"] if row["home_team_tricode"] == team else row["home_team_tricode"]


def margin_of(row: dict, team: str) -> int | None:
    home, away = row["home_team_score"], row["away_team_score"]
    if row["game_status"] != 3 or home is None or home == away:
        return None
    return home - away if row["home_team_tricode"] == team else away - home


def on_road(row: dict, team: str) -> bool:
    return row["home_team_tricode"] != team or row["neutral_site_flag"] is True


def trip_into(games: list[dict], at: int, team: str) -> tuple:
    """Miles and hours of the trip into a team's game; None where a place is unknown."""
    row = games[at]
    start = home_of(team, row["season_year"]) if at == 0 else place_of(games[at - 1])
    end = place_of(row)
    if start is None or end is None:
        return None, None
    return miles_between(start, end), clock(end[2], row["game_date"]) - clock(start[2], row["game_date"])


def margins_before(rows: list[dict], team: str, row: dict) -> list[int | None]:
    return [
        margin_of(game, team)
        for game in team_games(rows, team, row["season_year"])
        if game["game_date"] < row["game_date"]
    ]


def win_pct(margins: list[int | None]) -> float | None:
    known = [margin for margin in margins if margin is not None]
    return sum(margin > 0 for margin in known) / len(known) if known else None


def streak(margins: list[int]) -> tuple[int, int]:
    length = 0
    for margin in reversed(margins):
        if (margin > 0) != (margins[-1] > 0):
            break
        length += 1
    won = bool(margins) and margins[-1] > 0
    return (length, 0) if won else (0, length)


def rest_of(rows: list[dict], row: dict, team: str) -> int | None:
    dates = [game["game_date"] for game in team_games(rows, team, row["season_year"])]
    earlier = [day for day in dates if day < row["game_date"]]
    return (row["game_date"] - max(earlier)).days - 1 if earlier else None


def ahead_of(rows: list[dict], row: dict, team: str) -> dict:
    games = team_games(rows, team, row["season_year"])
    coming = [game for game in games if game["game_date"] > row["game_date"] and kind_of(game) == "regular"]
    after_the_season = kind_of(row) in ("play_in", "playoffs")
    following = coming[0] if coming and not after_the_season else None
    near = [game for game in coming if (game["game_date"] - row["game_date"]).days <= 7]
    opponent = None if following is None else other(following, team)
    return {
        "next_game_date": None if following is None else following["game_date"],
        "next_game_days_rest": None if following is None else (following["game_date"] - row["game_date"]).days - 1,
        "next_opponent_team_abbr": opponent,
        "next_game_is_primetime": None if following is None else following["is_primetime"],
        "games_in_next_7_days": None if after_the_season else len(near),
        "next_opponent_win_pct": None if opponent is None else win_pct(margins_before(rows, opponent, row)),
    }


def season_of(rows: list[dict], row: dict) -> dict:
    days = [g["game_date"] for g in counted(rows) if g["season_year"] == row["season_year"] and kind_of(g) == "regular"]
    day = (row["game_date"] - min(days)).days
    if kind_of(row) in ("play_in", "playoffs"):
        phase = kind_of(row)
    elif day <= 30:
        phase = "early"
    elif (max(days) - min(days)).days < 140:
        phase = None
    else:
        phase = "late" if (max(days) - row["game_date"]).days < 42 else "mid"
    return {"days_into_season": day, "early_season_flag": day < 14, "season_phase": phase}


def load_of(games: list[dict], at: int, team: str) -> dict:
    row, found = games[at], {}
    road = [on_road(game, team) for game in games[: at + 1]]
    found["consecutive_road_games"] = next((n for n, away in enumerate(reversed(road)) if not away), len(road))
    for window in (7, 14):
        ago = [(row["game_date"] - game["game_date"]).days for game in games]
        found[f"games_in_last_{window}_days"] = sum(1 <= days <= window for days in ago)
    trips = [trip_into(games, n, team) for n, days in enumerate(ago) if 1 <= days <= 14]
    known = trips and all(miles is not None for miles, _ in trips)
    found["miles_traveled_last_14_days"] = sum(miles for miles, _ in trips) if known else None
    found["time_zones_crossed_last_14_days"] = sum(abs(hours) for _, hours in trips) if known else None
    miles, hours = trip_into(games, at, team)
    found["travel_miles"], found["time_zones_crossed"] = miles, hours
    found["travel_direction"] = None if hours is None else "east" if hours > 0 else "west" if hours < 0 else "none"
    found["jet_lag_factor"] = None if hours is None else 1.5 * hours if hours > 0 else -hours
    return found


def recompute(rows: list[dict], row: dict, team: str) -> dict:
    games = team_games(rows, team, row["season_year"])
    at = games.index(row)
    rest, theirs = rest_of(rows, row, team), rest_of(rows, row, other(row, team))
    numbered = [game for game in games if game["game_date"] < row["game_date"] and kind_of(game) != "cup_final"]
    margins = margins_before(rows, team, row)
    known = [margin for margin in margins if margin is not None]
    place, tipoff = place_of(row), row["tipoff_at"]
    their_ahead = ahead_of(rows, row, other(row, team))
    return {
        "opponent_team_abbr": other(row, team),
        "home_game": row["home_team_tricode"] == team,
        "days_since_last_game": None if rest is None else rest + 1,
        "team_days_rest": rest,
        "is_back_to_back": rest == 0,
        "opponent_days_rest": theirs,
        "rest_advantage": None if rest is None or theirs is None else rest - theirs,
        "game_number_in_season": None if kind_of(row) == "cup_final" else 1 + len(numbered),
        **load_of(games, at, team),
        **ahead_of(rows, row, team),
        "opponent_games_in_next_7_days": their_ahead["games_in_next_7_days"],
        "opponent_next_game_days_rest": their_ahead["next_game_days_rest"],
        **season_of(rows, row),
        "arena_time_zone": None if place is None else place[2],
        "game_start_time_local": None
        if place is None or tipoff is None
        else tipoff.astimezone(ZoneInfo(place[2])).strftime("%H:%M"),
        "last_game_margin": known[-1] if known else None,
        "last_game_result": None if not known else "W" if known[-1] > 0 else "L",
        "team_win_streak_entering": streak(known)[0],
        "team_loss_streak_entering": streak(known)[1],
        "wins": sum(margin > 0 for margin in known),
        "losses": sum(margin < 0 for margin in known),
        "win_pct": win_pct(known),
        "pending_games": len(margins) - len(known),
    }


@QUICK
@given(st.lists(one_game, max_size=40))
def test_every_column_equals_a_plain_recomputation(drawn) -> None:
    rows = raw_rows(drawn)
    found = compute(rows)
    by_side = found.set_index(["nba_game_id", "team_abbr"])
    sides = [(row, team) for row in counted(rows) for team in (row["home_team_tricode"], row["away_team_tricode"])]
    assert len(by_side) == len(sides)
    for row, team in sides:
        expected = recompute(rows, row, team)
        actual = by_side.loc[(row["game_id"], team)]
        for name, value in expected.items():
            got = None if pd.isna(actual[name]) else actual[name]
            wanted = pytest.approx(value, rel=1e-6, abs=1e-2) if isinstance(value, float) else value
            assert got == wanted, (name, got, value)
    told = {"game_id", "game_date", "season_year", "game_type", "tipoff_at", "ends_at", "final", "neutral_site"}
    assert set(by_side.columns) - told - {"is_primetime"} == (set(expected) if sides else set())


@QUICK
@given(st.lists(one_game, max_size=30), st.lists(one_game, max_size=30), st.integers(1, 60))
def test_what_comes_later_changes_nothing_before(drawn, more, cut) -> None:
    """Later games, called off, running or final, and whatever earlier drawn games of later dates turn into."""
    late = {season: pd.Timestamp(opening + timedelta(days=cut)) for season, opening in OPENING.items()}

    def is_before(row: dict) -> bool:
        return row["game_date"] <= late[row["season_year"]]

    before = [row for row in raw_rows(drawn) if is_before(row)]
    everything = before + [
        row for row in raw_rows([{**game, "day": game["day"] + cut + 1} for game in more]) if not is_before(row)
    ]
    everything = [
        row if row in before else {**row, "game_id": row["game_id"][:5] + str(50_000 + n)}
        for n, row in enumerate(everything)
    ]
    alone, among = compute(before), compute(everything)
    among = among[among["nba_game_id"].isin(alone["nba_game_id"])].reset_index(drop=True)
    ahead = [*AHEAD, "next_opponent_win_pct"]
    pd.testing.assert_frame_equal(alone.drop(columns=ahead), among.drop(columns=ahead), check_exact=True)


@QUICK
@given(st.lists(one_game, max_size=30), st.integers(0, 60))
def test_results_from_the_date_on_change_nothing(drawn, cut) -> None:
    rows = raw_rows(drawn)

    def played_later(row: dict) -> dict:
        if row["game_date"] < pd.Timestamp(OPENING[row["season_year"]] + timedelta(days=cut)):
            return row
        return {**row, "game_status": 3, "home_team_score": 120, "away_team_score": 80}

    one, other_results = compute(rows), compute([played_later(row) for row in rows])
    opening = one["season_year"].map({season: pd.Timestamp(day) for season, day in OPENING.items()})
    until = (one["game_date"] - opening).dt.days <= cut
    columns = one.columns.drop("final")
    pd.testing.assert_frame_equal(one.loc[until, columns], other_results.loc[until, columns], check_exact=True)


@QUICK
@given(st.lists(one_game, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_raw_rows_decides_nothing(drawn, random) -> None:
    rows = raw_rows(drawn)
    pd.testing.assert_frame_equal(compute(rows), compute(random.sample(rows, len(rows))), check_exact=True)
