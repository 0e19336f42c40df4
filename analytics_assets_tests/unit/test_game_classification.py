"""How a game that NBA.com publishes is classified, row in and answer out, through the product's own functions."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.coverage.calendar import classify_dates
from analytics_assets.league.arenas import places_of_games
from analytics_assets.league.seasons import season_year_of_date, season_years_of_dates
from analytics_assets.raw.declarations.schedule import FINAL, SCHEDULED
from analytics_assets.raw.loaders.nba_com import RejectReason, read_nba_com
from analytics_assets.raw.schedule import Schedule, interpret_schedule
from analytics_assets_tests.support.nba_com_files import NOW, games, schedule_answer, scheduled
from analytics_assets_tests.support.raw_rows import schedule_frame, schedule_row
from analytics_assets_tests.support.real_data import files, needs_real_data

EASTERN, PACIFIC, CENTRAL, MOUNTAIN = "America/New_York", "America/Los_Angeles", "America/Chicago", "America/Denver"
ORLANDO = {"arenaName": "AdventHealth Arena", "arenaCity": "Orlando", "isNeutral": True}


def side(tricode: str, score: int | None = None) -> dict[str, Any]:
    return {"teamId": 1, "teamTricode": tricode, "score": score}


@dataclass(frozen=True)
class Case:
    """A game as published, and what it is.

    Attributes:
        nba_id, day, teams: Id, US-Eastern date and ``AWAY@HOME``.
        published: What else the answer says of the game.
        game_type, counts, season: What it is, whether the tables have it, and the season's start year.
        zone: Time zone of its place; None where the place is unknown.
        final, called_off: Whether it is over; ``postponed`` or ``cancelled``.
    """

    nba_id: str
    day: str
    teams: str
    published: dict[str, Any]
    game_type: str
    counts: bool
    season: int
    zone: str | None
    final: bool = True
    called_off: str | None = None


CASES = {
    "a plain game": Case("0022300061", "2023-10-24", "LAL@DEN", {}, "regular", True, 2023, MOUNTAIN),
    "pre-season": Case("0012300005", "2023-10-07", "LAL@GSW", {}, "preseason", False, 2023, PACIFIC),
    "pre-season in September, half a day ahead, of the season that follows": Case(
        *("0012200001", "2022-09-30", "GSW@WAS"),
        {"arenaName": "Saitama Super Arena", "arenaCity": "Saitama", "gameDateTimeUTC": "2022-09-30T10:00:00Z"},
        *("preseason", False, 2022, "Asia/Tokyo"),
    ),
    "pre-season in Abu Dhabi": Case(
        *("0012300008", "2023-10-05", "DAL@MIN"),
        {"arenaName": "Etihad Arena", "arenaCity": "Abu Dhabi", "gameDateTimeUTC": "2023-10-05T16:00:00Z"},
        *("preseason", False, 2023, "Asia/Dubai"),
    ),
    "pre-season against a club that is no NBA team": Case(
        *("0012300012", "2023-10-10", "DAL@RMD"),
        {"arenaName": "WiZink Center", "arenaCity": "Madrid"},
        *("preseason", False, 2023, "Europe/Madrid"),
    ),
    "All-Star": Case(
        *("0032300001", "2024-02-18", "WST@EST"),
        {"arenaName": "Gainbridge Fieldhouse", "arenaCity": "Indianapolis"},
        *("all_star", False, 2023, "America/Indiana/Indianapolis"),
    ),
    "a group game of the in-season tournament": Case(
        *("0022300001", "2023-11-03", "CLE@IND"),
        {"gameLabel": "In-Season Tournament", "gameSubtype": "in-season"},
        *("regular", True, 2023, "America/Indiana/Indianapolis"),
    ),
    "a semifinal of the tournament, on a neutral floor": Case(
        *("0022301229", "2023-12-07", "NOP@LAL"),
        {"arenaName": "T-Mobile Arena", "arenaCity": "Las Vegas", "isNeutral": True, "gameSubtype": "in-season"},
        *("regular", True, 2023, PACIFIC),
    ),
    "the final of the tournament": Case(
        *("0062300001", "2023-12-09", "IND@LAL"),
        {"arenaName": "T-Mobile Arena", "arenaCity": "Las Vegas", "isNeutral": True},
        *("cup_final", True, 2023, PACIFIC),
    ),
    "play-in": Case("0052300101", "2024-04-16", "LAL@NOP", {}, "play_in", True, 2023, CENTRAL),
    "playoffs": Case("0042300401", "2024-06-06", "DAL@BOS", {}, "playoffs", True, 2023, EASTERN),
    "Mexico City": Case(
        *("0022200425", "2022-12-17", "MIA@SAS"),
        {"arenaName": "Mexico City Arena", "arenaCity": "Mexico City", "isNeutral": True},
        *("regular", True, 2022, "America/Mexico_City"),
    ),
    "Paris, in the afternoon of the league's clock": Case(
        *("0022300528", "2024-01-11", "BKN@CLE"),
        {
            **{"arenaName": "Accor Arena", "arenaCity": "Paris", "isNeutral": True},
            "gameDateTimeUTC": "2024-01-11T19:00:00Z",
        },
        *("regular", True, 2023, "Europe/Paris"),
    ),
    "London, in a season before any that is loaded by default": Case(
        *("0021800661", "2019-01-17", "NYK@WAS"),
        {"arenaName": "The O2", "arenaCity": "London", "isNeutral": True},
        *("regular", True, 2018, "Europe/London"),
    ),
    "a neutral floor that nobody has heard of is no home game": Case(
        *("0022300528", "2024-01-11", "BKN@CLE"),
        {"arenaName": "Arena of Atlantis", "arenaCity": "Atlantis", "isNeutral": True},
        *("regular", True, 2023, None),
    ),
    "postponed": Case(
        *("0022300600", "2024-01-17", "DAL@GSW"),
        {"gameStatus": 1, "gameStatusText": "PPD"},
        *("regular", False, 2023, PACIFIC, False, "postponed"),
    ),
    "postponed, and played since": Case(
        *("0022300600", "2024-04-02", "DAL@GSW"), {"gameStatusText": "PPD"}, *("regular", True, 2023, PACIFIC)
    ),
    "never replayed": Case(
        *("0021201214", "2013-04-16", "IND@BOS"),
        {"gameStatus": 3, "gameStatusText": "Cancelled", "arenaName": "TD Garden", "arenaCity": "Boston"},
        *("regular", False, 2012, EASTERN, False, "cancelled"),
    ),
    "the first game of the bubble": Case(
        *("0021901231", "2020-07-30", "UTA@NOP"),
        ORLANDO | {"arenaName": "HP Field House"},
        *("regular", True, 2019, EASTERN),
    ),
    "the play-in of the bubble": Case("0051900001", "2020-08-15", "MEM@POR", ORLANDO, "play_in", True, 2019, EASTERN),
    "the last game of the bubble, in October of the season before": Case(
        "0041900406", "2020-10-11", "LAL@MIA", ORLANDO, "playoffs", True, 2019, EASTERN
    ),
    "a game of the bubble whose floor is not told is nowhere": Case(
        "0041900406", "2020-10-11", "LAL@MIA", {"isNeutral": True}, "playoffs", True, 2019, None
    ),
    "opening night of 2020-21, in December": Case(
        *("0022000001", "2020-12-22", "GSW@BKN"),
        {"arenaName": "Barclays Center", "arenaCity": "Brooklyn"},
        *("regular", True, 2020, EASTERN),
    ),
    "Toronto at home in Tampa": Case(
        *("0022000010", "2020-12-23", "NOP@TOR"),
        {"arenaName": "Amalie Arena", "arenaCity": "Tampa"},
        *("regular", True, 2020, EASTERN),
    ),
    "late in the west, after midnight in UTC": Case(
        *("0022300510", "2024-01-10", "NOP@GSW"),
        {"gameDateTimeUTC": "2024-01-11T03:30:00Z"},
        *("regular", True, 2023, PACIFIC),
    ),
    "the night of the clock change": Case(
        *("0022300940", "2024-03-10", "MIN@LAL"),
        {"gameDateTimeUTC": "2024-03-11T02:30:00Z"},
        *("regular", True, 2023, PACIFIC),
    ),
    "scheduled, its time to be determined": Case(
        *("0042300407", "2024-06-23", "DAL@BOS"),
        {"gameStatus": 1, "gameStatusText": "TBD", "gameDateTimeUTC": "2024-06-23T04:00:00Z"},
        *("playoffs", True, 2023, EASTERN, False),
    ),
}


def published(case: Case) -> dict[str, Any]:
    """The game in a schedule answer; without an arena of its own, one that says nothing of the place."""
    away, home = case.teams.split("@")
    points = (0, 0) if case.called_off else (107, 119)
    tip_off = (pd.Timestamp(case.day) + pd.Timedelta(hours=19)).tz_localize(EASTERN).tz_convert("UTC")
    return scheduled(
        **{
            "gameId": case.nba_id,
            "gameDateEst": f"{case.day}T00:00:00Z",
            "gameDateTimeUTC": tip_off.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "arenaName": None,
            "arenaCity": None,
            "awayTeam": side(away, points[0]),
            "homeTeam": side(home, points[1]),
            **case.published,
        }
    )


def read(folder: Path, *answer: dict[str, Any]) -> tuple[pd.DataFrame, Schedule]:
    """Raw rows and the interpreted schedule of an answer."""
    path = folder / "schedule.json"
    path.write_text(json.dumps(schedule_answer(*answer)))
    raw = games(read_nba_com(path, now=NOW))
    return raw, interpret_schedule(raw)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_a_published_game_is(tmp_path: Path, case: Case) -> None:
    raw, schedule = read(tmp_path, published(case))
    game = schedule.games.iloc[0]
    assert (game["game_type"], bool(game["counts"]), game["season_year"]) == (case.game_type, case.counts, case.season)
    assert (bool(game["final"]), game["game_status"]) == (case.final, FINAL if case.final else SCHEDULED)
    assert game["game_date"] == pd.Timestamp(case.day)
    zone = places_of_games(schedule.games)["time_zone"].iloc[0]
    assert (None if pd.isna(zone) else zone) == case.zone
    called_off = raw["postponed_status"].iloc[0]
    assert (None if pd.isna(called_off) else called_off) == case.called_off
    if game["game_type"] != "all_star" and "RMD" not in case.teams:
        assert game["game_id"] == f"{case.day.replace('-', '')}_{case.teams.replace('@', '_')}"
    if pd.notna(game["tipoff_at"]):
        assert game["tipoff_at"].tz_convert(EASTERN).date() == date.fromisoformat(case.day)


def test_two_games_of_the_same_teams_on_consecutive_days_are_two_games(tmp_path: Path) -> None:
    first = Case("0022000201", "2021-01-15", "ORL@BOS", {}, "regular", True, 2020, None)
    second = Case("0022000202", "2021-01-16", "ORL@BOS", {}, "regular", True, 2020, None)
    # And once more at the other's place, as in the pre-season.
    third = Case("0022000203", "2021-01-17", "BOS@ORL", {}, "regular", True, 2020, None)
    _, schedule = read(tmp_path, *(published(case) for case in (first, second, third)))
    assert schedule.games["game_id"].tolist() == ["20210115_ORL_BOS", "20210116_ORL_BOS", "20210117_BOS_ORL"]
    assert schedule.games["pair"].nunique() == 3
    assert schedule.games["counts"].all()


@pytest.mark.parametrize("code", ["SEA", "NJN", "VAN", "NOK", "CHH"])
def test_teams_that_moved_away_since_are_no_team_of_today(tmp_path: Path, code: str) -> None:
    path = tmp_path / "schedule.json"
    path.write_text(json.dumps(schedule_answer(scheduled(gameId="0020000001", homeTeam=side(code)), scheduled())))
    loaded = read_nba_com(path, now=NOW)
    assert loaded.rejected["reason"].tolist() == [RejectReason.UNKNOWN_TRICODE]
    assert f"homeTeam.teamTricode is '{code}'" in loaded.rejected["detail"].iloc[0]
    assert len(games(loaded)) == 1


SEASON_OF_2019_20 = {
    "2019-10-22": "0021900001",
    "2020-03-11": "0021900971",
    "2020-07-30": "0021901231",
    "2020-08-14": "0021901315",
    "2020-08-15": "0051900001",
    "2020-08-17": "0041900101",
    "2020-10-11": "0041900406",
    "2020-12-22": "0022000001",
}


@pytest.mark.parametrize(
    ("day", "covered", "kind"),
    [
        ("2020-03-11", True, "game_day"),
        ("2020-04-15", True, "off_day"),
        ("2020-07-29", True, "off_day"),
        ("2020-07-30", True, "game_day"),
        ("2020-08-15", True, "game_day"),
        ("2020-08-16", True, "off_day"),
        # A schedule without the play-in cannot tell, although there was but one such game.
        ("2020-08-15", False, "unknown"),
        ("2020-10-05", True, "off_day"),
        ("2020-10-11", True, "game_day"),
        ("2020-10-12", True, "off_season"),
        ("2020-11-20", True, "off_season"),
        ("2020-12-21", True, "off_season"),
        ("2020-12-22", True, "game_day"),
    ],
)
def test_days_of_the_season_that_ended_in_october(day: str, covered: bool, kind: str) -> None:
    types = ["play_in", "playoffs", "regular"] if covered else ["playoffs", "regular"]
    rows = [
        schedule_row(nba_id, of_game, covered_game_types=types)
        for of_game, nba_id in SEASON_OF_2019_20.items()
        if covered or not nba_id.startswith("005")
    ]
    schedule = interpret_schedule(schedule_frame(*rows))
    assert classify_dates(schedule, [date.fromisoformat(day)])["kind"].iloc[0] == kind


def test_seasons_of_dates_without_a_schedule_know_the_bubble() -> None:
    days = ["2019-10-01", "2020-03-11", "2020-07-30", "2020-10-01", "2020-10-11", "2020-10-12", "2020-12-22"]
    stamps = pd.Series(pd.to_datetime([*days, None]))
    assert season_years_of_dates(stamps).fillna(-1).tolist() == [2019, 2019, 2019, 2019, 2019, 2020, 2020, -1]
    assert str(season_years_of_dates(pd.Series([pd.NaT], dtype="datetime64[ns]")).dtype) == "Int64"
    assert [season_year_of_date(date.fromisoformat(day)) for day in days] == [2019, 2019, 2019, 2019, 2019, 2020, 2020]


@needs_real_data
def test_every_game_of_a_published_schedule_is_on_the_eastern_date_of_its_tip_off() -> None:
    raw = games(read_nba_com(files("schedule/*scheduleLeagueV2*.json.gz")[0], now=NOW))
    known = raw[raw["tipoff_at"].notna()]
    eastern = known["tipoff_at"].dt.tz_convert(EASTERN).dt.tz_localize(None).dt.normalize()
    assert (eastern == known["game_date"]).all()
    assert len(known) > 1_270
    schedule = interpret_schedule(raw)
    # Quarterfinals, semifinals and the final of the tournament had no teams and no tip-off yet: their dates stay open.
    open_games = {*(f"00223012{number:02}" for number in (1, 2, 3, 4, 29, 30)), "0062300001"}
    assert set(schedule.broken["game_id"]) == set(raw.loc[raw["tipoff_at"].isna(), "game_id"]) == open_games
    kinds = schedule.games.groupby("game_type")["counts"].agg(["size", "all"])
    assert kinds.to_dict("index") == {
        "preseason": {"size": 73, "all": False},
        "regular": {"size": 1_206 - 6, "all": True},
    }
