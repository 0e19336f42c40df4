"""Who is expected in a game: rosters as of its date, corrected by appearances, and players with a line."""

import json

import pandas as pd
import pytest

from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS
from analytics_assets.raw.rosters import ExpectedPlayers, interpret_rosters, players_as_of
from analytics_assets.tables.frames import empty_frame
from analytics_assets_tests.support.raw_rows import moment, raw_frame

DAY = "2024-01-20"


def roster(day: str, team: str, *players: str, **more) -> list[dict]:
    """A team's roster of a date."""
    return [
        {
            "roster_date": pd.Timestamp(day),
            "season_year": 2023,
            "team_abbr": team,
            "player_lookup": player,
            "processed_at": moment(day),
            **more,
        }
        for player in players
    ]


def games(team: str, days: list[str], *players: str, played: bool = True, season_year: int = 2023) -> list[dict]:
    """Box lines of a team's games."""
    return [
        {
            "season_year": season_year,
            "game_date": pd.Timestamp(day),
            "team_abbr": team,
            "player_lookup": player,
            "played": played,
        }
        for day in days
        for player in players
    ]


def game(away: str, home: str, day: str = DAY, season_year: int = 2023) -> list[dict]:
    """Both teams of a game to build."""
    shared = {"season_year": season_year, "game_date": pd.Timestamp(day)}
    game_id = f"{day.replace('-', '')}_{away}_{home}"
    return [{"game_id": game_id, "team_abbr": team, **shared} for team in (away, home)]


def expect(
    targets: list[dict], rosters: list[dict] = (), history: list[dict] = (), lines: list[tuple[str, str]] = ()
) -> ExpectedPlayers:
    frame = raw_frame(ESPN_TEAM_ROSTERS, list(rosters)) if rosters else empty_frame(ESPN_TEAM_ROSTERS)
    box = pd.DataFrame(list(history), columns=["season_year", "game_date", "team_abbr", "player_lookup", "played"])
    box = box.astype({"season_year": "Int64", "game_date": "datetime64[ns]", "played": "boolean"})
    with_line = pd.DataFrame(list(lines), columns=["game_id", "player_lookup"], dtype="string")
    found = players_as_of(pd.DataFrame(targets), interpret_rosters(frame).rows, box, with_line)
    assert not found.players.duplicated(["game_id", "player_lookup"]).any()
    return found


def members(found: ExpectedPlayers) -> dict[str, list[str]]:
    """Players by team, marked with * where inferred and with + where only a line speaks for them."""
    marks = found.players["row_origin"].map({"roster": "", "inferred_roster": "*", "line": "+"})
    names = found.players["player_lookup"] + marks
    return {str(team): list(rows) for team, rows in names.groupby(found.players["team_abbr"])}


# --- rosters ---


def test_latest_roster_at_or_before_the_date_counts_for_each_team() -> None:
    rosters = [*roster("2024-01-05", "BOS", "a", "b"), *roster(DAY, "BOS", "b", "c"), *roster("2024-01-21", "BOS", "d")]
    rosters += roster("2024-01-03", "LAL", "l")
    found = expect(game("BOS", "LAL"), rosters)
    assert members(found) == {"BOS": ["b", "c"], "LAL": ["l"]}
    dates = found.players.set_index("player_lookup")["roster_date"].dt.strftime("%Y-%m-%d").to_dict()
    assert dates == {"b": DAY, "c": DAY, "l": "2024-01-03"}


def test_rosters_of_another_season_say_nothing() -> None:
    old = roster("2023-04-05", "BOS", "a", season_year=2022)
    assert members(expect(game("BOS", "LAL"), old)) == {}


def test_each_date_has_the_roster_of_its_day() -> None:
    rosters = [*roster("2024-01-05", "BOS", "a"), *roster("2024-01-15", "BOS", "b")]
    found = expect([*game("BOS", "LAL", "2024-01-04"), *game("BOS", "LAL", "2024-01-14"), *game("BOS", "LAL")], rosters)
    assert found.players[["game_id", "player_lookup"]].to_numpy().tolist() == [
        ["20240114_BOS_LAL", "a"],
        ["20240120_BOS_LAL", "b"],
    ]


def test_player_belongs_to_the_team_he_played_for_since_its_rosters_were_read() -> None:
    rosters = [*roster("2024-01-10", "BOS", "stays", "traded"), *roster("2024-01-10", "LAL", "l")]
    history = [*games("BOS", ["2024-01-08"], "stays", "traded"), *games("LAL", ["2024-01-12"], "l", "traded")]
    assert members(expect(game("BOS", "LAL"), rosters, history)) == {"BOS": ["stays"], "LAL": ["l", "traded"]}
    # He played for the other team before the roster was read: the roster knows better.
    back = [*games("LAL", ["2024-01-08"], "traded"), *games("BOS", ["2024-01-05"], "traded")]
    assert members(expect(game("BOS", "LAL"), rosters, back)) == {"BOS": ["stays", "traded"], "LAL": ["l"]}


def test_latest_of_two_rosters_that_name_a_player_counts_also_if_that_team_does_not_play() -> None:
    rosters = [*roster("2024-01-10", "BOS", "a", "traded"), *roster("2024-01-15", "MIA", "traded")]
    assert members(expect(game("BOS", "LAL"), rosters)) == {"BOS": ["a"]}


def test_player_whom_nobody_has_any_more_has_no_row() -> None:
    # He went to MIA, played there, and the next roster of MIA lacks him; the old one of BOS does not bring him back.
    rosters = [*roster("2024-01-05", "BOS", "a", "waived"), *roster("2024-01-15", "MIA", "m")]
    history = games("MIA", ["2024-01-10"], "waived")
    assert members(expect([*game("BOS", "LAL"), *game("MIA", "DEN")], rosters, history)) == {"BOS": ["a"], "MIA": ["m"]}


def test_on_rosters_of_two_teams_of_one_date_he_belongs_to_the_one_he_played_for_last() -> None:
    rosters = [*roster("2024-01-10", "BOS", "both"), *roster("2024-01-10", "LAL", "both")]
    history = games("LAL", ["2024-01-08"], "both")
    assert members(expect(game("BOS", "LAL"), rosters, history)) == {"LAL": ["both"]}
    assert members(expect(game("BOS", "LAL"), rosters)) == {"BOS": ["both"]}


def test_position_and_contract_are_those_of_the_latest_roster_that_names_the_player() -> None:
    rosters = [
        *roster("2024-01-05", "LAL", "traded", position="SG", is_two_way=True),
        *roster("2024-01-10", "BOS", "a", position="C", is_two_way=False),
        *roster("2024-02-01", "BOS", "a", "traded", position="PF"),
    ]
    found = expect(game("BOS", "LAL"), rosters, games("BOS", ["2024-01-15"], "traded", "signed"))
    told = found.players.set_index("player_lookup")[["position", "is_two_way"]]
    assert told.loc["a"].tolist() == ["C", False]
    assert told.loc["traded"].tolist() == ["SG", True]
    assert told.loc["signed"].isna().all()


# --- inferred ---


def test_without_a_roster_those_who_played_last_for_the_team_in_its_last_ten_games_stand_in() -> None:
    days = [f"2024-01-{day:02d}" for day in range(1, 12)]
    history = [*games("BOS", days, "regular"), *games("BOS", days[:1], "long_gone"), *games("BOS", days[1:2], "tenth")]
    history += [*games("BOS", days[-2:], "inactive", played=False), *games("LAL", ["2024-01-12"], "l")]
    found = expect(game("BOS", "LAL"), [], history)
    assert members(found) == {"BOS": ["regular*", "tenth*"], "LAL": ["l*"]}
    assert found.players[["position", "roster_date"]].isna().all(axis=None)


def test_inferred_player_goes_where_he_played_last_and_seasons_do_not_mix() -> None:
    history = [*games("BOS", ["2024-01-10"], "a", "traded"), *games("MIA", ["2024-01-15"], "traded")]
    history += games("LAL", ["2023-04-01"], "last_year", season_year=2022)
    assert members(expect(game("BOS", "LAL"), [], history)) == {"BOS": ["a*"]}
    assert members(expect(game("BOS", "LAL", "2023-10-24"), [], history)) == {}


def test_game_itself_and_later_ones_are_never_looked_at() -> None:
    # Spec 5.1: players of the post-game box are hindsight.
    history = games("BOS", ["2024-01-18"], "known")
    later = [*games("BOS", [DAY], "dressed", "known"), *games("LAL", ["2024-01-22"], "known", "signed")]
    rosters = roster("2024-01-21", "BOS", "signed")
    assert members(expect(game("BOS", "LAL"), [], history)) == {"BOS": ["known*"]}
    assert members(expect(game("BOS", "LAL"), rosters, history + later)) == {"BOS": ["known*"]}


# --- lines ---

GAME = "20240120_BOS_LAL"


def test_player_with_a_line_gets_a_row_for_the_team_that_had_him_last() -> None:
    rosters = [*roster("2024-01-05", "LAL", "l", "old"), *roster("2024-01-10", "LAL", "l"), *roster(DAY, "BOS", "b")]
    history = games("BOS", ["2023-12-25"], "returns")
    found = expect(game("BOS", "LAL"), rosters, history, [(GAME, "l"), (GAME, "old"), (GAME, "returns")])
    assert members(found) == {"BOS": ["b", "returns+"], "LAL": ["l", "old+"]}
    assert found.unplaced_lines.empty


def test_line_on_a_player_of_unknown_team_is_left_out_and_told() -> None:
    lines = [(GAME, "rookie"), ("20240120_MIA_DEN", "a"), (GAME, "a")]
    # What happens on the date or later tells nothing about the line.
    later = [*games("LAL", [DAY], "rookie"), *games("LAL", ["2024-01-22"], "rookie")]
    rosters = [*roster("2024-01-10", "BOS", "a"), *roster("2024-01-21", "LAL", "rookie")]
    found = expect(game("BOS", "LAL"), rosters, later, lines)
    assert members(found) == {"BOS": ["a"]}
    # Lines on games that are not built are none of its business.
    assert found.unplaced_lines.to_numpy().tolist() == [[GAME, "rookie"]]


def test_line_weighs_more_than_a_roster_of_a_team_in_another_game() -> None:
    rosters = [*roster("2024-01-15", "MIA", "moved", "m"), *roster("2024-01-10", "BOS", "moved", "b")]
    targets = [*game("BOS", "LAL"), *game("MIA", "DEN")]
    assert members(expect(targets, rosters)) == {"BOS": ["b"], "MIA": ["m", "moved"]}
    found = expect(targets, rosters, lines=[(GAME, "moved")])
    assert members(found) == {"BOS": ["b", "moved+"], "MIA": ["m"]}


def test_nobody_plays_twice_on_a_date() -> None:
    rosters = [
        *roster("2024-01-15", "MIA", "a"),
        *roster("2024-01-10", "BOS", "a", "b"),
        *roster("2024-01-10", "DEN", "b"),
    ]
    rosters += roster("2024-01-12", "NYK", "b")
    targets = [*game("BOS", "LAL"), *game("MIA", "DEN")]
    lines = [(GAME, "a"), ("20240120_MIA_DEN", "a"), (GAME, "b"), ("20240120_MIA_DEN", "b")]
    found = expect(targets, rosters, games("DEN", ["2024-01-11"], "b"), lines)
    # a: his roster decides between two lines; b: NYK has him by roster, DEN had him after BOS.
    assert members(found) == {"DEN": ["b+"], "MIA": ["a"]}
    assert found.unplaced_lines.to_numpy().tolist() == [[GAME, "a"], [GAME, "b"]]


def test_nothing_known_gives_nobody() -> None:
    found, full = expect(game("BOS", "LAL")), expect(game("BOS", "LAL"), roster(DAY, "BOS", "a"))
    assert (len(found.players), len(found.unplaced_lines)) == (0, 0)
    assert list(found.players.columns) == list(full.players.columns)
    assert found.players.dtypes.equals(full.players.dtypes)


# --- interpreting raw rows ---


def test_spellings_are_one_and_the_row_written_last_counts() -> None:
    rows = [
        *roster("2024-01-05", "BOS", "Nikola Vučević", position="C", processed_at=moment("2024-01-06")),
        *roster("2024-01-05", "bos", "nikolavucevic", position="PF", season_year=None),
        *roster("2023-10-01", "BRK", "a", season_year=None),
        *roster("2024-06-30", "BRK", "a", season_year=None),
    ]
    for ordered in (rows, rows[::-1]):
        found = interpret_rosters(raw_frame(ESPN_TEAM_ROSTERS, ordered)).rows
        assert found[["season_year", "team_abbr", "player_lookup"]].to_numpy().tolist() == [
            [2023, "BKN", "a"],
            [2023, "BOS", "nikolavucevic"],
            [2023, "BKN", "a"],
        ]
        assert found["position"].dropna().tolist() == ["C"]


@pytest.mark.parametrize(
    ("changes", "reason", "told"),
    [
        ({"team_abbr": "QQQ"}, "unknown_tricode", "'QQQ' is no known team"),
        ({"player_lookup": " . "}, "player_missing", "empty"),
    ],
)
def test_row_that_breaks_a_rule_is_refused_with_its_values(changes, reason, told) -> None:
    rows = [*roster(DAY, "BOS", "a"), *roster(DAY, "BOS", "b", **changes)]
    found = interpret_rosters(raw_frame(ESPN_TEAM_ROSTERS, rows))
    assert found.rows["player_lookup"].tolist() == ["a"]
    refused = found.refused.iloc[0]
    assert refused[["game_date", "source_table", "reason"]].tolist() == [pd.Timestamp(DAY), "espn_team_rosters", reason]
    assert told in refused["detail"]
    assert json.loads(refused["raw_values"])["team_abbr"] == changes.get("team_abbr", "BOS")
