"""What holds on every game of the three summaries, whatever the data: section 7 of the specification of the tables."""

import pandas as pd

TEAM_GAME = ["game_id", "team_abbr"]
SUMMED = {
    "points": "points_scored",
    "fg_attempts": "fg_attempts",
    "fg_makes": "fg_makes",
    "three_pt_attempts": "three_pt_attempts",
    "three_pt_makes": "three_pt_makes",
    "ft_attempts": "ft_attempts",
    "ft_makes": "ft_makes",
    "assists": "assists",
    "offensive_rebounds": "offensive_rebounds",
    "defensive_rebounds": "defensive_rebounds",
    "steals": "steals",
    "blocks": "blocks",
    "personal_fouls": "personal_fouls",
}


def assert_summary_invariants(
    players: pd.DataFrame, offense: pd.DataFrame, defense: pd.DataFrame, *, exact_minutes: bool
) -> None:
    """Assert row counts, symmetry, sums, identities and bounds on every game of the three tables.

    Args:
        players: ``player_game_summary``.
        offense: ``team_offense_game_summary`` of the same games.
        defense: ``team_defense_game_summary`` of the same games.
        exact_minutes: Whether minutes are exact, so that sums and the usage identity hold closely.
    """
    assert len(offense) > 0
    own = offense.set_index(TEAM_GAME).sort_index()
    _assert_row_counts(players, offense, defense)
    _assert_symmetry(own, defense)
    _assert_player_sums(players, own, exact_minutes)
    _assert_player_identities(players)
    _assert_zones(players, offense)
    if exact_minutes:
        _assert_usage_identity(players, own)


def _assert_row_counts(players: pd.DataFrame, offense: pd.DataFrame, defense: pd.DataFrame) -> None:
    assert not players.duplicated(["game_id", "player_lookup"]).any()
    assert not players.duplicated(["game_date", "player_lookup"]).any()
    assert (offense.groupby("game_id").size() == 2).all()
    assert (defense.groupby("game_id").size() == 2).all()
    assert not offense.duplicated(["game_date", "team_abbr"]).any()
    assert set(offense["game_id"]) == set(defense["game_id"]) == set(players["game_id"])
    appeared = players[players["played"]].groupby(TEAM_GAME).size()
    assert (appeared >= 5).all()
    assert len(appeared) == len(offense)


def _assert_symmetry(own: pd.DataFrame, defense: pd.DataFrame) -> None:
    # The opponent's defending row, in the order of the own rows.
    facing = defense.set_index(["game_id", "opponent_team_abbr"]).sort_index()
    assert list(facing.index) == list(own.index)
    pairs = {
        "offensive_rating": "defensive_rating",
        "pace": "opponent_pace",
        "possessions": "possessions",
        "overtime_periods": "overtime_periods",
        "ts_pct": "opponent_ts_pct",
        "efg_pct": "opp_efg_pct",
        "points_scored": "points_allowed",
        "turnovers": "turnovers_forced",
        "team_paint_attempts": "opp_paint_attempts",
        "points_in_paint_scored": "points_in_paint_allowed",
        "second_chance_points_scored": "second_chance_points_allowed",
        "fast_break_points_scored": "fast_break_points_allowed",
    }
    for ours, theirs in pairs.items():
        left = pd.Series(own[ours].to_numpy(), dtype="Float64")
        right = pd.Series(facing[theirs].to_numpy(), dtype="Float64")
        assert left.equals(right), ours
    games = own.reset_index().groupby("game_id")
    assert (games["win_flag"].sum() == 1).all()
    assert (games["home_game"].sum() == 1).all()
    assert (games["margin_of_victory"].sum() == 0).all()
    assert (games["pace"].nunique() == 1).all()
    assert (games["overtime_periods"].nunique() == 1).all()
    assert ((own["margin_of_victory"] > 0) == own["win_flag"]).all()


def _assert_player_sums(players: pd.DataFrame, own: pd.DataFrame, exact_minutes: bool) -> None:
    played = players[players["played"]]
    sums = played.groupby(TEAM_GAME)[[*SUMMED, "minutes_played"]].sum().sort_index()
    for name, team_name in SUMMED.items():
        assert (sums[name].to_numpy() == own[team_name].to_numpy()).all(), name
    nominal = 240 + 25 * own["overtime_periods"].astype(float)
    assert ((sums["minutes_played"] - nominal).abs() <= (2 if exact_minutes else 4)).all()
    wins = players.groupby(TEAM_GAME)["win_flag"].agg(["nunique", "first"]).sort_index()
    assert (wins["nunique"] == 1).all()
    assert (wins["first"].to_numpy() == own["win_flag"].to_numpy()).all()


def _assert_player_identities(players: pd.DataFrame) -> None:
    played = players[players["played"]]
    points = 2 * (played["fg_makes"] - played["three_pt_makes"]) + 3 * played["three_pt_makes"] + played["ft_makes"]
    assert (points == played["points"]).all()
    for made, attempted in (
        ("fg_makes", "fg_attempts"),
        ("three_pt_makes", "three_pt_attempts"),
        ("ft_makes", "ft_attempts"),
    ):
        assert (played[made] <= played[attempted]).all()
    assert played["ts_pct"].isna().equals((played["fg_attempts"] + played["ft_attempts"] == 0).astype(bool))
    known = played["assisted_fg_makes"].notna()
    made = played["assisted_fg_makes"] + played["unassisted_fg_makes"]
    assert (made == played["fg_makes"])[known].all()
    assert (played["unassisted_fg_makes"][known] >= 0).all()
    out = players[~players["played"]]
    assert (
        out[["points", "minutes_played", "usage_rate", "paint_attempts", "and1_count", "margin"]].isna().all(axis=None)
    )


def _assert_zones(players: pd.DataFrame, offense: pd.DataFrame) -> None:
    columns = ["paint_attempts", "mid_range_attempts", "three_attempts_pbp"]
    for rows, names in ((players, columns), (offense, ["team_paint_attempts", "team_mid_range_attempts"])):
        told = rows[names].notna()
        assert (told.all(axis=1) == told.any(axis=1)).all(), "zones are all there or all NULL"
    zoned = players[players["paint_attempts"].notna()]
    assert ((zoned[columns].sum(axis=1) - zoned["fg_attempts"]).abs() <= 1).all()
    teams = offense[offense["team_paint_attempts"].notna()]
    total = teams["team_paint_attempts"] + teams["team_mid_range_attempts"] + teams["three_pt_attempts"]
    assert ((total - teams["fg_attempts"]).abs() <= 1).all()
    assert (teams["team_paint_makes"] <= teams["team_paint_attempts"]).all()


def _assert_usage_identity(players: pd.DataFrame, own: pd.DataFrame) -> None:
    """Usage times minutes adds up to a hundred times the length of the game, within one percent."""
    played = players[players["played"] & (players["minutes_played"] > 0)]
    weighted = (played["usage_rate"] * played["minutes_played"]).groupby([played[name] for name in TEAM_GAME]).sum()
    length = 48 + 5 * own["overtime_periods"].astype(float)
    expected = 100 * length
    assert (abs(weighted.sort_index().to_numpy() / expected.to_numpy() - 1) <= 0.01).all()
