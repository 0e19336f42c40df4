"""Literal chosen team lines of one game, BOS 110 at LAL 104, the frames that go with them, and the built tables."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics_assets.raw.declarations import BOX_COUNTS
from analytics_assets.raw.play_by_play import EVENT_COUNTS
from analytics_assets.stats.team_game_summaries import build_team_defense, build_team_offense
from analytics_assets.stats.team_games import build_team_games
from analytics_assets_tests.support.raw_rows import moment

GAME_ID = "20240110_BOS_LAL"
NOW = moment("2024-02-01")
DAY = pd.Timestamp("2024-01-10")
# 2 (40 - 12) + 3 * 12 + 18 = 110 and 2 (39 - 10) + 3 * 10 + 16 = 104.
BOS = {
    **{"points": 110, "fg_made": 40, "fg_attempted": 88, "three_pt_made": 12, "three_pt_attempted": 34},
    **{"ft_made": 18, "ft_attempted": 22, "offensive_rebounds": 10, "defensive_rebounds": 32, "assists": 25},
    **{"steals": 8, "blocks": 5, "turnovers": 13, "personal_fouls": 20},
}
LAL = {
    **{"points": 104, "fg_made": 39, "fg_attempted": 90, "three_pt_made": 10, "three_pt_attempted": 30},
    **{"ft_made": 16, "ft_attempted": 20, "offensive_rebounds": 9, "defensive_rebounds": 36, "assists": 22},
    **{"steals": 7, "blocks": 4, "turnovers": 12, "personal_fouls": 21},
}
# 88 + 0.4 * 22 - 1.07 * 10 / (10 + 36) * (88 - 40) + 13 = 98.6348 for BOS,
# 90 + 0.4 * 20 - 1.07 * 9 / (9 + 32) * (90 - 39) + 12 = 98.0212 for LAL.
POSSESSIONS = ((88 + 0.4 * 22 - 1.07 * 10 / 46 * 48 + 13) + (90 + 0.4 * 20 - 1.07 * 9 / 41 * 51 + 12)) / 2
# As a feed with everything counts them: the zones add up to the attempts, the blocks to the box.
BOS_EVENTS = {
    **{"fg_attempts": 88, "fg_makes": 40, "points": 110, "blocks": 5, "assists": 25, "assisted_makes": 25},
    **{"paint_attempts": 40, "paint_makes": 24, "mid_range_attempts": 14, "mid_range_makes": 4},
    **{"three_pt_attempts": 34, "three_pt_makes": 12, "paint_blocks": 3, "mid_range_blocks": 1, "three_pt_blocks": 1},
    **{"paint_points": 52, "second_chance_points": 11, "fast_break_points": 9, "second_chance_points_by_rule": 12},
}
LAL_EVENTS = {
    **{"fg_attempts": 90, "fg_makes": 39, "points": 104, "blocks": 4, "assists": 22, "assisted_makes": 22},
    **{"paint_attempts": 50, "paint_makes": 27, "mid_range_attempts": 10, "mid_range_makes": 2},
    **{"three_pt_attempts": 30, "three_pt_makes": 10, "paint_blocks": 4, "mid_range_blocks": 0, "three_pt_blocks": 0},
    **{"paint_points": 58, "second_chance_points": 8, "fast_break_points": 14, "second_chance_points_by_rule": 8},
}
TOLD = ("has_events", "is_qualified", "has_rebounds", "has_shooting_fouls", "tells_assists", "tells_free_throws")
TOLD += ("tells_blocks", "tells_distances")


def team_lines(bos: Mapping[str, Any] = {}, lal: Mapping[str, Any] = {}) -> pd.DataFrame:
    """Both lines as ``choose_team_lines`` gives them: team box, exact minutes, player sums without team turnovers."""
    rows = []
    for team, other, counts, against, changes in (("BOS", "LAL", BOS, LAL, bos), ("LAL", "BOS", LAL, BOS, lal)):
        rows.append(
            {
                **{"game_id": GAME_ID, "nba_game_id": "0022300001", "game_date": DAY, "season_year": 2023},
                **{"game_type": "regular", "game_status": 3, "home_game": team == "LAL"},
                **{"team_abbr": team, "opponent_team_abbr": other},
                **{"team_score": counts["points"], "opponent_score": against["points"]},
                **counts,
                **{f"player_{name}": counts[name] for name in BOX_COUNTS},
                **{"player_turnovers": counts["turnovers"] - 1, "box_minutes": 240.0, "player_minutes": 240.0},
                **{"source": "nbac_team_boxscore", "players_source": "nbac_gamebook_player_stats"},
                **{"reconstructed": False, "processed_at": moment("2024-01-11T05:00")},
                **changes,
            }
        )
    texts = ("game_id", "nba_game_id", "game_type", "team_abbr", "opponent_team_abbr", "source", "players_source")
    whole = ("season_year", "game_status", "team_score", "opponent_score", *BOX_COUNTS)
    kinds = dict.fromkeys(texts, "string") | dict.fromkeys(whole, "Int64")
    kinds |= {f"player_{name}": "Int64" for name in BOX_COUNTS}
    return pd.DataFrame(rows).astype({**kinds, "box_minutes": "float64", "player_minutes": "float64"})


def summed_from_players(counts: Mapping[str, int]) -> dict[str, Any]:
    """Changes for a line that stands for its players' sums."""
    told = {"source": "nbac_gamebook_player_stats", "reconstructed": True, "box_minutes": None}
    return {**told, "turnovers": counts["turnovers"] - 1}


def no_events(periods: int | None = None) -> pd.DataFrame:
    """What is known of a game of which no source has events, or of which only the last period is known."""
    return _events({}, {}, None, dict.fromkeys(TOLD, False), periods)


def team_events(
    bos: Mapping[str, Any] = {},
    lal: Mapping[str, Any] = {},
    source: str = "nbac_play_by_play",
    periods: int | None = 4,
    **told: bool,
) -> pd.DataFrame:
    """Counts of a feed that tells everything and marks points, with changes to either team's counts."""
    facts = {**dict.fromkeys(TOLD, True), **told}
    return _events({**BOS_EVENTS, **bos}, {**LAL_EVENTS, **lal}, source, facts, periods)


def _events(bos: dict, lal: dict, source: str | None, facts: dict[str, bool], periods: int | None) -> pd.DataFrame:
    rows = []
    for team, counts in (("BOS", bos), ("LAL", lal)):
        absent = 0 if source else None
        numbers = {f"pbp_{name}": counts.get(name, absent) for name in EVENT_COUNTS}
        game = {"game_id": GAME_ID, "team_abbr": team, "play_by_play_source": source, "periods": periods}
        rows.append({**game, **facts, **numbers})
    kinds = {"game_id": "string", "team_abbr": "string", "play_by_play_source": "string", "periods": "Int64"}
    kinds |= {f"pbp_{name}": "Int64" for name in EVENT_COUNTS}
    return pd.DataFrame(rows).astype(kinds)


def absences(inactive: int | None = 2, starters: int | None = 1) -> pd.DataFrame:
    """The same absences of both teams."""
    rows = [(GAME_ID, team, inactive, starters) for team in ("BOS", "LAL")]
    frame = pd.DataFrame(rows, columns=["game_id", "team_abbr", "players_inactive", "starters_inactive"])
    return frame.astype({"players_inactive": "Int64", "starters_inactive": "Int64"})


def crews(crew: str | None = "12-45-71") -> pd.DataFrame:
    """The game's referee crew."""
    return pd.DataFrame(
        {"game_id": [GAME_ID], "game_date": [DAY], "referee_crew_id": pd.Series([crew], dtype="string")}
    )


def build_cases(cases: Mapping[str, Mapping[str, pd.DataFrame]]) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Offense and defense by team for each case, all built at once; a case changes some of the builder's frames."""
    full = {"lines": team_lines(), "events": team_events(), "who_was_out": absences(), "referees": crews()}
    frames = [
        pd.concat([{**full, **changes}[part].assign(game_id=case) for case, changes in cases.items()]) for part in full
    ]
    games = build_team_games(*frames)
    tracking = pd.DataFrame({"game_date": games["game_date"].unique(), "source_bbd_rows_found": 7})
    offense, defense = (builder(games, tracking, NOW) for builder in (build_team_offense, build_team_defense))
    return {
        case: (
            offense[offense["game_id"] == case].set_index("team_abbr", drop=False),
            defense[defense["game_id"] == case].set_index("defending_team_abbr", drop=False),
        )
        for case in cases
    }


def build(
    lines: pd.DataFrame | None = None, events: pd.DataFrame | None = None, **more: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Offense and defense of the one game by team; everything is known unless given otherwise."""
    given = {"lines": lines, "events": events, **more}
    return build_cases({GAME_ID: {part: frame for part, frame in given.items() if frame is not None}})[GAME_ID]


def judged(rows: pd.DataFrame, team: str) -> tuple[float, str, str, bool]:
    """Score, tier, older tier and whether an issue concerns the numbers."""
    names = ["quality_score", "quality_tier", "data_quality_tier", "processed_with_issues"]
    return tuple(rows.loc[team, names])


def issues(rows: pd.DataFrame, team: str) -> set[str]:
    """Issue codes of a team's row."""
    return set(rows.at[team, "quality_issues"])
