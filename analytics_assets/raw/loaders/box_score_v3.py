"""NBA.com's ``boxscoretraditionalv3``, one game an answer, to rows of the raw gamebook: exact minutes and starters."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from analytics_assets.league.games import GameType, canonical_game_ids, game_types, season_year_of_game_id
from analytics_assets.league.teams import canonical_tricodes
from analytics_assets.raw.declarations import (
    BOX_COUNTS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_TEAM_BOXSCORE,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.loaders.files import BoxScoreGame
from analytics_assets.raw.loaders.rows import RejectReason, RowLedger, check_whole_numbers, texts, whole_numbers
from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.player_registry import registry_rows
from analytics_assets.stats.minutes import parse_minutes, unreadable_minutes
from analytics_assets.tables.frames import conform

STATISTICS = {
    "points": "points",
    "assists": "assists",
    "offensive_rebounds": "reboundsOffensive",
    "defensive_rebounds": "reboundsDefensive",
    "steals": "steals",
    "blocks": "blocks",
    "turnovers": "turnovers",
    "personal_fouls": "foulsPersonal",
    "fg_made": "fieldGoalsMade",
    "fg_attempted": "fieldGoalsAttempted",
    "three_pt_made": "threePointersMade",
    "three_pt_attempted": "threePointersAttempted",
    "ft_made": "freeThrowsMade",
    "ft_attempted": "freeThrowsAttempted",
}
PLAYER_FIELDS = ("personId", "firstName", "familyName", "position", "comment")
TEAM_TOTALS = "team totals, which the team game log gives"
_SIDES = (("homeTeam", True), ("awayTeam", False))
_PLUS_MINUS = "plusMinusPoints"


def box_score_rows(game: BoxScoreGame) -> list[object]:
    """The player objects of both teams, home first, as they stand."""
    return [player for side, _ in _SIDES for player in _players(game.teams[side])]


def box_score_frames(
    game: BoxScoreGame, nba_game_id: str, game_date: date, ledger: RowLedger, now: datetime
) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """Raw gamebook rows of one game.

    Args:
        game: The answer's teams.
        nba_game_id: The game's ten digits.
        game_date: The game's US-Eastern date, which the answer does not carry.
        ledger: Takes the rejected players; one place for each of :func:`box_score_rows`.
        now: Moment of loading, with a time zone.

    Returns:
        Frames by raw table name, ``nbac_gamebook_player_stats`` and ``player_registry``, and what was skipped.
        ``player_status`` is NULL: the answer lists whoever dressed and some others, not the inactive list. A final of
        the in-season cup gives ``nbac_team_boxscore`` as well, because no game log holds that game.
    """
    cells = _cells(game)
    box = pd.DataFrame(index=cells.index)
    tricodes = {side: _tricode(game.teams[side]) for side, _ in _SIDES}
    box["nba_game_id"] = pd.Series(nba_game_id, index=cells.index, dtype="string")
    box["game_date"] = pd.Timestamp(game_date)
    box["season_year"] = season_year_of_game_id(box["nba_game_id"])
    box["team_abbr"] = canonical_tricodes(texts(cells["teamTricode"]))
    ledger.reject(
        box["team_abbr"].isna(),
        RejectReason.UNKNOWN_TRICODE,
        cells["teamTricode"],
        "no team has this code; fetch the game again, or add it to the variants in league/teams.py if it is new",
    )
    _add_players(box, cells, ledger)
    _add_statistics(box, cells, ledger)
    home, away = (pd.Series(tricodes[side], index=cells.index, dtype="string") for side, _ in _SIDES)
    ledger.reject(
        home == away, RejectReason.MALFORMED_MATCHUP, cells["teamTricode"], "is both home and away; fetch it again"
    )
    # With one team unknown the other's players still have their game.
    box["game_id"] = canonical_game_ids(box["game_date"], away, home).fillna(box["nba_game_id"])
    ledger.reject_repeated(
        box[["nba_player_id"]], cells["personId"], "the same player stands further down again and that line is kept"
    )
    _keep_lookups_distinct(box, ledger)
    box["processed_at"] = now
    kept = box[ledger.kept].reset_index(drop=True)
    registry = kept[["player_lookup", "season_year", "nba_player_id", "player_name"]]
    frames = {
        NBAC_GAMEBOOK_PLAYER_STATS.name: conform(kept, NBAC_GAMEBOOK_PLAYER_STATS),
        PLAYER_REGISTRY.name: registry_rows(registry, now),
    }
    if game_types(pd.Series([nba_game_id])).iloc[0] == GameType.CUP_FINAL:
        return frames | _team_frame(game, kept, now), {}
    return frames, {TEAM_TOTALS: len(_SIDES)}


def _players(team: Mapping[str, object]) -> list[object]:
    players = team.get("players")
    return players if isinstance(players, list) else []


def _tricode(team: Mapping[str, object]) -> Any:
    return canonical_tricodes(texts(pd.Series([team.get("teamTricode")], dtype=object))).iloc[0]


def _cells(game: BoxScoreGame) -> pd.DataFrame:
    """The fields we read, one row a player; whatever is absent or broken is NULL."""
    rows = []
    for side, _ in _SIDES:
        team = game.teams[side]
        for entry in _players(team):
            player = entry if isinstance(entry, dict) else {}
            rows.append({"teamTricode": team.get("teamTricode"), **_fields(player, PLAYER_FIELDS), **_numbers(player)})
    names = ["teamTricode", *PLAYER_FIELDS, "minutes", _PLUS_MINUS, *STATISTICS.values()]
    return pd.DataFrame(rows, columns=pd.Index(names), dtype=object)


def _numbers(entry: Mapping[str, object]) -> dict[str, object]:
    statistics = entry.get("statistics")
    known = statistics if isinstance(statistics, dict) else {}
    return _fields(known, ("minutes", _PLUS_MINUS, *STATISTICS.values()))


def _fields(entry: Mapping[str, object], names: tuple[str, ...]) -> dict[str, object]:
    return {name: entry.get(name) for name in names}


def _add_players(box: pd.DataFrame, cells: pd.DataFrame, ledger: RowLedger) -> None:
    box["nba_player_id"], unreadable = whole_numbers(cells["personId"])
    ledger.reject(
        box["nba_player_id"].isna() | unreadable | (box["nba_player_id"] <= 0),
        RejectReason.MISSING_PLAYER,
        cells["personId"],
        "not an NBA player id; fetch the game again",
    )
    # Some players go by one name only.
    full = texts(cells["firstName"]).fillna("") + " " + texts(cells["familyName"]).fillna("")
    box["player_name"] = full.str.strip().replace("", pd.NA)
    box["player_lookup"] = player_lookups(box["player_name"])
    ledger.reject(
        box["player_lookup"].fillna("") == "",
        RejectReason.MISSING_PLAYER,
        cells["familyName"],
        "no name in Latin letters; fill in the name as NBA.com writes it",
    )
    # Only the five who started have a position here.
    box["starter"] = texts(cells["position"]).notna().astype("boolean")


def _add_statistics(box: pd.DataFrame, cells: pd.DataFrame, ledger: RowLedger) -> None:
    box["minutes"] = texts(cells["minutes"])
    ledger.reject(
        unreadable_minutes(box["minutes"]),
        RejectReason.NOT_A_NUMBER,
        cells["minutes"],
        "minutes read 35:24; fetch the game again",
    )
    for name in BOX_COUNTS:
        box[name] = check_whole_numbers(ledger, cells[STATISTICS[name]])
    box["plus_minus"] = check_whole_numbers(ledger, cells[_PLUS_MINUS])
    played = (parse_minutes(box["minutes"]) > 0).fillna(False) | (box[list(BOX_COUNTS)].fillna(0) != 0).any(axis=1)
    # A remark beside playing time is no reason for not playing: the player's counts are real.
    box["dnp_reason"] = texts(cells["comment"]).where(~played)
    measures = ["minutes", *BOX_COUNTS, "plus_minus"]
    box[measures] = box[measures].mask(np.repeat((~played).to_numpy(dtype=bool)[:, None], len(measures), axis=1))


def _keep_lookups_distinct(box: pd.DataFrame, ledger: RowLedger) -> None:
    """Append the player id to the names of namesakes in the game; the lowest id keeps the plain name."""
    good = box[ledger.kept]
    lowest = good["nba_player_id"].groupby(good["player_lookup"]).transform("min")
    namesakes = good.index[(good["nba_player_id"] != lowest).to_numpy(dtype=bool)]
    ids = good.loc[namesakes, "nba_player_id"].astype("string")
    box.loc[namesakes, "player_lookup"] = good.loc[namesakes, "player_lookup"] + ids


def _team_frame(game: BoxScoreGame, players: pd.DataFrame, now: datetime) -> dict[str, pd.DataFrame]:
    """The team totals as rows of the raw team box, for teams with a good player line and readable totals."""
    cells = pd.DataFrame([_numbers(game.teams[side]) for side, _ in _SIDES], dtype=object)
    judged = RowLedger(len(cells))
    rows = pd.DataFrame({"team_abbr": [_tricode(game.teams[side]) for side, _ in _SIDES]}, dtype="string")
    rows["is_home"] = pd.Series([is_home for _, is_home in _SIDES], dtype="boolean")
    rows["minutes"] = texts(cells["minutes"])
    for name in BOX_COUNTS:
        rows[name] = check_whole_numbers(judged, cells[STATISTICS[name]])
    rows["plus_minus"] = check_whole_numbers(judged, cells[_PLUS_MINUS])
    rows["processed_at"] = now
    games = players[["game_id", "nba_game_id", "game_date", "season_year", "team_abbr"]].drop_duplicates()
    whole = rows[judged.kept & rows[list(BOX_COUNTS)].notna().all(axis=1).to_numpy(dtype=bool)]
    return {NBAC_TEAM_BOXSCORE.name: conform(whole.merge(games, on="team_abbr"), NBAC_TEAM_BOXSCORE)}
