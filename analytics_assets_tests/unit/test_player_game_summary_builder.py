"""Rows of player_game_summary from literal raw rows, through the producer, without a warehouse."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from analytics_assets.assets.player_game_summary import PlayerGameSummaryProducer
from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    BOX_COUNTS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    NBAC_TEAM_BOXSCORE,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.validation import broken_rules
from analytics_assets_tests.support.raw_rows import (
    box_rows,
    registry_rows,
    schedule_frame,
    schedule_row,
    team_rows,
)
from analytics_assets_tests.support.warehouses import inputs_of_rows

DAY = "2024-01-10"
NOW = datetime(2024, 2, 1, 12, tzinfo=UTC)
FROM_OPTIONAL_SOURCES = ("paint_attempts", "paint_blocks", "and1_count", "assisted_fg_makes", "points_line", "margin")


def build(gamebook=(), *, nba=(), bdl=(), teams=None, registry=(), schedule=None, days=(DAY,)) -> pd.DataFrame:
    """Built rows by player; both teams' lines and no registry unless given."""
    teams = team_rows(DAY) if teams is None else teams
    given = {
        NBAC_GAMEBOOK_PLAYER_STATS: gamebook,
        NBAC_PLAYER_BOXSCORES: nba,
        BDL_PLAYER_BOXSCORES: bdl,
        NBAC_TEAM_BOXSCORE: teams,
        PLAYER_REGISTRY: registry,
    }

    games = interpret_schedule(schedule_frame(*(schedule or [schedule_row("0022300001", DAY)])))
    inputs = inputs_of_rows(given, games, [date.fromisoformat(day) for day in days])
    built = PlayerGameSummaryProducer().build(inputs, NOW)
    return built.rows.set_index("player_lookup", drop=False)


def changed(lookup: str, **changes) -> list[dict]:
    return [{**row, **(changes if row["player_lookup"] == lookup else {})} for row in box_rows(DAY)]


@pytest.fixture(scope="module")
def plain() -> pd.DataFrame:
    """The twelve literal rows, built once for every test that changes nothing."""
    return build(box_rows(DAY))


def issues(rows: pd.DataFrame, lookup: str = "bosplayer0") -> list[str]:
    return rows.at[lookup, "quality_issues"]


def bench(lookup: str = "bench", **changes) -> dict:
    """A player of BOS who did not play."""
    row = {**box_rows(DAY)[0], "player_lookup": lookup, "player_status": "dnp", "minutes": None, "starter": None}
    return {**row, **dict.fromkeys(BOX_COUNTS), "plus_minus": None, "dnp_reason": "DNP - Coach's Decision", **changes}


def test_one_ordered_row_per_player_with_the_box_as_it_came_in_any_order(plain: pd.DataFrame) -> None:
    rows = build(box_rows(DAY)[::-1])
    pd.testing.assert_frame_equal(rows, plain)
    assert rows.index.tolist() == sorted(row["player_lookup"] for row in box_rows(DAY))
    one = rows.loc["bosplayer3"]
    assert one[["points", "fg_makes", "fg_attempts", "three_pt_makes", "ft_attempts", "rebounds"]].tolist() == [
        *(12, 4, 8, 2, 2, 5)
    ]
    assert (one["minutes_played"], one["minutes_raw"], one["game_type"], one["season_year"]) == (
        40,
        "40:00",
        "regular",
        2023,
    )
    assert one["dedup_key"] == "20240110_BOS_LAL|bosplayer3"


def test_efficiency_by_hand(plain: pd.DataFrame) -> None:
    away, home = plain.loc["bosplayer0"], plain.loc["lalplayer0"]
    assert away["efg_pct"] == pytest.approx(5 / 8)
    assert away["ts_pct"] == pytest.approx(12 / (2 * 8.88))
    # Six equal players: each has a sixth of the plays in five sixths of the game.
    assert away["usage_rate"] == pytest.approx(20)
    assert home["usage_rate"] == pytest.approx(100 * 11.32 * 48 / (40 * 65.72))
    # 3 of the 20 teammate field goals less his own: 40/48 * 24 - 4
    assert away["assist_pct"] == pytest.approx(3 / 16)
    assert away["offensive_rebound_pct"] == pytest.approx(1 * 48 / (40 * 30))
    assert away["rebound_pct"] == pytest.approx(5 * 48 / (40 * 60))
    assert away["block_pct"] == pytest.approx(1 * 48 / (40 * 24))
    # Refined possessions with the team's own turnovers, both teams averaged: (60.664 + 61.064) / 2
    assert away["points_per_100_possessions"] == pytest.approx(100 * 12 / (60.864 * 40 / 48))
    assert away["steal_pct"] == pytest.approx(1 * 48 / (40 * 60.864))


def test_without_the_team_box_turnovers_are_the_players_and_the_row_says_so(plain: pd.DataFrame) -> None:
    rows = build(box_rows(DAY), teams=())
    assert rows.at["bosplayer0", "points_per_100_possessions"] == pytest.approx(100 * 12 / (59.864 * 40 / 48))
    assert "team_turnovers_missing" in issues(rows)
    assert rows.at["bosplayer0", "data_sources"] == ["nbac_gamebook_player_stats", "nbac_schedule"]
    assert "team_turnovers_missing" not in issues(plain)


@pytest.mark.parametrize(
    "teams",
    [
        [row for row in team_rows(DAY) if row["team_abbr"] == "BOS"],
        # Points that contradict the score: nothing of that row is used.
        [{**row, **({"points": 99, "turnovers": 40} if row["team_abbr"] == "LAL" else {})} for row in team_rows(DAY)],
    ],
    ids=["absent", "contradicting"],
)
def test_possessions_need_the_usable_team_turnovers_of_both_teams(teams: list[dict]) -> None:
    rows = build(box_rows(DAY), teams=teams)
    # 13 turnovers of BOS with the team's own, 12 of LAL's players: (60.664 + 60.064) / 2
    for lookup in ("bosplayer1", "lalplayer1"):
        assert rows.at[lookup, "points_per_100_possessions"] == pytest.approx(100 * 12 / (60.364 * 40 / 48))
        assert "team_turnovers_missing" in issues(rows, lookup)


def test_no_rebounds_at_all_leave_rebound_shares_and_possessions_null() -> None:
    rows = build([{**row, "offensive_rebounds": 0, "defensive_rebounds": 0} for row in box_rows(DAY)])
    assert (
        rows[["offensive_rebound_pct", "rebound_pct", "points_per_100_possessions", "steal_pct"]].isna().all(axis=None)
    )
    assert rows["usage_rate"].notna().all()


def test_zero_for_n_shooter_keeps_true_zeros_and_no_attempts_are_null() -> None:
    nothing = dict(points=0, fg_made=0, three_pt_made=0, ft_made=0)
    # Team points still add up: another player takes over the twelve.
    rows = changed("bosplayer0", **nothing)
    rows[1] |= {"points": 24, "fg_made": 8, "three_pt_made": 4, "ft_made": 4, "ft_attempted": 4}
    rows[2] |= {"points": 12, "fg_made": 0, "fg_attempted": 0, "three_pt_made": 0, "three_pt_attempted": 0}
    rows[2] |= {"ft_made": 12, "ft_attempted": 14}
    built = build(rows)
    assert built.loc["bosplayer0", ["ts_pct", "efg_pct", "points"]].tolist() == [0, 0, 0]
    assert pd.isna(built.at["bosplayer2", "efg_pct"])
    assert built.at["bosplayer2", "ts_pct"] == pytest.approx(12 / (2 * 0.44 * 14))


def test_minutes_keep_their_seconds_and_a_usage_of_nothing_is_zero_not_null() -> None:
    # Spec 3.3 #6 and #3. The first away player shoots, draws and loses nothing; a mate takes over his twelve points.
    nothing = dict.fromkeys(("points", "fg_made", "fg_attempted", "three_pt_made", "three_pt_attempted"), 0)
    rows = changed("bosplayer0", **nothing, ft_made=0, ft_attempted=0, turnovers=0, minutes="38:24")
    rows[1] |= {"points": 24, "fg_made": 8, "three_pt_made": 4, "ft_made": 4, "ft_attempted": 4, "minutes": "41:36"}
    built = build(rows)
    assert built.loc[["bosplayer0", "bosplayer1"], "minutes_played"].tolist() == pytest.approx([38.4, 41.6])
    row = built.loc["bosplayer0"]
    assert (row["usage_rate"], row["usage_rate_valid"], row["points_per_100_possessions"]) == (0, True, 0)
    assert pd.isna(row["usage_rate_anomaly_reason"])


@pytest.mark.parametrize(("long", "short", "expected"), [("53:00", "42:24", 265), ("58:00", "46:24", 290)])
def test_overtime_usage_uses_the_minutes_of_the_game_not_forty_eight(long: str, short: str, expected: int) -> None:
    rows = build([{**row, "minutes": long if row["player_lookup"][-1] == "0" else short} for row in box_rows(DAY)])
    played_throughout = rows.loc["bosplayer0"]
    assert played_throughout["usage_rate"] == pytest.approx(100 / 6)
    team = rows[rows["team_abbr"] == "LAL"]
    assert (team["usage_rate"] * team["minutes_played"]).sum() / expected == pytest.approx(20)


@pytest.mark.parametrize(
    ("scores", "box", "winners"),
    [
        # Plus-minus and venue say nothing about the winner.
        ({}, True, {"BOS": False, "LAL": True}),
        ({"home_team_score": None, "away_team_score": None}, True, {"BOS": False, "LAL": True}),
        ({"home_team_score": None, "away_team_score": None}, False, {"BOS": pd.NA, "LAL": pd.NA}),
    ],
)
def test_winner_by_score_only(scores: dict, box: bool, winners: dict) -> None:
    rows = build(
        box_rows(DAY, plus_minus=9),
        teams=team_rows(DAY) if box else (),
        schedule=[schedule_row("0022300001", DAY, **scores)],
    )
    assert dict(zip(rows["team_abbr"], rows["win_flag"], strict=True)) == winners
    assert ("score_unverified" in issues(rows)) is (winners["BOS"] is pd.NA)


def test_starter_comes_from_the_source_or_is_null_never_from_minutes() -> None:
    rows = build(changed("bosplayer0", starter=None))
    assert pd.isna(rows.at["bosplayer0", "starter_flag"])
    assert "starter_unknown" in issues(rows)
    assert rows.at["bosplayer1", "starter_flag"] == True  # noqa: E712 - a nullable boolean
    assert rows.at["bosplayer5", "starter_flag"] == False  # noqa: E712
    assert rows.at["bosplayer5", "minutes_played"] == 40
    assert rows.at["bosplayer1", "starter_source"] == "nbac_gamebook_player_stats"


ABSENCES = {
    "coach": ({}, True, "coach_decision"),
    "injured": ({"player_status": "inactive", "dnp_reason": "Injury/Illness - Right Knee; Soreness"}, False, "injury"),
    "resting": ({"dnp_reason": "NWT - Load Management"}, True, "rest"),
    "away": ({"dnp_reason": "Personal Reasons"}, True, "other"),
    "unexplained": ({"dnp_reason": None}, True, None),
    # Zeros that a source writes for those who did not play are no zeros of a player who did.
    "zeros": ({**dict.fromkeys(BOX_COUNTS, 0), "minutes": "0:00", "plus_minus": 0}, True, "coach_decision"),
}


@pytest.fixture(scope="module")
def with_bench() -> pd.DataFrame:
    """The twelve rows and one of every kind of absence."""
    return build([*box_rows(DAY), *(bench(name, **changes) for name, (changes, _, _) in ABSENCES.items())])


@pytest.mark.parametrize("name", ABSENCES)
def test_did_not_play_rows_stay_with_an_empty_box(name: str, with_bench: pd.DataFrame) -> None:
    row, (_, active, category) = with_bench.loc[name], ABSENCES[name]
    assert (row["played"], row["is_active"], row["is_dnp"]) == (False, active, active)
    assert (None if pd.isna(row["dnp_reason_category"]) else row["dnp_reason_category"]) == category
    assert row[[*BOX_NAMES, "usage_rate", "ts_pct", "assist_pct", "points_per_100_possessions"]].isna().all()


def test_did_not_play_rows_change_no_teammate(with_bench: pd.DataFrame, plain: pd.DataFrame) -> None:
    numbers = [*BOX_NAMES, "usage_rate", "rebound_pct", "points_per_100_possessions"]
    pd.testing.assert_frame_equal(with_bench.drop(index=list(ABSENCES))[numbers], plain[numbers])


def test_built_rows_keep_every_rule_of_the_declaration(with_bench: pd.DataFrame) -> None:
    assert broken_rules(with_bench, PLAYER_GAME_SUMMARY) == []


BOX_NAMES = [
    *("points", "assists", "offensive_rebounds", "defensive_rebounds", "rebounds", "steals", "blocks", "turnovers"),
    *("personal_fouls", "fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes"),
    *("minutes_played", "plus_minus"),
]


def test_player_without_registry_entry_keeps_his_row() -> None:
    rows = build(box_rows(DAY), registry=registry_rows("bosplayer1"))
    assert len(rows) == 12
    assert pd.isna(rows.at["bosplayer0", "universal_player_id"])
    assert "universal_player_id_missing" in issues(rows)
    assert rows.at["bosplayer1", "universal_player_id"] == "id-bosplayer1"
    assert "universal_player_id_missing" not in issues(rows, "bosplayer1")


def test_registry_is_asked_for_each_rows_own_season() -> None:
    names = registry_rows("bosplayer0", season_year=2022) + registry_rows("bosplayer0", season_year=2023)
    names[0]["universal_player_id"] = "somebody-else"
    days = ("2022-11-05", DAY)
    rows = build(
        [row for day in days for row in box_rows(day)],
        registry=names,
        schedule=[schedule_row("0022200001", days[0]), schedule_row("0022300001", days[1])],
        days=days,
    )
    found = rows.loc["bosplayer0"].set_index("season_year")["universal_player_id"]
    assert found.to_dict() == {2022: "somebody-else", 2023: "id-bosplayer0"}


def test_broken_points_identity_is_told_and_the_row_kept_as_it_is() -> None:
    rows = build(changed("bosplayer0", ft_made=1))
    row = rows.loc["bosplayer0"]
    assert (row["points"], row["ft_makes"], row["processed_with_issues"]) == (12, 1, True)
    assert "points_identity_broken" in row["quality_issues"]
    assert not rows["processed_with_issues"].drop("bosplayer0").any()
    assert row["quality_score"] == rows.at["bosplayer1", "quality_score"] - 10


@pytest.fixture(scope="module")
def balldontlie() -> pd.DataFrame:
    """The same game when only the last resort has it."""
    return build(bdl=box_rows(DAY))


def test_tier_follows_the_source(plain: pd.DataFrame, balldontlie: pd.DataFrame) -> None:
    names = ["quality_score", "quality_tier", "data_quality_tier", "quality_used_fallback"]
    found = [
        rows[names].drop_duplicates().to_numpy().tolist() for rows in (plain, build(nba=box_rows(DAY)), balldontlie)
    ]
    assert found == [[[96, "gold", "high", False]], [[91, "silver", "medium", True]], [[70, "bronze", "low", True]]]
    assert "backup_source_used" in issues(balldontlie)
    assert "backup_source_used" not in issues(plain)


def test_data_sources_are_those_that_contributed() -> None:
    unknown_starters = [{**row, "starter": None} for row in box_rows(DAY)]
    rows = build(unknown_starters, nba=box_rows(DAY), registry=registry_rows("bosplayer0"))
    assert rows.at["bosplayer0", "data_sources"] == [
        *("nbac_gamebook_player_stats", "nbac_player_boxscores", "nbac_schedule", "nbac_team_boxscore"),
        "player_registry",
    ]


def test_balldontlie_rows_keep_attempts_and_rebounds(balldontlie: pd.DataFrame) -> None:
    row = balldontlie.loc["bosplayer0"]
    assert row[["fg_attempts", "three_pt_attempts", "ft_attempts", "offensive_rebounds"]].tolist() == [8, 4, 2, 1]
    assert row["efg_pct"] == pytest.approx(5 / 8)
    assert pd.isna(row["plus_minus"])
    assert "plus_minus_missing" in row["quality_issues"]


def test_columns_without_a_source_are_null_and_every_row_says_why(with_bench: pd.DataFrame) -> None:
    rows = with_bench
    assert rows[list(FROM_OPTIONAL_SOURCES)].isna().all(axis=None)
    reasons = {"shot_zones_unavailable", "blocks_by_zone_unavailable", "shot_creation_unavailable"}
    assert {*reasons, "and_ones_unavailable", "points_prop_unavailable"} <= set(issues(rows))
    assert issues(rows, "coach") == ["universal_player_id_missing", "points_prop_unavailable"]


def test_participant_of_rounded_zero_minutes_played_without_usage() -> None:
    quiet = {**box_rows(DAY)[0], **dict.fromkeys(BOX_COUNTS, 0), "player_lookup": "seconds", "minutes": "0"}
    rows = [{**row, "minutes_are_rounded": True, "player_status": None} for row in [*box_rows(DAY), quiet]]
    row = build(nba=rows).loc["seconds"]
    assert (row["played"], row["points"], row["minutes_played"]) == (True, 0, 0)
    assert pd.isna(row["usage_rate"])
    assert (row["usage_rate_anomaly_reason"], row["usage_rate_valid"]) == ("no_minutes", False)


def test_minutes_that_nobody_knows_make_usage_unknown_for_the_team_only() -> None:
    rows = build(changed("bosplayer0", minutes=None))
    assert rows.groupby("team_abbr")["usage_rate"].count().to_dict() == {"BOS": 0, "LAL": 6}
    reasons = rows["usage_rate_anomaly_reason"]
    assert (reasons["bosplayer0"], reasons["bosplayer1"]) == ("no_minutes", "team_sums_unknown")
    assert "minutes_missing" in issues(rows)
    assert "minutes_missing" not in issues(rows, "bosplayer1")


def test_usage_of_seconds_is_kept_raw_flagged_and_capped() -> None:
    rows = [*box_rows(DAY), {**box_rows(DAY)[0], "player_lookup": "heave", "minutes": "0:01"}]
    row = build(rows, schedule=[schedule_row("0022300001", DAY, away_team_score=84)]).loc["heave"]
    assert row["usage_rate"] == row["usage_rate_raw"] > 1000
    assert (row["usage_rate_capped"], row["usage_rate_valid"]) == (50, False)
    assert row["usage_rate_anomaly_reason"] == "above_100"
    assert "unusual_value:usage_rate" in row["quality_issues"]


def test_missing_count_of_one_player_makes_the_teams_sum_unknown_not_smaller() -> None:
    rows = build(changed("bosplayer0", turnovers=None))
    assert rows.loc[rows["team_abbr"] == "BOS", "usage_rate"].isna().all()
    assert "box_counts_missing" in issues(rows)
    names = ["quality_score", "data_quality_tier", "processed_with_issues"]
    assert rows.loc["bosplayer0", names].tolist() == [66, "low", True]
    assert rows.loc["bosplayer1", names].tolist() == [96, "high", False]
    # One of the 168 counts of those who played.
    assert rows["game_completeness_pct"].tolist() == pytest.approx([100 * 167 / 168] * 12)
    # The other team's numbers do not need this one's turnovers: the team box has them.
    assert rows.at["lalplayer1", "points_per_100_possessions"] == pytest.approx(100 * 12 / (60.864 * 40 / 48))


def test_game_that_the_schedule_does_not_call_final_is_partial(plain: pd.DataFrame) -> None:
    running = build(box_rows(DAY), schedule=[schedule_row("0022300001", DAY, game_status=2)])
    for rows, partial, status in ((plain, False, "final"), (running, True, "in_progress")):
        assert rows["is_partial_game_data"].tolist() == [partial] * 12
        assert rows["game_status_at_processing"].tolist() == [status] * 12


def test_hash_changes_with_the_rows_own_content_and_nothing_else(plain: pd.DataFrame) -> None:
    hashes = plain["data_hash"]
    assert hashes.str.fullmatch("[0-9a-f]{64}").all()
    assert hashes.is_unique
    later = [{**row, "processed_at": row["processed_at"] + pd.Timedelta(days=3)} for row in box_rows(DAY)]
    later[0]["personal_fouls"] += 1
    differs = build(later)["data_hash"] != hashes
    assert differs[differs].index.tolist() == ["bosplayer0"]


def test_no_lines_build_no_rows() -> None:
    rows = build()
    assert rows.empty
    assert rows.columns.tolist() == PLAYER_GAME_SUMMARY.column_names
