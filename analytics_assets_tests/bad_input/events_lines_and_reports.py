"""Bad inputs of play-by-play, lines, reports, rosters and registry: malformed values, and what somebody thought of."""

import pandas as pd

from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    BIGDATABALL_PLAY_BY_PLAY,
    ESPN_TEAM_ROSTERS,
    NBAC_INJURY_REPORT,
    NBAC_PLAY_BY_PLAY,
    NBAC_REFEREE_GAME_ASSIGNMENTS,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
    PLAYER_REGISTRY,
)
from analytics_assets.tables.declaration import Table
from analytics_assets_tests.bad_input.case import (
    BadInput,
    Change,
    added,
    all_again,
    every_row,
    from_declaration,
    in_turn,
    one_row,
    rows_where,
    without_rows,
)
from analytics_assets_tests.bad_input.league import PAIRS
from analytics_assets_tests.bad_input.moments import days_later, hours_later

_LATER = hours_later(12)
_BBD, _NBAC = BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY
_PROPS, _PROS, _GAME_LINES = ODDS_API_PLAYER_POINTS_PROPS, BETTINGPROS_PLAYER_POINTS_PROPS, ODDS_API_GAME_LINES
_REPORTS_FAMILY = "reports, rosters and registry"


def _reversed(game_id: str) -> str:
    day, away, home = game_id.split("_")
    return f"{day}_{home}_{away}"


def _events(table: Table, name: str, change: Change, *, alone: bool = False) -> BadInput:
    return BadInput("play-by-play", table, name, change, alone=alone, next_day="a day late" in name)


def _line(table: Table, name: str, change: Change, *, alone: bool = False) -> BadInput:
    return BadInput("lines", table, name, change, alone=alone)


def _report(table: Table, name: str, change: Change) -> BadInput:
    return BadInput(_REPORTS_FAMILY, table, name, change, alone=table is ESPN_TEAM_ROSTERS)


def _wrong_events(table: Table) -> list[BadInput]:
    return [
        _events(table, "every event stands twice", all_again()),
        _events(table, "every event stands twice, later", all_again(processed_at=_LATER)),
        _events(
            table, "the game stands again under the reversed id", all_again(game_id=_reversed, processed_at=_LATER)
        ),
        _events(table, "half of the events are gone", lambda rows: rows.iloc[::2]),
        _events(
            table,
            "one team's events are gone",
            lambda rows: rows[rows["player_1_team_abbr"] == rows["player_1_team_abbr"].iloc[0]],
        ),
        _events(table, "one event is left", lambda rows: rows.iloc[:1]),
        _events(table, "all events are gone", lambda rows: rows.iloc[:0]),
        _events(table, "an event more, of a team that does not play", added(event_order=999, player_1_team_abbr="SAS")),
        _events(table, "three shots too many", in_turn(*(added(event_order=990 + n) for n in range(3)))),
        _events(table, "every order is the same", every_row(event_order=1)),
        _events(table, "the order runs backwards", every_row(event_order=lambda old: 1000 - old)),
        _events(table, "an order is negative and far away", one_row(event_order=-(2**40))),
        _events(
            table,
            "all shots are unknown kinds",
            rows_where(lambda rows: rows["shot_type"].notna(), shot_type="4PT"),
        ),
        _events(
            table,
            "distances in centimetres",
            rows_where(lambda rows: rows["shot_distance"].notna(), shot_distance=lambda old: 30.48 * old),
        ),
        _events(table, "no distances", every_row(shot_distance=None)),
        _events(table, "made and missed are unknown", every_row(shot_made=None)),
        _events(table, "a numeric prefix before every name", every_row(player_1_lookup=lambda old: f"1630173{old}")),
        _events(table, "players of another game", every_row(player_1_lookup="somebodyelse")),
        _events(table, "the period is the ninety-ninth", one_row(period=99)),
        _events(table, "a clock of an hour", one_row(seconds_remaining=3600.0)),
        _events(table, "a line-up of four", every_row(players_on_court=["a", "b", "c", "d"])),
        _events(table, "a block on a made shot", one_row(player_2_role="block", player_2_lookup="nobody")),
    ]


_OF_EVENTS = (
    *("game_id", "game_date", "event_order", "period", "seconds_remaining", "event_type", "event_sub_type"),
    *("player_1_id", "player_1_lookup", "player_1_team_abbr", "player_2_role", "player_2_id", "shot_type"),
    *("shot_made", "shot_distance", "rebound_type", "qualifiers", "players_on_court", "processed_at"),
)

PLAY_BY_PLAY = [
    *from_declaration("play-by-play", _BBD, only=_OF_EVENTS),
    *_wrong_events(_BBD),
    *_wrong_events(_NBAC)[:8],
    _events(
        _BBD,
        "all events under a game that nobody scheduled",
        every_row(game_id=lambda old: old[:9] + "SAS_UTA", nba_game_id=None),
        alone=True,
    ),
    _events(
        _BBD,
        "all events under the id of another game",
        every_row(game_id=lambda old: old[:9] + "MIA_DEN", nba_game_id=None),
        alone=True,
    ),
    _events(_BBD, "an event whose two ids contradict", one_row(nba_game_id=lambda old: old[:-5] + "00001"), alone=True),
    _events(_BBD, "all events dated a day late", every_row(game_date=days_later(1)), alone=True),
]

LINES = [
    *from_declaration("lines", _PROPS),
    *from_declaration("lines", _PROS, only=("bet_side", "points_line", "price", "opening_line", "is_active")),
    *from_declaration("lines", _GAME_LINES, only=("market", "bet_side", "line", "price", "snapshot_timestamp")),
    *(
        case
        for table in (_PROPS, _PROS, _GAME_LINES)
        for case in (
            _line(table, "every row stands twice", all_again()),
            _line(table, "every row stands twice, written later", all_again(processed_at=_LATER)),
            _line(table, "every snapshot was taken during the game", every_row(snapshot_timestamp=days_later(1))),
            _line(table, "every snapshot is a season early", every_row(snapshot_timestamp=days_later(-400))),
            _line(table, "all rows are gone", lambda rows: rows.iloc[:0]),
            _line(table, "all rows under the reversed id", every_row(game_id=_reversed), alone=True),
            _line(
                table,
                "all rows under a game that nobody scheduled",
                every_row(game_id=lambda old: old[:9] + "SAS_UTA", nba_game_id=None),
                alone=True,
            ),
            _line(table, "book in capital letters and blanks", every_row(bookmaker=lambda old: f" {old.upper()} ")),
            _line(
                table, "tip-off is stated in another year", every_row(tipoff_at=pd.Timestamp("2019-12-25", tz="UTC"))
            ),
        )
    ),
    _line(_PROPS, "a player of another game", one_row(player_lookup="miaplayer0")),
    _line(_PROPS, "a line of nothing", every_row(points_line=0.0)),
    _line(_PROPS, "a line that nobody scores", every_row(points_line=1205.0)),
    _line(_PROPS, "decimal odds", every_row(over_price=1.91, under_price=1.91)),
    _line(_PROPS, "names with accents", every_row(player_lookup=lambda old: old.replace("a", "á"))),
    _line(_PROS, "sides in capital letters", every_row(bet_side=lambda old: f" {old.upper()} ")),
    _line(_PROS, "a side that no bet has", every_row(bet_side="both")),
    _line(_PROS, "the two sides have different lines", one_row(points_line=12.5)),
    _line(_PROS, "no longer active", every_row(is_active=False)),
    _line(_PROS, "decimal odds", every_row(price=1.91)),
    _line(
        _GAME_LINES,
        "spreads that contradict each other",
        rows_where(lambda rows: rows["market"] == "spreads", line=-4.5),
    ),
    _line(_GAME_LINES, "a spread of a hundred", rows_where(lambda rows: rows["market"] == "spreads", line=100.0)),
    _line(_GAME_LINES, "a total below nothing", rows_where(lambda rows: rows["market"] == "totals", line=-220.5)),
    _line(_GAME_LINES, "moneylines in decimal odds", rows_where(lambda rows: rows["market"] == "h2h", price=1.91)),
    _line(_GAME_LINES, "moneylines without a price", rows_where(lambda rows: rows["market"] == "h2h", price=None)),
    _line(_GAME_LINES, "another market", every_row(market="alternate_spreads")),
    _line(
        _GAME_LINES, "over and under of a moneyline", rows_where(lambda rows: rows["market"] == "h2h", bet_side="over")
    ),
    _line(_GAME_LINES, "only one side", without_rows(lambda rows: rows["bet_side"].isin(["away", "under"]))),
]

_OF_REPORTS = ("game_id", "game_date", "reported_at", "team_abbr", "player_lookup", "injury_status", "reason")
_OF_ROSTERS = ("roster_date", "season_year", "team_abbr", "player_lookup", "position", "is_two_way")
_OF_REGISTRY = ("player_lookup", "season_year", "universal_player_id", "nba_player_id", "birth_date")

REPORTS = [
    *from_declaration(_REPORTS_FAMILY, NBAC_INJURY_REPORT, only=_OF_REPORTS),
    *from_declaration(_REPORTS_FAMILY, NBAC_REFEREE_GAME_ASSIGNMENTS, only=("game_id", "official_code", "position")),
    *from_declaration(_REPORTS_FAMILY, ESPN_TEAM_ROSTERS, only=_OF_ROSTERS),
    *from_declaration(_REPORTS_FAMILY, PLAYER_REGISTRY, only=_OF_REGISTRY),
    _report(
        NBAC_INJURY_REPORT,
        "status in capital letters and blanks",
        every_row(injury_status=lambda old: f" {old.upper()} "),
    ),
    _report(NBAC_INJURY_REPORT, "the same report twice", all_again()),
    _report(NBAC_INJURY_REPORT, "two statuses at one moment", added(injury_status="out")),
    _report(
        NBAC_INJURY_REPORT, "a later report takes it back", added(injury_status="available", reported_at=hours_later(3))
    ),
    _report(NBAC_INJURY_REPORT, "published during the game", every_row(reported_at=hours_later(9))),
    _report(NBAC_INJURY_REPORT, "published a season earlier", every_row(reported_at=days_later(-400))),
    _report(NBAC_INJURY_REPORT, "a player of the other team", one_row(team_abbr=lambda old: dict(PAIRS)[old])),
    _report(NBAC_INJURY_REPORT, "a team that does not play", one_row(team_abbr="SAS")),
    _report(NBAC_INJURY_REPORT, "all rows are gone", lambda rows: rows.iloc[:0]),
    _report(NBAC_REFEREE_GAME_ASSIGNMENTS, "an official stands twice", added()),
    _report(
        NBAC_REFEREE_GAME_ASSIGNMENTS,
        "four officials, one of them alternate",
        added(official_code="44", position=" Alternate "),
    ),
    _report(NBAC_REFEREE_GAME_ASSIGNMENTS, "one official", lambda rows: rows.iloc[:1]),
    _report(NBAC_REFEREE_GAME_ASSIGNMENTS, "all rows are gone", lambda rows: rows.iloc[:0]),
    _report(ESPN_TEAM_ROSTERS, "a player stands twice", added()),
    _report(ESPN_TEAM_ROSTERS, "a player stands twice with other positions", added(position="C", processed_at=_LATER)),
    _report(ESPN_TEAM_ROSTERS, "a player of another team too", added(player_lookup="miaplayer0")),
    _report(ESPN_TEAM_ROSTERS, "the roster is gone", lambda rows: rows.iloc[:0]),
    _report(ESPN_TEAM_ROSTERS, "a code of the team in lower case", every_row(team_abbr=lambda old: f" {old.lower()}")),
    _report(PLAYER_REGISTRY, "the player stands twice with another id", added(universal_player_id="id-other")),
    _report(PLAYER_REGISTRY, "the player is registered in another season only", every_row(season_year=1999)),
    _report(PLAYER_REGISTRY, "the row is gone", lambda rows: rows.iloc[:0]),
    _report(PLAYER_REGISTRY, "born after the game", every_row(birth_date=lambda old: "2030-01-01")),
]
