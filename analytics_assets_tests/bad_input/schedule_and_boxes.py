"""Bad inputs of the schedule and of box scores: malformed values of their columns, and what somebody thought of."""

import pandas as pd

from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
)
from analytics_assets_tests.bad_input.case import (
    BadInput,
    Change,
    added,
    all_again,
    every_row,
    from_declaration,
    in_turn,
    one_row,
    without_rows,
)
from analytics_assets_tests.bad_input.league import PAIRS
from analytics_assets_tests.bad_input.moments import days_later, hours_later

_GAMEBOOK, _TEAM_BOX = NBAC_GAMEBOOK_PLAYER_STATS, NBAC_TEAM_BOXSCORE
_LATER = hours_later(12)


def _reversed(game_id: str) -> str:
    day, away, home = game_id.split("_")
    return f"{day}_{home}_{away}"


def _schedule(name: str, change: Change) -> BadInput:
    return BadInput("schedule", NBAC_SCHEDULE, name, change, alone=True, next_day="a day late" in name)


SCHEDULE = [
    *from_declaration("schedule", NBAC_SCHEDULE),
    _schedule("the row stands twice", all_again()),
    _schedule("an older row has another score", added(home_team_score=150, processed_at=hours_later(-90))),
    _schedule("a later row has another score", added(home_team_score=150, processed_at=_LATER)),
    _schedule("a later row calls the game postponed", added(postponed_status="postponed", processed_at=_LATER)),
    _schedule("the game is called off though box scores exist", one_row(postponed_status="cancelled")),
    _schedule("called off in capital letters and blanks", one_row(postponed_status=" Postponed ")),
    _schedule("home and away are the wrong way round", one_row(home_team_tricode="BOS", away_team_tricode="LAL")),
    _schedule("a team plays against itself", one_row(away_team_tricode="LAL")),
    _schedule("a team by another of its codes, in lower case", one_row(home_team_tricode=" lal ")),
    _schedule("a team is not known yet", one_row(home_team_tricode="TBD")),
    _schedule("a team that does not play in the game", one_row(home_team_tricode="SAS")),
    _schedule("the row is gone", lambda rows: rows.iloc[:0]),
    _schedule("the id is that of an All-Star game", one_row(game_id=lambda old: "003" + old[3:])),
    _schedule("the id is that of a pre-season game", one_row(game_id=lambda old: "001" + old[3:])),
    _schedule("the id has a prefix that nobody knows", one_row(game_id=lambda old: "009" + old[3:])),
    _schedule("the id is one digit short", one_row(game_id=lambda old: old[:-1])),
    _schedule("the id names a season that is long over", one_row(game_id=lambda old: old[:3] + "05" + old[5:])),
    _schedule("the date is a day late", one_row(game_date=days_later(1))),
    _schedule("tip-off stands in the next month", one_row(tipoff_at=days_later(31))),
    _schedule("tip-off is a few hours after midnight in New York", one_row(tipoff_at=hours_later(6))),
    _schedule("the scores are swapped", one_row(home_team_score=72, away_team_score=73)),
    _schedule("the score is a draw", one_row(home_team_score=72, away_team_score=72)),
    _schedule("the score is nil to nil", one_row(home_team_score=0, away_team_score=0)),
    _schedule("the game is still called scheduled", one_row(game_status=1)),
    _schedule("the game is still called running", one_row(game_status=2, home_team_score=40, away_team_score=41)),
    _schedule("the season is the year in which it ends", one_row(season_year=lambda old: old + 1)),
    _schedule("a second game of the same teams on the date", added(game_id=lambda old: old[:-4] + "9999")),
]


def _box(table, name: str, change: Change, *, alone: bool = False) -> BadInput:
    return BadInput("box scores", table, name, change, alone=alone, next_day="a day late" in name)


_AWAY_TEAMS = [away for away, _ in PAIRS]


def _of_home(rows: pd.DataFrame) -> pd.Series:
    return ~rows["team_abbr"].isin(_AWAY_TEAMS)


_NOTHING = {"points": 0, "fg_made": 0, "three_pt_made": 0, "ft_made": 0}

_OF_PLAYERS = (
    *("game_id", "nba_game_id", "game_date", "season_year", "player_lookup", "player_name", "nba_player_id"),
    *("team_abbr", "minutes", "points", "assists", "offensive_rebounds", "turnovers", "fg_made", "fg_attempted"),
    *("player_status", "dnp_reason", "starter", "plus_minus", "processed_at"),
)
_OF_TEAMS = ("game_id", "game_date", "team_abbr", "minutes", "points", "steals", "turnovers", "fg_attempted")

BOX_SCORES = [
    *from_declaration("box scores", _GAMEBOOK, only=_OF_PLAYERS),
    *from_declaration("box scores", _TEAM_BOX, only=_OF_TEAMS),
    *(
        _box(table, f"{name} in the only source of the game", change)
        for table in (NBAC_PLAYER_BOXSCORES, BDL_PLAYER_BOXSCORES)
        for name, change in {
            "a negative count": one_row(assists=-1),
            "an unreadable number of minutes": one_row(minutes="half the game"),
            "a team that does not play": one_row(team_abbr="SAS"),
            "a player without a name": one_row(player_lookup=""),
            "points that do not add up": one_row(points=20),
            "one side only": without_rows(_of_home),
        }.items()
    ),
    _box(_GAMEBOOK, "a player stands twice", added()),
    _box(_GAMEBOOK, "a player stands twice, corrected later", added(steals=3, processed_at=_LATER)),
    _box(_GAMEBOOK, "a player stands twice, in capital letters", added(player_lookup=lambda old: f" {old.upper()} ")),
    _box(_GAMEBOOK, "all rows again under the reversed id", all_again(game_id=_reversed, processed_at=_LATER)),
    _box(_GAMEBOOK, "all rows under the reversed id", every_row(game_id=_reversed), alone=True),
    _box(_GAMEBOOK, "a row under the id of another game", one_row(game_id=lambda old: old[:9] + "MIA_DEN"), alone=True),
    _box(
        _GAMEBOOK,
        "a row under a game that nobody scheduled",
        one_row(game_id=lambda old: old[:9] + "SAS_UTA"),
        alone=True,
    ),
    _box(_GAMEBOOK, "a row whose two ids contradict", one_row(nba_game_id=lambda old: old[:-5] + "00001"), alone=True),
    _box(_GAMEBOOK, "a row of an All-Star game", added(game_id="0032100001", nba_game_id="0032100001"), alone=True),
    _box(_GAMEBOOK, "a row dated a day late", one_row(game_date=days_later(1)), alone=True),
    _box(_GAMEBOOK, "all rows are gone", lambda rows: rows.iloc[:0]),
    _box(_GAMEBOOK, "one side is gone", without_rows(_of_home)),
    _box(_GAMEBOOK, "four players a side", lambda rows: rows.groupby("team_abbr").head(4)),
    _box(_GAMEBOOK, "a player is gone", lambda rows: rows.iloc[1:]),
    _box(_GAMEBOOK, "a player of the other side", one_row(team_abbr=lambda old: dict(PAIRS)[old])),
    _box(_GAMEBOOK, "more made than attempted", one_row(fg_made=9)),
    _box(_GAMEBOOK, "more threes made than field goals", one_row(three_pt_made=4, three_pt_attempted=8, fg_made=3)),
    _box(_GAMEBOOK, "points that his shots do not give", in_turn(one_row(0, points=13), one_row(1, points=11))),
    _box(_GAMEBOOK, "nobody scored", every_row(**_NOTHING)),
    _box(_GAMEBOOK, "he played and is called inactive", one_row(player_status="inactive")),
    _box(_GAMEBOOK, "he played and has a reason for not playing", one_row(dnp_reason="DNP - Coach's Decision")),
    _box(_GAMEBOOK, "status in capital letters", every_row(player_status=" ACTIVE ")),
    _box(_GAMEBOOK, "minutes as hours", one_row(minutes="0:40:00")),
    _box(_GAMEBOOK, "minutes with a decimal comma", one_row(minutes="40,5")),
    _box(_GAMEBOOK, "minutes longer than any game", one_row(minutes="999:00")),
    _box(_GAMEBOOK, "minutes below nothing", one_row(minutes="-5:00")),
    _box(_GAMEBOOK, "sixty-one seconds", one_row(minutes="39:61")),
    _box(_GAMEBOOK, "minutes in Arabic digits", one_row(minutes="\u0664\u0660:\u0660\u0660")),
    _box(_GAMEBOOK, "everybody played two minutes", every_row(minutes="2:00")),
    _box(_GAMEBOOK, "a name that lost its encoding", one_row(player_name="Luka DonÄ\x8diÄ\x87")),
    _box(
        _GAMEBOOK, "a lookup with accents and blanks", one_row(player_lookup=lambda old: f" {old.replace('o', 'ö')} ")
    ),
    _box(_GAMEBOOK, "team code with a blank and in lower case", every_row(team_abbr=lambda old: f"{old.lower()} ")),
    _box(_GAMEBOOK, "written before the game ended", every_row(processed_at=days_later(-1))),
    _box(_GAMEBOOK, "six starters a side", every_row(starter=True)),
    _box(_TEAM_BOX, "points that contradict the score", one_row(points=99)),
    _box(_TEAM_BOX, "a team stands twice, corrected later", added(assists=19, processed_at=_LATER)),
    _box(_TEAM_BOX, "one side is gone", lambda rows: rows.iloc[:1]),
    _box(
        _TEAM_BOX,
        "both sides have the same team",
        every_row(team_abbr=lambda old: {home: away for away, home in PAIRS}.get(old, old)),
    ),
    _box(_TEAM_BOX, "minutes of one player", one_row(minutes="48:00")),
    _box(_TEAM_BOX, "home and away are the wrong way round", every_row(is_home=lambda old: not old)),
    _box(_TEAM_BOX, "more field goals than its players", one_row(fg_attempted=70)),
    _box(_TEAM_BOX, "all counts are NULL", one_row(points=None, fg_made=None, fg_attempted=None, turnovers=None)),
    _box(_TEAM_BOX, "rows of a game that nobody scheduled", added(game_id=lambda old: old[:9] + "SAS_UTA"), alone=True),
]
