"""Who is listed for a game, and how many inactive players and starters a team had."""

from collections.abc import Sequence

import pandas as pd
import pytest

from analytics_assets.raw.absences import ROSTER_COLUMNS, count_absences, listed_players
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets_tests.support.raw_rows import moment, schedule_frame, schedule_row

# BOS plays LAL every second day of January 2024: game 0 on the first, game 12 on the 25th.
DAYS = [f"2024-01-{day:02d}" for day in range(1, 27, 2)]
GAMES = interpret_schedule(
    schedule_frame(*(schedule_row(f"00223000{number:02d}", day) for number, day in enumerate(DAYS)))
).games
GAME_IDS = [f"{day.replace('-', '')}_BOS_LAL" for day in DAYS]


def player(game: int, lookup: str, starter: bool | None = False, status: str | None = "active", **more) -> dict:
    row = {"game_id": GAME_IDS[game], "nba_game_id": None, "game_date": pd.Timestamp(DAYS[game]), "season_year": 2023}
    row |= {"team_abbr": "BOS", "player_lookup": lookup, "starter": starter, "player_status": status}
    return {**row, "processed_at": moment("2024-02-01"), **more}


def frame(rows: Sequence[dict]) -> pd.DataFrame:
    kinds = {"game_date": "datetime64[ns]", "processed_at": "datetime64[us, UTC]", "season_year": "Int64"}
    kinds |= {"starter": "boolean"}
    texts = [name for name in ROSTER_COLUMNS if name not in kinds]
    return pd.DataFrame(list(rows), columns=list(ROSTER_COLUMNS)).astype({**kinds, **dict.fromkeys(texts, "string")})


def listed(*sources: Sequence[dict]) -> pd.DataFrame:
    return listed_players([frame(rows) for rows in sources], GAMES)


def absences(rows: Sequence[dict], *games: int) -> list[tuple[int | None, int | None]]:
    """Inactive players and inactive starters of BOS in these games."""
    dates = pd.Series(pd.to_datetime([DAYS[game] for game in games]))
    found = count_absences(listed(rows), dates).set_index("game_id")
    assert set(found["team_abbr"]) <= {"BOS"}
    numbers = found.loc[[GAME_IDS[game] for game in games], ["players_inactive", "starters_inactive"]]
    return [tuple(None if pd.isna(value) else int(value) for value in row) for row in numbers.itertuples(index=False)]


def games_started(star: Sequence[int], others: int) -> list[dict]:
    """Games 0 to ``others`` - 1, in all of which a mate starts and in some of which the star does."""
    return [
        row
        for game in range(others)
        for row in (player(game, "mate", True), player(game, "star", game in star, "active"))
    ]


def test_first_source_that_lists_a_team_lists_it_alone() -> None:
    gamebook = [player(0, "tatum", True), player(0, "brown", status=" Inactive ")]
    other = [player(0, "stranger"), player(0, "james", team_abbr="LAL"), player(1, "tatum", None, None)]
    found = listed(gamebook, other)
    assert sorted(zip(found["game_id"].str[:8], found["team_abbr"], found["player_lookup"], strict=True)) == [
        ("20240101", "BOS", "brown"),
        ("20240101", "BOS", "tatum"),
        ("20240101", "LAL", "james"),
        ("20240103", "BOS", "tatum"),
    ]
    assert found.set_index("player_lookup").at["brown", "player_status"] == "inactive"


def test_reversed_ids_duplicates_and_other_teams_rows_add_nobody() -> None:
    rows = [
        player(0, "tatum", status="inactive", processed_at=moment("2024-01-02")),
        player(0, "tatum", True, game_id="20240101_LAL_BOS"),
        player(0, "brown", status="inactive", team_abbr="MIA"),
        player(0, "white", status="inactive", game_id="20240101_BOS_MIA"),
    ]
    found = listed(rows)
    # The row written last says that he played.
    assert found[["player_lookup", "player_status"]].to_numpy().tolist() == [["tatum", "active"]]


@pytest.mark.parametrize(
    ("star", "others", "starters"),
    [
        pytest.param(range(10), 10, 1, id="every one of ten games"),
        pytest.param(range(5), 10, 1, id="half of ten"),
        pytest.param(range(4), 10, 0, id="less than half of ten"),
        pytest.param(range(1, 6), 11, 1, id="the last ten of eleven"),
        pytest.param(range(5), 11, 0, id="one of five starts is the eleventh game back"),
        pytest.param([0], 2, 1, id="one of the two games there were"),
        pytest.param([0], 3, 0, id="one of three"),
    ],
)
def test_starter_is_who_started_half_of_the_last_ten_games_before(star, others: int, starters: int) -> None:
    rows = [*games_started(star, others), player(others, "mate", True), player(others, "star", status="inactive")]
    assert absences(rows, others) == [(1, starters)]


def test_only_the_inactive_list_counts_and_only_games_before() -> None:
    rows = [
        *games_started(range(3), 3),
        *(player(3, name, status="inactive") for name in ("star", "rookie", "injured")),
        player(3, "mate", status="dnp"),
        player(3, "white", True),
        # That the rookie starts afterwards makes him no starter before.
        *(player(game, "rookie", True) for game in (4, 5, 6)),
        player(4, "star", status="inactive"),
    ]
    assert absences(rows, 3, 4) == [(3, 1), (1, 1)]


def test_team_without_absences_has_zero_not_null() -> None:
    assert absences(games_started(range(3), 3), 1, 2) == [(0, 0), (0, 0)]


def test_first_game_of_a_season_knows_inactive_players_and_no_starters() -> None:
    last_season = [{**row, "season_year": 2022} for row in games_started(range(3), 3)]
    games = GAMES.assign(season_year=[2022] * 3 + [2023] * 10)
    rows = frame([*last_season, player(3, "star", status="inactive"), player(3, "mate", True)])
    found = count_absences(listed_players([rows], games), pd.Series(pd.to_datetime([DAYS[3]])))
    assert found["players_inactive"].tolist() == [1]
    assert found["starters_inactive"].isna().all()


def test_source_without_statuses_or_starters_tells_nothing() -> None:
    no_statuses = [player(0, "mate", True, None), player(1, "mate", True, None)]
    assert absences(no_statuses, 1) == [(None, None)]
    no_starters = [player(0, "star", None), player(1, "star", None, "inactive"), player(1, "mate", None)]
    assert absences(no_starters, 1) == [(1, None)]


def test_games_that_do_not_say_who_started_are_passed_over() -> None:
    rows = [
        *games_started(range(3), 3),
        *(player(game, name, None) for game in (3, 4, 5, 6) for name in ("star", "mate")),
        player(7, "star", status="inactive"),
    ]
    # Three starts in three games that say it, not in seven.
    assert absences(rows, 7) == [(1, 1)]


def test_starts_for_another_team_do_not_count() -> None:
    before = [
        row for game in range(3) for row in (player(game, "star", True, team_abbr="LAL"), player(game, "mate", True))
    ]
    assert absences([*before, player(3, "star", status="inactive"), player(3, "mate", True)], 3) == [(1, 0)]


def test_nobody_listed_counts_nothing() -> None:
    assert count_absences(listed([]), pd.Series(pd.to_datetime([DAYS[0]]))).empty
