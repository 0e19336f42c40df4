"""What every play-by-play feed has in common: reading clocks, acting teams and players, and bringing events to rows."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from analytics_assets.league.games import canonical_game_ids, season_year_of_game_id
from analytics_assets.league.teams import TEAMS, canonical_tricodes
from analytics_assets.raw.declarations import NBAC_PLAY_BY_PLAY
from analytics_assets.raw.loaders.rows import RejectReason, RowLedger, check_whole_numbers, texts, whole_numbers
from analytics_assets.tables.frames import conform

TWO_POINTER, THREE_POINTER, FREE_THROW = "2pt", "3pt", "freethrow"
SHOT_TYPE_OF_EVENT = {TWO_POINTER: "2PT", THREE_POINTER: "3PT"}
SHOT_VALUES = {"2PT": 2, "3PT": 3}
REPEATED_EVENT = "the same event stands further down again and that one is kept; remove one if they differ"

_TRICODE_BY_TEAM_ID = {team.nba_team_id: team.tricode for team in TEAMS}
_CLOCK = r"^PT([0-9]{1,2})M([0-9]{1,2}(?:\.[0-9]+)?)S$"


def json_cells(actions: Sequence[object], names: Sequence[str]) -> pd.DataFrame:
    """The named fields of JSON objects, one row an object; whatever is absent or broken is NULL."""
    fields = [action if isinstance(action, dict) else {} for action in actions]
    return pd.DataFrame({name: [action.get(name) for action in fields] for name in names}, dtype=object)


def check_clocks(ledger: RowLedger, cells: pd.Series) -> pd.Series:
    """Seconds left in the period; rows without a clock are rejected."""
    parts = texts(cells).str.extract(_CLOCK)
    minutes, seconds = (pd.to_numeric(parts[part].astype(object), errors="coerce") for part in (0, 1))
    left = (minutes * 60 + seconds).astype("float64")
    ledger.reject(
        left.isna(),
        RejectReason.MALFORMED_CLOCK,
        cells,
        "the clock reads PT11M42.00S for 11 minutes and 42 seconds left; fetch the file again",
    )
    return left


def check_needed_numbers(ledger: RowLedger, cells: pd.Series, what: str, *, at_least: int = 0) -> pd.Series:
    """Whole numbers of the rows; rows without one, or with one below ``at_least``, are rejected."""
    numbers, _ = whole_numbers(cells)
    ledger.reject(
        numbers.isna() | (numbers < at_least),
        RejectReason.NOT_A_NUMBER,
        cells,
        f"{what} is needed, a whole number from {at_least}; fetch the file again",
    )
    return numbers


def check_player_ids(ledger: RowLedger, cells: pd.Series) -> pd.Series:
    """Player ids; NULL for nobody (0) and for team ids, which feeds write where the team as a whole acts."""
    ids = check_whole_numbers(ledger, cells)
    return ids.mask((ids <= 0) | ids.isin(_TRICODE_BY_TEAM_ID))


def team_of_ids(cells: pd.Series) -> pd.Series:
    """Tricodes of NBA team ids; NULL where a cell is none."""
    numbers, _ = whole_numbers(cells)
    return numbers.map(_TRICODE_BY_TEAM_ID).astype("string")


def check_teams(ledger: RowLedger, codes: pd.Series) -> pd.Series:
    """Canonical tricodes, NULL where a cell is empty; rows with an unknown code are rejected."""
    tricodes = canonical_tricodes(texts(codes))
    ledger.reject(
        texts(codes).notna() & tricodes.isna(),
        RejectReason.UNKNOWN_TRICODE,
        codes,
        "no team has this code; correct it, or add it to the variants in league/teams.py if it is a new spelling",
    )
    return tricodes


def check_results(ledger: RowLedger, cells: pd.Series, attempts: pd.Series) -> pd.Series:
    """Whether each attempt went in, NULL on other events; attempts that are neither made nor missed are rejected."""
    told = texts(cells).str.extract(r"(?i)^(made|missed)(?: shot)?$")[0].str.lower()
    made = told.map({"made": True, "missed": False}).astype("boolean").where(attempts)
    ledger.reject(
        attempts & made.isna(),
        RejectReason.MISSING_RESULT,
        cells,
        "an attempt is 'Made' or 'Missed'; correct it in the file",
    )
    return made


def check_shooting_teams(ledger: RowLedger, events: pd.DataFrame, codes: pd.Series) -> None:
    """Reject shots and free throws that belong to no team."""
    ledger.reject(
        events["shot_made"].notna() & events["player_1_team_abbr"].isna(),
        RejectReason.MISSING_TEAM,
        codes,
        "the shot does not say whose it is; fill in the team's three-letter code",
    )


def places_in_time(events: pd.DataFrame, kept: np.ndarray, tie_breakers: Sequence[pd.Series]) -> pd.Series:
    """Place of each kept event in its game: by period, then clock, then the tie breakers, then place in the file."""
    order = pd.DataFrame({"game": events["nba_game_id"], "period": events["period"]})
    order["elapsed"] = -events["seconds_remaining"]
    for number, values in enumerate(tie_breakers):
        order[f"tie_{number}"] = values
    # Stable, so that what ties on everything stays as it stands in the file.
    order = order[kept].sort_values(list(order.columns), kind="stable")
    places = order.groupby("game", sort=False).cumcount() + 1
    return places.reindex(events.index).astype("Int64")


def add_second_players(
    events: pd.DataFrame,
    *,
    assisters: pd.Series,
    blockers: pd.Series,
    stealers: pd.Series,
    fouled: pd.Series | None = None,
) -> None:
    """Add role and id of the second player: the assister of a made shot, the blocker of a missed one, who stole the
    ball at a turnover, who drew a foul."""
    is_shot = events["shot_type"].notna()
    cases = {
        "assist": (is_shot & events["shot_made"].fillna(False), assisters),
        "block": (is_shot & ~events["shot_made"].fillna(True), blockers),
        "steal": (events["event_type"] == "turnover", stealers),
    }
    if fouled is not None:
        cases["foul_drawn"] = (events["event_type"] == "foul", fouled)
    roles = pd.Series(pd.NA, index=events.index, dtype="string")
    ids = pd.Series(pd.NA, index=events.index, dtype="Int64")
    for role, (applies, players) in cases.items():
        told = applies.fillna(False) & players.notna()
        roles, ids = roles.mask(told, role), ids.mask(told, players)
    events["player_2_role"], events["player_2_id"] = roles, ids


def sides_of_rebounds(events: pd.DataFrame) -> pd.Series:
    """For each rebound 'offensive' or 'defensive', by its team against the team of the last miss; NULL elsewhere."""
    team, shooting = events["player_1_team_abbr"], of_last_miss(events, events["player_1_team_abbr"])
    same_team = (team == shooting).where(events["event_type"] == "rebound").astype("boolean")
    return same_team.map({True: "offensive", False: "defensive"}).astype("string")


def of_last_miss(events: pd.DataFrame, values: pd.Series) -> pd.Series:
    """For each event, the value at the last missed shot or free throw before it in its period."""
    missed = (events["shot_made"] == False).fillna(False)  # noqa: E712 - NULL is neither made nor missed
    order = events["event_order"].sort_values(kind="stable").index
    by_period = [events["nba_game_id"].reindex(order), events["period"].reindex(order)]
    return values.where(missed).reindex(order).groupby(by_period).ffill().reindex(events.index)


def add_game_ids_by_score(events: pd.DataFrame, kept: np.ndarray) -> None:
    """Add the canonical game id where the scores tell who is at home, else the NBA's own.

    A basket that raises the home score alone, by its own worth, is the home team's. One basket settles a game, unless
    another one contradicts it or other than two teams act.
    """
    good = events[kept].sort_values("event_order", kind="stable")
    games, teams = good["nba_game_id"], good["player_1_team_abbr"]
    worth = good["shot_type"].map(SHOT_VALUES).fillna(1).where(good["shot_made"].fillna(False))
    home, away = (_gains(good[name], games) for name in ("home_score", "away_score"))
    votes = pd.DataFrame(
        {"home": (home == worth) & (away == 0), "away": (away == worth) & (home == 0)}, index=good.index
    ).fillna(False)
    votes = votes.astype(int).groupby([games, teams]).sum().reset_index()
    # The team named first and second of a game's two; games of one or of three teams stay undecided.
    paired = votes.merge(votes, on="nba_game_id", suffixes=("", "_other"))
    paired = paired[paired["player_1_team_abbr"] != paired["player_1_team_abbr_other"]]
    paired = paired[paired.groupby("nba_game_id")["home"].transform("size") == 2]
    for_home = paired["home"] + paired["away_other"]
    against = paired["away"] + paired["home_other"]
    settled = paired[(for_home > 0) & (against == 0)].set_index("nba_game_id")
    home_team = events["nba_game_id"].map(settled["player_1_team_abbr"])
    away_team = events["nba_game_id"].map(settled["player_1_team_abbr_other"])
    add_game_ids(events, away_team, home_team)


def _gains(scores: pd.Series, games: pd.Series) -> pd.Series:
    return scores - scores.groupby(games).shift().fillna(0)


def add_game_ids(events: pd.DataFrame, away: pd.Series, home: pd.Series) -> None:
    """Add the canonical game id where both teams are known, else the NBA's own."""
    events["game_id"] = canonical_game_ids(events["game_date"], away, home).fillna(events["nba_game_id"])


def event_frames(events: pd.DataFrame, ledger: RowLedger, cells: pd.Series, now: datetime) -> dict[str, pd.DataFrame]:
    """The kept events under their raw table name; events with a taken place in their game are rejected first.

    Args:
        events: Columns of ``nbac_play_by_play`` on the index of the file's rows.
        ledger: Takes the rejected events.
        cells: Column that tells an event's place, for the rejection.
        now: Moment of loading.
    """
    ledger.reject_repeated(events[["game_id", "event_order"]], cells, REPEATED_EVENT)
    kept = events[ledger.kept].reset_index(drop=True)
    kept["season_year"] = season_year_of_game_id(kept["nba_game_id"])
    kept["processed_at"] = now
    return {NBAC_PLAY_BY_PLAY.name: conform(kept, NBAC_PLAY_BY_PLAY)}
