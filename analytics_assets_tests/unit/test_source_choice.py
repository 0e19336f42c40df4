"""Which source a team's lines come from, and what is said when none will do."""

from functools import cache

import pandas as pd
import pytest

from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
)
from analytics_assets.raw.player_lines import PlayerLines, interpret_player_rows
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.raw.source_choice import ChosenLines, choose_sources
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import empty_frame
from analytics_assets_tests.support.raw_rows import box_rows, raw_frame, schedule_frame, schedule_row

DAY, GAME_ID = "2024-01-10", "20240110_BOS_LAL"
GAMEBOOK, NBA, BDL = "nbac_gamebook_player_stats", "nbac_player_boxscores", "bdl_player_boxscores"


GAMES = interpret_schedule(schedule_frame(schedule_row("0022300001", DAY))).games


@cache
def no_lines(table: Table) -> PlayerLines:
    return interpret_player_rows(empty_frame(table), table.name, GAMES)


def choose(gamebook: list[dict], nba: list[dict] = (), bdl: list[dict] = (), scores=(72, 73)) -> ChosenLines:
    given = ((NBAC_GAMEBOOK_PLAYER_STATS, gamebook), (NBAC_PLAYER_BOXSCORES, nba), (BDL_PLAYER_BOXSCORES, bdl))
    sources = {}
    for table, rows in given:
        lines = interpret_player_rows(raw_frame(table, rows), table.name, GAMES) if rows else no_lines(table)
        sources[table.name] = lines
    teams = pd.DataFrame(
        {
            "game_id": pd.array([GAME_ID] * 2, dtype="string"),
            "game_date": pd.Timestamp(DAY),
            "team_abbr": pd.array(["BOS", "LAL"], dtype="string"),
            "team_score": pd.array(scores, dtype="Int64"),
        }
    )
    return choose_sources(sources, teams)


def rows(team: str | None = None, change: dict | None = None, number: int = 0) -> list[dict]:
    """Rows of one or both teams, one player of the team changed."""
    found = [row for row in box_rows(DAY) if team is None or row["team_abbr"] == team]
    return [{**row, **(change or {})} if at == number else row for at, row in enumerate(found)]


def sources(chosen: ChosenLines) -> dict[str, str | None]:
    return {
        t: (None if pd.isna(s) else s) for t, s in zip(chosen.teams["team_abbr"], chosen.teams["source"], strict=True)
    }


def problem(chosen: ChosenLines, team: str) -> str:
    return chosen.teams.set_index("team_abbr").at[team, "problem"]


def test_gamebook_is_preferred() -> None:
    chosen = choose(rows(), rows(), rows())
    assert sources(chosen) == {"BOS": GAMEBOOK, "LAL": GAMEBOOK}
    assert len(chosen.lines) == 12
    assert chosen.teams["problem"].isna().all()


@pytest.mark.parametrize(
    "gamebook",
    [
        pd.Series(rows("LAL")).tolist(),
        # Points contradict the score.
        [*rows("BOS", {"points": 13}), *rows("LAL")],
        [*rows("BOS", {"points": None}), *rows("LAL")],
        # A row broke a rule.
        [*rows("BOS", {"minutes": "-1:00"}), *rows("LAL")],
        [
            *rows("BOS"),
            {**rows("BOS")[0], "player_lookup": "other", "points": 0, "rebounds": 0, "steals": -1},
            *rows("LAL"),
        ],
        # Fewer than five players.
        [*rows("BOS")[:4], *rows("LAL")],
    ],
    ids=["no rows", "points differ", "points missing", "broken minutes", "broken extra row", "four players"],
)
def test_team_that_the_gamebook_has_not_or_has_wrong_comes_from_the_next_source(gamebook: list[dict]) -> None:
    chosen = choose(gamebook, rows(), rows())
    assert sources(chosen) == {"BOS": NBA, "LAL": GAMEBOOK}
    assert chosen.lines.groupby("team_abbr")["source"].unique().map(list).to_dict() == {"BOS": [NBA], "LAL": [GAMEBOOK]}
    assert len(chosen.lines) == 12


@pytest.mark.parametrize("team", [None, "QQQ", "MIA"])
def test_row_without_its_team_matters_only_where_the_team_lacks_something(team: str | None) -> None:
    stray = {**rows("BOS")[0], "player_lookup": "stray", "team_abbr": team, "points": 0}
    assert sources(choose([*rows(), stray], rows())) == {"BOS": GAMEBOOK, "LAL": GAMEBOOK}
    robbed = rows("BOS", {"team_abbr": team}) + rows("LAL")
    assert sources(choose(robbed, rows())) == {"BOS": NBA, "LAL": GAMEBOOK}
    alone = choose(robbed)
    assert sources(alone) == {"BOS": None, "LAL": GAMEBOOK}
    assert problem(alone, "BOS") == f"{GAMEBOOK}: 1 rows broke a rule"
    assert alone.teams["faulty"].tolist() == [True, False]


@pytest.mark.parametrize(("points", "faulty"), [(2, False), (22, True)])
def test_absent_rows_explain_a_sum_below_the_score_and_never_one_above(points: int, faulty: bool) -> None:
    chosen = choose(rows("BOS", {"points": points, "ft_made": 0}) + rows("LAL"))
    assert sources(chosen) == {"BOS": None, "LAL": GAMEBOOK}
    assert chosen.teams["faulty"].tolist() == [faulty, False]


def test_superseded_duplicates_do_no_harm() -> None:
    assert sources(choose([*rows(), *rows()])) == {"BOS": GAMEBOOK, "LAL": GAMEBOOK}


def test_source_whose_minutes_add_up_wins_over_a_better_one_whose_minutes_do_not() -> None:
    short = [*rows("BOS", {"minutes": "30:00"}), *rows("LAL")]
    assert sources(choose(short, rows())) == {"BOS": NBA, "LAL": GAMEBOOK}
    assert sources(choose(short)) == {"BOS": GAMEBOOK, "LAL": GAMEBOOK}
    assert sources(choose([*rows("BOS", {"minutes": None}), *rows("LAL")], rows()))["BOS"] == NBA


@pytest.mark.parametrize(
    ("minutes", "source"), [("44:00", GAMEBOOK), ("36:00", GAMEBOOK), ("45:00", NBA), ("65:00", GAMEBOOK)]
)
def test_minutes_may_be_off_by_four_around_any_number_of_overtimes(minutes: str, source: str) -> None:
    assert sources(choose([*rows("BOS", {"minutes": minutes}), *rows("LAL")], rows()))["BOS"] == source


def test_last_resort_is_used_only_where_it_adds_up() -> None:
    halved = [{**row, "points": 6} for row in rows()]
    assert sources(choose((), (), rows())) == {"BOS": BDL, "LAL": BDL}
    assert sources(choose((), (), halved)) == {"BOS": None, "LAL": None}


def test_without_a_score_points_cannot_contradict() -> None:
    chosen = choose(rows("BOS", {"points": 2}) + rows("LAL"), scores=(None, None))
    assert sources(chosen) == {"BOS": GAMEBOOK, "LAL": GAMEBOOK}


def test_one_unusable_team_makes_the_game_incomplete_and_every_reason_is_told() -> None:
    chosen = choose(
        rows("BOS", {"points": 2}) + rows("LAL"), rows("BOS", {"fg_made": 9}) + rows("LAL"), rows("BOS")[:3]
    )
    assert chosen.lines.empty
    assert sources(chosen) == {"BOS": None, "LAL": GAMEBOOK}
    assert problem(chosen, "BOS") == (
        f"{GAMEBOOK}: points add up to 62, not to the score 72; {NBA}: 1 rows broke a rule; "
        f"{BDL}: only 3 players appeared"
    )
    counts = chosen.teams.set_index("team_abbr").loc["BOS", ["rows_seen", "faulty", "rows_expected"]]
    assert counts.tolist() == [15, True, 6]


def test_no_source_at_all() -> None:
    chosen = choose(())
    assert chosen.lines.empty
    assert chosen.teams["rows_seen"].tolist() == [0, 0]
    assert chosen.teams["source"].isna().all()


def test_players_who_did_not_play_are_no_players_but_are_expected_rows() -> None:
    bench = {**rows("BOS")[0], "player_lookup": "bench", "player_status": "dnp", "minutes": None}
    bench |= {
        name: None for name in bench if name in rows("BOS")[0] and name.endswith(("made", "attempted", "rebounds"))
    }
    bench |= dict.fromkeys(["points", "assists", "steals", "blocks", "turnovers", "personal_fouls"])
    chosen = choose([*rows(), bench])
    assert chosen.teams.set_index("team_abbr")["rows_expected"].to_dict() == {"BOS": 7, "LAL": 6}
    assert len(chosen.lines) == 13
    assert sources(choose([*rows("BOS")[:4], bench, *rows("LAL")], scores=(48, 73)))["BOS"] is None


def test_starters_come_from_the_chosen_source_or_else_from_another_that_knows() -> None:
    unknown = [{**row, "starter": None} for row in rows()]
    told = choose(unknown, rows())
    assert set(told.lines["source"]) == {GAMEBOOK}
    assert set(told.lines["starter_source"]) == {NBA}
    assert told.lines["starter"].sum() == 10
    own = choose(rows(), unknown)
    assert set(own.lines["starter_source"]) == {GAMEBOOK}
    nobody = choose(unknown, unknown)
    assert nobody.lines[["starter", "starter_source"]].isna().all(axis=None)
