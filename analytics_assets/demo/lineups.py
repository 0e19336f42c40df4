"""Who of a demo roster plays, sits or is out in each game, and for how many seconds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics_assets.demo.rosters import ROSTER_SIZE, TWO_WAY_PLACES, SeasonRosters

REGULATION_SECONDS = 240 * 60
OVERTIME_SECONDS = 25 * 60
STARTERS = 5
MOST_ACTIVE = 11

_ACTIVE_SHARES = {8: 0.06, 9: 0.2, 10: 0.4, 11: 0.34}
_MOST_DRESSED = 13
_MOST_INACTIVE = 4
_SPELLS_A_SEASON, _SPELL_CHANCE, _MEAN_SPELL_DAYS, _SPELL_START_DAYS = 3, 0.7, 13.0, (-10, 250)
_REST_CHANCE = 0.015
# Absence scores decide who is out first: injured above rested above two-way players above anyone else.
_INJURED, _RESTED, _TWO_WAY = 1.0, 0.8, 0.1
_USUAL_MINUTES = np.array([34.5, 33.5, 32.5, 31.0, 29.0, 24.0, 20.5, 17.0, 13.0, 9.0, 6.0])
_MOST_SECONDS = 45 * 60
_BRIEF_CHANCE = 0.03
_BRIEF_SECONDS = (2, 45)
# Most nights a reason is the coach's decision; the shares below are of did-not-play rows.
_DNP_REASONS = np.array(
    ["DNP - Coach's Decision", "DND - Rest", "DND - Left Knee; Soreness", "DNP - Illness"], dtype=object
)
_DNP_SHARES = np.array([0.9, 0.03, 0.05, 0.02])
_INJURIES = np.array(
    [
        "Injury/Illness - Left Ankle; Sprain",
        "Injury/Illness - Right Knee; Soreness",
        "Injury/Illness - Lower Back; Spasms",
        "Injury/Illness - Left Hamstring; Strain",
        "Injury/Illness - Right Calf; Strain",
        "Injury/Illness - N/A; Illness",
        "Injury/Illness - Concussion Protocol",
        "Personal Reasons",
    ],
    dtype=object,
)
_REST_REASON, _TWO_WAY_REASON, _OTHER_REASON = "Rest", "G League - Two-Way", "Not With Team"


@dataclass(frozen=True)
class Lineups:
    """One row per team and game; columns are places in the coach's order, starters first.

    Attributes:
        players: Player numbers, ``ROSTER_SIZE`` columns: those who play, then those who sit, then all others.
        active: Number of players who play.
        seated: Number of players who dress but do not play.
        inactive: Whether the player is listed as inactive, in the columns of ``players``.
        reasons: Why a seated or inactive player did not play.
        seconds: Playing time; ``MOST_ACTIVE`` columns, 0 beyond ``active``.
    """

    players: np.ndarray
    active: np.ndarray
    seated: np.ndarray
    inactive: np.ndarray
    reasons: np.ndarray
    seconds: np.ndarray

    @property
    def plays(self) -> np.ndarray:
        """Which of the first ``MOST_ACTIVE`` columns play."""
        return np.arange(MOST_ACTIVE) < self.active[:, None]


def draw_lineups(
    random: np.random.Generator, rosters: SeasonRosters, teams: np.ndarray, dates: pd.Series, overtimes: np.ndarray
) -> Lineups:
    """Line-ups of all team-games of a season.

    Args:
        random: Source of randomness.
        rosters: The season's rosters.
        teams: Position in ``TEAMS`` of each team-game's team.
        dates: Date of each team-game.
        overtimes: Overtime periods of each team-game.
    """
    late = (dates > pd.Timestamp(rosters.trade_deadline)).to_numpy()
    roster = np.where(late[:, None], rosters.after[teams], rosters.before[teams])
    rows = np.arange(len(teams))[:, None]
    active = random.choice(list(_ACTIVE_SHARES), len(teams), p=list(_ACTIVE_SHARES.values()))
    seated = np.minimum(random.integers(2, 5, len(teams)), _MOST_DRESSED - active)
    absence, absence_reason = _absences(random, rosters, roster, dates)
    out_count = np.clip((absence >= _RESTED).sum(axis=1), 1, _MOST_INACTIVE)
    out_order = np.argsort(-absence, axis=1)
    is_out = np.zeros(roster.shape, dtype=bool)
    is_out[rows, out_order] = np.arange(ROSTER_SIZE) < out_count[:, None]
    merit = rosters.skill[roster] + random.normal(0, 0.15, roster.shape) - 100.0 * is_out
    order = np.argsort(-merit, axis=1)
    dnp_reasons = random.choice(_DNP_REASONS, roster.shape, p=_DNP_SHARES)
    inactive = is_out[rows, order]
    return Lineups(
        players=roster[rows, order],
        active=active,
        seated=seated,
        inactive=inactive,
        reasons=np.where(inactive, absence_reason[rows, order], dnp_reasons),
        seconds=_seconds(random, active, overtimes),
    )


def _absences(
    random: np.random.Generator, rosters: SeasonRosters, roster: np.ndarray, dates: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    """Absence score and reason of each roster place in each team-game; injuries last for days or weeks."""
    shape = (len(rosters.skill), _SPELLS_A_SEASON)
    start = random.integers(*_SPELL_START_DAYS, shape)
    length = np.where(random.random(shape) < _SPELL_CHANCE, 1 + random.exponential(_MEAN_SPELL_DAYS, shape), 0)
    severity = _INJURED + random.random(shape)
    injury = random.choice(_INJURIES, shape)
    first_day = min(dates) if len(dates) else pd.Timestamp(0)
    day = ((dates - first_day).dt.days).to_numpy()[:, None]

    absence = 0.05 * random.random(roster.shape)
    reason = np.full(roster.shape, _OTHER_REASON, dtype=object)
    absence[:, TWO_WAY_PLACES] += _TWO_WAY
    reason[:, TWO_WAY_PLACES] = _TWO_WAY_REASON
    rested = random.random(roster.shape) < _REST_CHANCE
    absence[rested], reason[rested] = _RESTED, _REST_REASON
    for spell in range(_SPELLS_A_SEASON):
        begins = start[roster, spell]
        hurt = (begins <= day) & (day < begins + length[roster, spell]) & (severity[roster, spell] > absence)
        absence = np.where(hurt, severity[roster, spell], absence)
        reason = np.where(hurt, injury[roster, spell], reason)
    return absence, reason


def _seconds(random: np.random.Generator, active: np.ndarray, overtimes: np.ndarray) -> np.ndarray:
    """Playing time of each active player; every row sums to five players' time of the game."""
    columns = np.arange(MOST_ACTIVE)
    plays = columns < active[:, None]
    total = REGULATION_SECONDS + OVERTIME_SECONDS * overtimes
    most = (_MOST_SECONDS + OVERTIME_SECONDS // 5 * overtimes)[:, None]
    brief = (random.random(len(active)) < _BRIEF_CHANCE)[:, None] & (columns == active[:, None] - 1)
    fixed = np.where(brief, random.integers(*_BRIEF_SECONDS, (len(active), 1)), 0)
    shared = plays & ~brief
    share = _USUAL_MINUTES * np.exp(random.normal(0, 0.13, plays.shape)) * shared
    to_share = total - fixed.sum(axis=1)
    seconds = share / share.sum(axis=1, keepdims=True) * to_share[:, None]
    # Nobody plays nearly the whole game: what is above the limit goes to those below it.
    for _ in range(8):
        above = seconds > most
        excess = np.where(above, seconds - most, 0).sum(axis=1, keepdims=True)
        room = np.where(above, 0, share)
        seconds = np.where(above, most, seconds + room / room.sum(axis=1, keepdims=True) * excess)
    return rounded_to_totals(seconds, to_share, shared) + fixed


def rounded_to_totals(values: np.ndarray, totals: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Round each row to whole numbers that sum to its total.

    Args:
        values: Numbers whose rows sum to ``totals`` up to rounding errors.
        totals: Whole-number sums.
        taken: Entries that may be raised; the others become 0.

    Returns:
        Whole numbers, each the one below or above its value.
    """
    floors = np.floor(np.where(taken, values, 0.0) + 1e-9)
    missing = totals - floors.sum(axis=1)
    fraction = np.where(taken, values - floors, -1.0)
    raised = np.argsort(np.argsort(-fraction, axis=1, kind="stable"), axis=1, kind="stable") < missing[:, None]
    return (floors + raised).astype(int)
