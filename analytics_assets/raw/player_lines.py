"""Turning raw player box rows of any source into comparable lines, and refusing rows that break a rule.

Every raw row of a counted game ends either in the lines or among the refused rows with a reason.
"""

from dataclasses import dataclass

import pandas as pd

from analytics_assets.league.games import COUNTED_GAME_TYPES, game_types
from analytics_assets.league.teams import canonical_tricodes
from analytics_assets.raw.declarations import BOX_COUNTS
from analytics_assets.raw.schedule import pair_keys
from analytics_assets.stats import formulas
from analytics_assets.stats.minutes import parse_minutes, unreadable_minutes

HIGHEST_SHOOTING_RATE = 1.5
# Refused rows with these reasons leave nothing missing: a better row of the same player stays.
HARMLESS_REASONS = ("duplicate_superseded",)

_STATUSES = ("active", "dnp", "inactive")
_GAME_COLUMNS = ["nba_game_id", "game_id", "game_date", "season_year", "game_type", "home", "away", "game_status"]


@dataclass(frozen=True)
class PlayerLines:
    """Lines of one source.

    Attributes:
        lines: One row per player and game of counted games on the schedule: game identity from the schedule,
            ``team_abbr``, ``opponent_team_abbr``, ``home_game``, ``player_lookup``, ``player_name``, raw counts (NULL for
            those who did not play), ``minutes_played`` (decimal), ``minutes_raw``, ``minutes_are_rounded``,
            ``plus_minus``, ``starter``, ``player_status``, ``played``, ``dnp_reason``, ``source``, ``processed_at``.
        refused: ``row`` (index label in the raw frame), ``reason``, ``detail``, and ``game_id``, ``team_abbr`` where known.
        unscheduled: Dates with rows of counted games that the schedule does not hold.
    """

    lines: pd.DataFrame
    refused: pd.DataFrame
    unscheduled: pd.DataFrame


class _Sieve:
    """Rows still good, and the reasons for which others were refused."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.rows = rows
        self._refused: list[pd.DataFrame] = []

    def refuse(self, broken: pd.Series, reason: str, detail: pd.Series | str) -> None:
        """Take out the rows where ``broken`` holds."""
        mask = broken.fillna(False).astype(bool)
        if not mask.any():
            return
        rows = self.rows[mask]
        known = {name: rows[name] if name in rows.columns else None for name in ("game_id", "team_abbr")}
        details = detail[mask] if isinstance(detail, pd.Series) else detail
        self._refused.append(pd.DataFrame({"row": rows.index, "reason": reason, "detail": details, **known}, index=rows.index))
        self.rows = self.rows[~mask]

    @property
    def refused(self) -> pd.DataFrame:
        """All refused rows."""
        columns = ["row", "reason", "detail", "game_id", "team_abbr"]
        if not self._refused:
            return pd.DataFrame(columns=columns)
        return pd.concat(self._refused, ignore_index=True)[columns]


def interpret_player_rows(raw: pd.DataFrame, source: str, games: pd.DataFrame) -> PlayerLines:
    """Interpret the raw rows of one player box source.

    Args:
        raw: Frame of the raw table with a unique index.
        source: Name of the raw table.
        games: ``Schedule.games``.
    """
    sieve = _Sieve(raw.rename(columns={"game_id": "raw_game_id", "game_date": "raw_date", "nba_game_id": "raw_nba_id",
                                       "season_year": "raw_season", "team_abbr": "raw_team", "game_status": "raw_status"},
                              errors="ignore"))
    _match_games(sieve, games)
    unscheduled = sieve.refused.loc[lambda frame: frame["reason"] == "game_not_in_schedule", ["row"]]
    unscheduled = raw.loc[unscheduled["row"], ["game_date"]].drop_duplicates()
    sieve.rows = sieve.rows[sieve.rows["counts"].astype(bool)]
    _match_teams(sieve)
    _read_participation(sieve, source)
    _check_numbers(sieve)
    _drop_duplicates(sieve)
    lines = sieve.rows.copy()
    not_played = ~lines["played"].astype(bool)
    for name in (*BOX_COUNTS, "plus_minus", "minutes_played"):
        lines[name] = lines[name].mask(not_played)
    lines["source"] = source
    return PlayerLines(lines=lines[_LINE_COLUMNS], refused=sieve.refused, unscheduled=unscheduled)


_LINE_COLUMNS = [
    *("nba_game_id", "game_id", "game_date", "season_year", "game_type", "game_status_at_processing"),
    *("team_abbr", "opponent_team_abbr", "home_game", "player_lookup", "player_name"),
    *BOX_COUNTS,
    *("minutes_played", "minutes_raw", "minutes_are_rounded", "plus_minus", "starter"),
    *("player_status", "played", "dnp_reason", "source", "processed_at"),
]


def match_games(raw: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    """Schedule columns for each raw row, found by NBA id or by date and both teams in either order.

    Args:
        raw: Frame with ``raw_game_id`` and ``raw_nba_id``.
        games: ``Schedule.games``.

    Returns:
        On the same index: the schedule's game columns, NULL where no game matches, and ``id_problem``:
        ``malformed_game_id``, ``unknown_tricode`` or NULL.
    """
    identity = raw["raw_game_id"].astype("string").str.strip()
    parts = identity.str.extract(r"^(\d{8})_([A-Za-z]+)_([A-Za-z]+)$")
    is_nba_id = identity.str.fullmatch(r"\d{10}").fillna(False).astype(bool)
    nba_id = identity.where(is_nba_id).fillna(raw["raw_nba_id"])
    day = pd.to_datetime(parts[0], format="%Y%m%d", errors="coerce")
    one, other = canonical_tricodes(parts[1]), canonical_tricodes(parts[2])
    pair = pair_keys(day, one, other)
    by_id = games.drop_duplicates("nba_game_id").set_index("nba_game_id", drop=False)
    by_pair = games[games["counts"]].drop_duplicates("pair").set_index("pair", drop=False)
    wanted = [*_GAME_COLUMNS, "counts"]
    found = by_id.reindex(nba_id)[wanted].set_axis(raw.index)
    second = by_pair.reindex(pair)[wanted].set_axis(raw.index)
    # Rows whose pair names a game are taken by pair when the NBA id names none.
    unmatched = found["game_id"].isna() & found["nba_game_id"].isna()
    found = found.where(~unmatched, second)
    problem = pd.Series(pd.NA, index=raw.index, dtype="string")
    malformed = parts[0].isna() & ~is_nba_id | (parts[0].notna() & day.isna())
    problem = problem.mask(parts[0].notna() & (one.isna() | other.isna()), "unknown_tricode")
    problem = problem.mask(malformed, "malformed_game_id")
    return found.assign(id_problem=problem.where(found["nba_game_id"].isna()), known_nba_id=nba_id)


def _match_games(sieve: _Sieve, games: pd.DataFrame) -> None:
    found = match_games(sieve.rows, games)
    sieve.rows = pd.concat([sieve.rows, found], axis=1)
    problem, identity = sieve.rows["id_problem"], sieve.rows["raw_game_id"].astype("string")
    sieve.refuse(
        problem == "malformed_game_id",
        "malformed_game_id",
        "game_id '" + identity + "' is neither YYYYMMDD_AWAY_HOME nor a ten-digit NBA id; correct it and load again",
    )
    identity = sieve.rows["raw_game_id"].astype("string")
    sieve.refuse(
        sieve.rows["id_problem"] == "unknown_tricode",
        "unknown_tricode",
        "game_id '" + identity + "' names an unknown team; correct the code or add the variant to the league's teams",
    )
    rows = sieve.rows
    kind = game_types(rows["known_nba_id"])
    unmatched = rows["nba_game_id"].isna()
    # Pre-season and All-Star rows are not ours to refuse: the tables leave those games out.
    sieve.rows = rows[~(unmatched & kind.notna() & ~kind.isin([str(k) for k in COUNTED_GAME_TYPES]))]
    rows = sieve.rows
    sieve.refuse(
        rows["nba_game_id"].isna(),
        "game_not_in_schedule",
        "game '" + rows["raw_game_id"].astype("string") + "' is not in nbac_schedule; load the schedule that holds it",
    )
    rows = sieve.rows
    sieve.refuse(
        rows["raw_date"] != rows["game_date"],
        "game_date_contradicts_schedule",
        "game_date " + rows["raw_date"].astype("string") + " but the schedule says " + rows["game_date"].astype("string"),
    )


def _match_teams(sieve: _Sieve) -> None:
    rows = sieve.rows
    stated = rows["raw_team"].astype("string").str.strip()
    sieve.refuse(
        stated.isna() | (stated == ""),
        "team_missing",
        "team_abbr is NULL; give the player's team and load again",
    )
    rows = sieve.rows
    team = canonical_tricodes(rows["raw_team"])
    sieve.refuse(
        team.isna(),
        "unknown_tricode",
        "team_abbr '" + rows["raw_team"].astype("string") + "' is no known team; correct it or add the variant",
    )
    rows = sieve.rows.assign(team_abbr=canonical_tricodes(sieve.rows["raw_team"]))
    at_home, away = rows["team_abbr"] == rows["home"], rows["team_abbr"] == rows["away"]
    rows["home_game"] = at_home.astype("boolean")
    rows["opponent_team_abbr"] = rows["away"].where(at_home, rows["home"])
    sieve.rows = rows
    sieve.refuse(
        ~(at_home | away),
        "team_not_in_game",
        "team_abbr '" + rows["team_abbr"] + "' does not play in " + rows["game_id"] + "; correct the team or the game",
    )
    rows = sieve.rows
    lookup = rows["player_lookup"].astype("string").str.strip()
    sieve.refuse(lookup.isna() | (lookup == ""), "player_missing", "player_lookup is empty; give the player's name")


def _read_participation(sieve: _Sieve, source: str) -> None:
    rows = sieve.rows.copy()
    absent = pd.Series(pd.NA, index=rows.index)
    optional = {"starter": "boolean", "plus_minus": "Int64", "dnp_reason": "string", "player_status": "string",
                "minutes_are_rounded": "boolean", "raw_status": "string"}
    for name, dtype in optional.items():
        rows[name] = rows[name].astype(dtype) if name in rows.columns else absent.astype(dtype)
    rows["minutes_raw"] = rows["minutes"].astype("string")
    rows["minutes_played"] = parse_minutes(rows["minutes_raw"])
    rows["minutes_are_rounded"] = rows["minutes_are_rounded"].fillna(False).astype(bool)
    reason = rows["dnp_reason"].str.strip()
    rows["dnp_reason"] = reason.mask(reason == "")
    status = rows["player_status"].str.strip().str.lower()
    did_something = (rows[list(BOX_COUNTS)].fillna(0) != 0).any(axis=1) | (rows["minutes_played"].fillna(0) > 0)
    # Only a source that rounds minutes and lists nobody else may call a player with 0 minutes a participant.
    listed_means_played = rows["minutes_are_rounded"] & rows["dnp_reason"].isna() & status.isna()
    played = (did_something | listed_means_played) & ~status.isin(["dnp", "inactive"]).fillna(False)
    commented_out = rows["dnp_reason"].notna() & ~did_something
    rows["played"] = (played & ~commented_out).astype(bool)
    guessed = pd.Series("dnp", index=rows.index, dtype="string").mask(rows["played"], "active")
    rows["player_status"] = status.fillna(guessed)
    state = rows["game_status"].map({1: "scheduled", 2: "in_progress", 3: "final"})
    rows["game_status_at_processing"] = state.fillna("scheduled").astype("string")
    sieve.rows = rows
    sieve.refuse(
        ~rows["player_status"].isin(_STATUSES),
        "unknown_player_status",
        "player_status '" + rows["player_status"] + "' is none of " + ", ".join(_STATUSES),
    )
    rows = sieve.rows
    sieve.refuse(
        unreadable_minutes(rows["minutes_raw"]),
        "unreadable_minutes",
        "minutes '" + rows["minutes_raw"] + "' is neither MM:SS nor a decimal number; correct it and load again",
    )
    rows = sieve.rows
    sieve.refuse(rows["minutes_played"] < 0, "negative_minutes", "minutes '" + rows["minutes_raw"] + "' is negative")
    rows = sieve.rows
    contradiction = rows["player_status"].isin(["dnp", "inactive"]) & (rows["points"].fillna(0) > 0)
    sieve.refuse(
        contradiction,
        "points_without_playing",
        "player_status '" + rows["player_status"] + "' but points " + rows["points"].astype("string"),
    )


def _check_numbers(sieve: _Sieve) -> None:
    for name in BOX_COUNTS:
        values = sieve.rows[name]
        sieve.refuse(values < 0, "negative_count", f"{name} is " + values.astype("string") + "; counts cannot be negative")
    for made, attempted in (("fg_made", "fg_attempted"), ("three_pt_made", "three_pt_attempted"), ("ft_made", "ft_attempted")):
        rows = sieve.rows
        sieve.refuse(
            rows[made] > rows[attempted],
            "more_made_than_attempted",
            f"{made} " + rows[made].astype("string") + f" exceeds {attempted} " + rows[attempted].astype("string"),
        )
    rows = sieve.rows
    efg = formulas.effective_field_goal_pct(rows["fg_made"], rows["three_pt_made"], rows["fg_attempted"])
    shooting = formulas.true_shooting_pct(rows["points"], rows["fg_attempted"], rows["ft_attempted"])
    beyond = (efg > HIGHEST_SHOOTING_RATE) | (shooting > HIGHEST_SHOOTING_RATE)
    detail = "effective field goals " + efg.round(3).astype("string") + ", true shooting " + shooting.round(3).astype("string")
    sieve.refuse(beyond, "shooting_rate_out_of_range", detail + f"; neither can exceed {HIGHEST_SHOOTING_RATE}")


def _drop_duplicates(sieve: _Sieve) -> None:
    """Of several good rows of one player and game the one written last stays; ties go to the last row."""
    rows = sieve.rows.sort_values("processed_at", kind="stable")
    superseded = rows.duplicated(["game_id", "player_lookup"], keep="last").reindex(sieve.rows.index)
    sieve.refuse(
        superseded,
        "duplicate_superseded",
        "another row of the same player and game was written later, or stands later in the table",
    )
