"""Reading the raw schedule: one row per game that counts or not, with canonical id, type, end and state."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from analytics_assets.league.games import (
    COUNTED_GAME_TYPES,
    canonical_game_ids,
    game_types,
    season_year_of_game_id,
)
from analytics_assets.league.teams import canonical_tricodes
from analytics_assets.raw.declarations.schedule import CALLED_OFF, FINAL, IN_PROGRESS, SCHEDULED

EASTERN = "America/New_York"
_WITHIN_A_DAY = timedelta(days=1)
GAME_DURATION = timedelta(hours=2, minutes=30)
# Without a tip-off time: the latest games of a date end at about one o'clock Eastern of the next.
_LATEST_END = timedelta(hours=25)
# A game that is not called final a day after it must have ended is a schedule that was not updated.
OVERDUE_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Schedule:
    """The schedule as the rest of the project sees it.

    Attributes:
        games: One row per game: ``nba_game_id``, ``game_id``, ``pair`` (date and both teams, order-free),
            ``game_date``, ``season_year``, ``game_type``, ``counts`` (of a counted type and not called off),
            ``home``, ``away``, ``home_score``, ``away_score``, ``final``, ``game_status`` (1 to 3 or NULL),
            ``tipoff_at`` (UTC, NULL when only the date is known), ``ends_at`` (UTC), ``arena_name``, ``arena_city``,
            ``neutral_site``, ``is_primetime`` (all four NULL when the source does not say), ``processed_at``.
        covered: ``season_year`` and ``game_type`` of every phase the loaded schedule holds.
        broken: Raw rows of counted games, not called off, with an unreadable id, an unknown team or twice the same one,
            a date that is not of the season which the id names, an unknown ``postponed_status``, or teams of which a
            later row has another game on the date.
    """

    games: pd.DataFrame
    covered: pd.DataFrame
    broken: pd.DataFrame


def interpret_schedule(raw: pd.DataFrame) -> Schedule:
    """Interpret all rows of ``nbac_schedule``.

    Args:
        raw: Frame of the raw table; several rows of one game are reduced to the latest.
    """
    raw = raw.sort_values("processed_at").drop_duplicates("game_id", keep="last")
    home, away = canonical_tricodes(raw["home_team_tricode"]), canonical_tricodes(raw["away_team_tricode"])
    kind = game_types(raw["game_id"])
    countable = kind.isin([str(k) for k in COUNTED_GAME_TYPES])
    called_off, status_unknown = _called_off(raw["postponed_status"])
    no_pair = home.isna() | away.isna() | (home == away).fillna(False).astype(bool)
    pair = pair_keys(raw["game_date"], away, home)
    no_id = ~raw["game_id"].astype("string").str.fullmatch("[0-9]{10}").fillna(False).astype(bool)
    unreadable = no_id | kind.isna() | _date_unknown(raw) | (countable & (no_pair | status_unknown))
    unreadable |= _teams_stand_twice(pair.where(countable & ~called_off & ~unreadable))
    # A tip-off of another date says nothing of this game.
    of_date = (raw["tipoff_at"] - middle_of_date(raw["game_date"])).abs() <= _WITHIN_A_DAY
    tipoff_at = raw["tipoff_at"].where(of_date)
    tip_off_end = tipoff_at + GAME_DURATION
    date_end = (
        raw["game_date"].where(~unreadable).dt.tz_localize(EASTERN).dt.tz_convert("UTC").astype("datetime64[us, UTC]")
        + _LATEST_END
    )
    games = pd.DataFrame(
        {
            "nba_game_id": raw["game_id"],
            "game_id": canonical_game_ids(raw["game_date"], away, home),
            "pair": pair,
            "game_date": raw["game_date"],
            "season_year": _season_years(raw),
            "game_type": kind,
            "counts": countable & ~called_off,
            "home": home,
            "away": away,
            "home_score": raw["home_team_score"],
            "away_score": raw["away_team_score"],
            "final": (raw["game_status"] == FINAL).fillna(False).astype(bool),
            "game_status": raw["game_status"].where(raw["game_status"].isin([SCHEDULED, IN_PROGRESS, FINAL])),
            "tipoff_at": tipoff_at,
            "ends_at": tip_off_end.fillna(date_end),
            "arena_name": raw["arena_name"],
            "arena_city": raw["arena_city"],
            "neutral_site": raw["neutral_site_flag"],
            "is_primetime": raw["is_primetime"],
            "processed_at": raw["processed_at"],
        }
    )
    games = games[~unreadable]
    types = raw.loc[~unreadable, "covered_game_types"].map(tuple, na_action="ignore")
    stated = pd.DataFrame({"season_year": games["season_year"], "game_type": types}).drop_duplicates()
    stated = stated.explode("game_type")
    present = games[["season_year", "game_type"]]
    seasons_with_statement = stated.dropna()["season_year"].unique()
    fallback = present[~present["season_year"].isin(seasons_with_statement)]
    known = [part for part in (stated.dropna(), fallback.dropna()) if len(part)] or [present.iloc[:0]]
    covered = pd.concat(known).drop_duplicates(ignore_index=True)
    # A game that was called off needs no teams to say that it is not played on this date.
    broken = raw[unreadable & ~called_off]
    return Schedule(games=games.reset_index(drop=True), covered=covered, broken=broken)


def _season_years(raw: pd.DataFrame) -> pd.Series:
    """The season that the game id names; the stated one where the id names none."""
    return season_year_of_game_id(raw["game_id"]).fillna(raw["season_year"])


def _date_unknown(raw: pd.DataFrame) -> pd.Series:
    """Whether the date is NULL, or not of the season that the game id names."""
    years_before = raw["game_date"].dt.year - season_year_of_game_id(raw["game_id"]).astype("Float64")
    return raw["game_date"].isna() | ~years_before.between(0, 1).fillna(True).astype(bool)


def _teams_stand_twice(pair: pd.Series) -> pd.Series:
    """Whether a later row names another game of the same teams and date: nobody plays twice a day."""
    return pair.notna() & pair.duplicated(keep="last")


def _called_off(status: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Whether a game is called off, and whether the status is a word that nobody knows; blank says nothing."""
    text = status.astype("string").str.strip().str.lower().fillna("")
    called_off = text.isin(CALLED_OFF)
    return called_off, ~called_off & (text != "")


def middle_of_date(dates: pd.Series) -> pd.Series:
    """Midnight UTC after each date, which is early evening in New York: the middle of its games."""
    # Microseconds at last: centuries apart, two moments in nanoseconds have no difference that can be told.
    return (dates + pd.Timedelta(days=1)).dt.tz_localize("UTC").astype("datetime64[us, UTC]")


def pair_keys(dates: pd.Series, one: pd.Series, other: pd.Series) -> pd.Series:
    """Date and both teams without regard to their order, so that a reversed game id names the same game."""
    one, other = one.astype("string"), other.astype("string")
    first, second = one.where(one <= other, other), other.where(one <= other, one)
    return canonical_game_ids(dates, first, second)


def games_due(games: pd.DataFrame, now: datetime) -> pd.Series:
    """Whether a game's result must exist by now: it is final, or a day has passed since it must have ended."""
    return games["final"] | (games["ends_at"] + OVERDUE_AFTER < pd.Timestamp(now))
