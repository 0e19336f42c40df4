"""What a raw table held for a date: rows, completeness against the schedule, digest."""

import pandas as pd

from analytics_assets.raw.declarations import NBAC_GAMEBOOK_PLAYER_STATS
from analytics_assets.raw.source_tracking import history_source_tracking, reduced_source_tracking, source_tracking
from analytics_assets_tests.support.raw_rows import box_rows, moment, raw_frame

DAY = "2024-01-10"
EXPECTED = pd.DataFrame(
    [
        *((DAY, "20240110_BOS_LAL", team) for team in ("BOS", "LAL")),
        *((DAY, "20240110_MIA_DEN", team) for team in ("MIA", "DEN")),
        ("2024-01-12", "20240112_BOS_LAL", "BOS"),
    ],
    columns=["game_date", "game_id", "team_abbr"],
).astype({"game_date": "datetime64[ns]", "game_id": "string", "team_abbr": "string"})


def tracked(rows: list[dict]) -> pd.DataFrame:
    raw = raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, rows or box_rows(DAY))
    raw = raw if rows else raw.iloc[:0]
    matched = raw[["game_id", "team_abbr"]]
    return source_tracking("src", NBAC_GAMEBOOK_PLAYER_STATS, raw, matched, EXPECTED).set_index("game_date")


def test_completeness_is_the_share_of_expected_games_and_teams() -> None:
    found = tracked(box_rows(DAY, processed_at=moment("2024-01-11T05:00")))
    assert found.loc[DAY, "src_rows_found"] == 12
    assert found.loc[DAY, "src_completeness_pct"] == 50.0
    assert found.loc[DAY, "src_last_updated"] == moment("2024-01-11T05:00")


def test_checked_and_empty_is_zero_not_null() -> None:
    for found in (tracked(box_rows(DAY)).loc["2024-01-12"], tracked([]).loc[DAY]):
        assert (found["src_rows_found"], found["src_completeness_pct"]) == (0, 0.0)
        assert pd.isna(found["src_hash"])
        assert pd.isna(found["src_last_updated"])


def test_digest_speaks_for_every_row_but_not_for_their_order_or_time_of_writing() -> None:
    rows = box_rows(DAY)
    digest = tracked(rows).loc[DAY, "src_hash"]
    assert tracked(rows[::-1]).loc[DAY, "src_hash"] == digest
    assert tracked([{**row, "processed_at": moment("2024-03-01")} for row in rows]).loc[DAY, "src_hash"] == digest
    for number in (0, 5, 11):
        changed = [{**row, "assists": 4} if at == number else row for at, row in enumerate(rows)]
        assert tracked(changed).loc[DAY, "src_hash"] != digest
    assert tracked(rows[1:]).loc[DAY, "src_hash"] != digest
    assert tracked([*rows, rows[0]]).loc[DAY, "src_hash"] != digest


def test_reduced_source_counts_events_and_games() -> None:
    games = [("20240110_BOS_LAL", 450, "a", "2024-01-11T05:00"), ("20240110_MIA_DEN", 400, "b", "2024-01-11T06:00")]
    rows = [(pd.Timestamp(DAY), game, events, digest, moment(written)) for game, events, digest, written in games]
    facts = pd.DataFrame(rows, columns=["game_date", "game_id", "events", "digest", "processed_at"])
    facts = facts.astype({"game_id": "string", "digest": "string"})
    found = reduced_source_tracking("src", facts, EXPECTED).set_index("game_date")
    assert found.loc[DAY, ["src_rows_found", "src_completeness_pct"]].tolist() == [850, 100.0]
    assert found.loc[DAY, "src_last_updated"] == moment("2024-01-11T06:00")
    assert found.loc["2024-01-12", ["src_rows_found", "src_completeness_pct"]].tolist() == [0, 0.0]
    # One of two games covers both of its teams, and its digest alone is another digest.
    half = reduced_source_tracking("src", facts.iloc[:1], EXPECTED).set_index("game_date")
    assert half.loc[DAY, ["src_rows_found", "src_completeness_pct"]].tolist() == [450, 50.0]
    assert half.loc[DAY, "src_hash"] != found.loc[DAY, "src_hash"]
    none = reduced_source_tracking("src", facts.iloc[:0], EXPECTED).set_index("game_date")
    assert none.loc[DAY, ["src_rows_found", "src_completeness_pct"]].tolist() == [0, 0.0]
    assert pd.isna(none.loc[DAY, "src_hash"])


def season_of(*games: tuple[str, str, str], is_target: bool = False) -> list[dict]:
    return [
        {
            "season_year": 2023,
            "game_date": pd.Timestamp(day),
            "game_id": f"{day.replace('-', '')}_{away}_{home}",
            "team_abbr": team,
            "is_target": is_target,
        }
        for day, away, home in games
        for team in (away, home)
    ]


def test_what_both_teams_of_a_game_played_before_is_told_and_nothing_of_other_teams_or_later() -> None:
    played = [("2024-01-02", "BOS", "LAL"), ("2024-01-04", "MIA", "DEN"), ("2024-01-06", "BOS", "MIA")]
    to_come = [("2024-01-06", "BOS", "MIA"), ("2024-01-08", "LAL", "DEN"), ("2024-01-08", "NYK", "CHI")]
    expected = pd.DataFrame(season_of(*played) + season_of(*to_come, is_target=True))
    rows = [
        {**row, "processed_at": moment("2024-01-03") if row["team_abbr"] != "DEN" else moment("2024-01-05")}
        | {"data_hash": f"{row['game_id']}{row['team_abbr']}{number}"}
        for row in season_of(*played)
        if (row["team_abbr"], row["game_id"]) != ("LAL", "20240102_BOS_LAL")
        for number in range(2)
    ]

    def found(rows: list[dict]) -> pd.DataFrame:
        return history_source_tracking("src", pd.DataFrame(rows), expected).set_index("game_id")

    first, second, third = "20240106_BOS_MIA", "20240108_LAL_DEN", "20240108_NYK_CHI"
    tracked = found(rows)
    assert tracked["src_rows_found"].to_dict() == {first: 4, second: 2, third: 0}
    # Boston's and Miami's first games have rows; of Los Angeles and Denver only Denver's has.
    assert tracked["src_completeness_pct"].fillna(-1).to_dict() == {first: 100, second: 50, third: -1}
    assert tracked["src_last_updated"].dropna().to_dict() == {first: moment("2024-01-03"), second: moment("2024-01-05")}
    # A changed row of Miami's game of the fourth is told on the sixth, where Miami plays, and not on the eighth.
    changed = [{**row, "data_hash": "other"} if row["team_abbr"] == "MIA" else row for row in rows]
    differs = found(changed)["src_hash"] != tracked["src_hash"]
    assert differs.to_dict() == {first: True, second: False, third: False}
