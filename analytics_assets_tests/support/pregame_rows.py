"""Literal raw rows of what is known before a game: lines on it and on players, and injury reports."""

import pandas as pd

from analytics_assets_tests.support.raw_rows import moment


def game_line_rows(
    day: str, home_spread: float, total: float, shown: str, *, away: str = "BOS", home: str = "LAL", **more
) -> list[dict]:
    """Spread, total and moneyline of one book and snapshot, one row a side; ``shown`` is UTC."""
    favourite, underdog = (-150.0, 130.0) if home_spread < 0 else (130.0, -150.0)
    sides = [
        ("spreads", "home", home_spread, -110.0),
        ("spreads", "away", -home_spread, -110.0),
        ("totals", "over", total, -110.0),
        ("totals", "under", total, -110.0),
        ("h2h", "home", None, favourite),
        ("h2h", "away", None, underdog),
    ]
    return [
        {
            **_game(day, away, home),
            "bookmaker": "draftkings",
            "market": market,
            "bet_side": side,
            "line": line,
            "price": price,
            "snapshot_timestamp": moment(shown),
            "processed_at": moment(shown),
            **more,
        }
        for market, side, line, price in sides
    ]


def prop_row(
    day: str, player: str, line: float, shown: str, *, away: str = "BOS", home: str = "LAL", bookmaker: str = "fanduel"
) -> dict:
    """Line of the Odds API on a player's points; ``shown`` is UTC."""
    return {
        **_game(day, away, home),
        "player_lookup": player,
        "bookmaker": bookmaker,
        "points_line": line,
        "over_price": -110.0,
        "under_price": -110.0,
        "snapshot_timestamp": moment(shown),
        "processed_at": moment(shown),
    }


def injury_row(
    day: str, player: str, status: str, reported: str, *, team: str = "BOS", away: str = "BOS", home: str = "LAL"
) -> dict:
    """One player in one edition of the injury report; ``reported`` is UTC."""
    return {
        **_game(day, away, home),
        "reported_at": moment(reported),
        "team_abbr": team,
        "player_lookup": player,
        "injury_status": status,
        "reason": "Injury/Illness - Left Knee; Soreness",
        "processed_at": moment(reported),
    }


def _game(day: str, away: str, home: str) -> dict:
    stamp = pd.Timestamp(day)
    return {
        "game_id": f"{stamp:%Y%m%d}_{away}_{home}",
        "game_date": stamp,
        "season_year": stamp.year - (stamp.month < 10),
    }
