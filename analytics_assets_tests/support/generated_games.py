"""Games made up event by event for property tests: the box score is counted from the events, never the reverse."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analytics_assets_tests.support.raw_rows import schedule_row

PERIOD_SECONDS, OVERTIME_SECONDS = 720, 300
COUNTS = (
    *("points", "assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers"),
    *("personal_fouls", "fg_made", "fg_attempted", "three_pt_made", "three_pt_attempted", "ft_made", "ft_attempted"),
)


@dataclass
class GeneratedGame:
    """One game: its raw rows, and what was counted while it was made up.

    Attributes:
        day: Date as text.
        away: Tricode of the visitors.
        home: Tricode of the home team.
        overtimes: Overtime periods.
        players: Lookups by team.
        seconds: Seconds played by player.
        box: Box counts by player.
        team_turnovers: Turnovers that belong to no player, by team.
        told: What only events tell, by player: ``paint_attempts``, ``assisted``, ``and_ones`` and so on.
        events: Rows of play-by-play.
    """

    day: str
    away: str
    home: str
    overtimes: int
    players: dict[str, list[str]]
    seconds: dict[str, int]
    box: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: dict.fromkeys(COUNTS, 0)))
    team_turnovers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    told: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    events: list[dict] = field(default_factory=list)

    @property
    def game_id(self) -> str:
        """Canonical id."""
        return f"{self.day.replace('-', '')}_{self.away}_{self.home}"

    def score(self, team: str) -> int:
        """Points of a team."""
        return sum(self.box[player]["points"] for player in self.players[team])

    def _about(self) -> dict:
        written = pd.Timestamp(self.day, tz="UTC") + pd.Timedelta(hours=30)
        return {
            "game_id": self.game_id,
            "game_date": pd.Timestamp(self.day),
            "season_year": 2023,
            "processed_at": written,
        }

    def schedule(self, number: int) -> dict:
        """Row of the schedule."""
        scores = {"home_team_score": self.score(self.home), "away_team_score": self.score(self.away)}
        return schedule_row(f"00223{number:05d}", self.day, self.away, self.home, **scores)

    def gamebook(self) -> list[dict]:
        """Rows of the gamebook; the first five of a team start."""
        rows = []
        for team, players in self.players.items():
            for place, player in enumerate(players):
                minutes, seconds = divmod(self.seconds[player], 60)
                rows.append(
                    {
                        **self._about(),
                        "player_lookup": player,
                        "player_name": player,
                        "team_abbr": team,
                        "player_status": "active",
                        "starter": place < 5,
                        "minutes": f"{minutes:02d}:{seconds:02d}",
                        "plus_minus": 0,
                        **self.box[player],
                    }
                )
        return rows

    def team_box(self) -> list[dict]:
        """Rows of the team box."""
        rows = []
        for team, players in self.players.items():
            sums = {name: sum(self.box[player][name] for player in players) for name in COUNTS}
            sums["turnovers"] += self.team_turnovers[team]
            minutes = f"{240 + 25 * self.overtimes}:00"
            rows.append({**self._about(), "team_abbr": team, "is_home": team == self.home, "minutes": minutes, **sums})
        return rows

    def play_by_play(self) -> list[dict]:
        """Rows of play-by-play in the order of time."""
        return [{**self._about(), "event_order": place, **event} for place, event in enumerate(self.events, start=1)]


def generate_game(seed: int, day: str, away: str, home: str, overtimes: int, sizes: tuple[int, int]) -> GeneratedGame:
    """Make up a game.

    Args:
        seed: Seed of everything.
        day: Date as text.
        away: Visitors.
        home: Home team.
        overtimes: Overtime periods.
        sizes: Players of both teams who appear, at least five each.
    """
    random = np.random.default_rng(seed)
    players = {
        team: [f"{team.lower()}player{chr(97 + n)}" for n in range(size)]
        for team, size in zip((away, home), sizes, strict=True)
    }
    length = 4 * PERIOD_SECONDS + overtimes * OVERTIME_SECONDS
    seconds = {
        player: value
        for names in players.values()
        for player, value in zip(names, _shares(random, len(names), length), strict=True)
    }
    game = GeneratedGame(day, away, home, overtimes, players, seconds)
    for period in range(1, 5 + overtimes):
        _play_period(random, game, period)
    if game.score(away) == game.score(home):
        _free_throw(game, home, players[home][0], len(game.events), 4 + overtimes, 0.0, "technical", made=True)
    return game


def _shares(random: np.random.Generator, count: int, length: int) -> list[int]:
    """Whole seconds of each player: five are always on court and nobody plays longer than the game."""
    left, shares = 5 * length, []
    for place in range(count):
        others = count - place - 1
        low, high = max(1, left - others * length), min(length, left - others)
        shares.append(int(random.integers(low, high + 1)))
        left -= shares[-1]
    random.shuffle(shares)
    return shares


def _play_period(random: np.random.Generator, game: GeneratedGame, period: int) -> None:
    length = PERIOD_SECONDS if period <= 4 else OVERTIME_SECONDS
    moments = np.sort(random.choice(length - 1, size=length // 18, replace=False))[::-1] + 1
    attacking, defending = (game.away, game.home) if random.random() < 0.5 else (game.home, game.away)
    for moment in moments:
        keeps_ball = _play(random, game, attacking, defending, period, float(moment))
        if not keeps_ball:
            attacking, defending = defending, attacking


def _play(random: np.random.Generator, game: GeneratedGame, own: str, other: str, period: int, left: float) -> bool:
    """One play; whether the attacking team has the ball afterwards."""
    player = _someone(random, game, own)
    kind = random.random()
    if kind < 0.12:
        _turnover(random, game, own, other, player, period, left)
        return False
    if kind < 0.22:
        _foul(game, other, _someone(random, game, other), player, period, left)
        made = [bool(random.random() < 0.75) for _ in range(2)]
        for number, went_in in enumerate(made, start=1):
            _free_throw(game, own, player, number, period, left, f"{number} of 2", made=went_in)
        return not made[-1] and _rebound(random, game, own, other, period, left)
    return _shot(random, game, own, other, player, period, left)


def _shot(
    random: np.random.Generator, game: GeneratedGame, own: str, other: str, player: str, period: int, left: float
) -> bool:
    is_three, made = bool(random.random() < 0.35), bool(random.random() < 0.47)
    distance = float(np.round(random.uniform(22, 30) if is_three else random.uniform(0, 21), 1))
    zone = "three" if is_three else ("paint" if np.floor(distance) <= 8 else "mid_range")
    box, told = game.box[player], game.told[player]
    box["fg_attempted"] += 1
    box["three_pt_attempted"] += is_three
    told[f"{zone}_attempts"] += 1
    event = {
        "event_type": "shot" if made else "miss",
        "player_1_lookup": player,
        "player_1_team_abbr": own,
        "shot_type": "3PT" if is_three else "2PT",
        "shot_made": made,
        "shot_distance": distance,
    }
    if not made:
        if random.random() < 0.15:
            blocker = _someone(random, game, other)
            game.box[blocker]["blocks"] += 1
            game.told[blocker][f"{zone}_blocks"] += 1
            event |= {"player_2_role": "block", "player_2_lookup": blocker}
        _tell(game, event, period, left)
        return _rebound(random, game, own, other, period, left)
    box["fg_made"] += 1
    box["three_pt_made"] += is_three
    box["points"] += 3 if is_three else 2
    told[f"{zone}_makes"] += 1
    if random.random() < 0.6:
        helper = _someone(random, game, own, but=player)
        game.box[helper]["assists"] += 1
        told["assisted"] += 1
        event |= {"player_2_role": "assist", "player_2_lookup": helper}
    _tell(game, event, period, left)
    if random.random() < 0.08:
        told["and_ones"] += 1
        _foul(game, other, _someone(random, game, other), player, period, left)
        went_in = bool(random.random() < 0.75)
        _free_throw(game, own, player, 1, period, left, "1 of 1", made=went_in)
        return not went_in and _rebound(random, game, own, other, period, left)
    return False


def _turnover(
    random: np.random.Generator, game: GeneratedGame, own: str, other: str, player: str, period: int, left: float
) -> None:
    event = {"event_type": "turnover", "player_1_team_abbr": own}
    if random.random() < 0.1:
        game.team_turnovers[own] += 1
    else:
        game.box[player]["turnovers"] += 1
        event["player_1_lookup"] = player
        if random.random() < 0.5:
            thief = _someone(random, game, other)
            game.box[thief]["steals"] += 1
            event |= {"player_2_role": "steal", "player_2_lookup": thief}
    _tell(game, event, period, left)


def _foul(game: GeneratedGame, team: str, fouler: str, drawn_by: str, period: int, left: float) -> None:
    game.box[fouler]["personal_fouls"] += 1
    event = {"event_type": "foul", "event_sub_type": "shooting", "player_1_team_abbr": team, "player_1_lookup": fouler}
    _tell(game, event | {"player_2_role": "foul_drawn", "player_2_lookup": drawn_by}, period, left)


def _free_throw(
    game: GeneratedGame, team: str, player: str, number: int, period: int, left: float, sub_type: str, *, made: bool
) -> None:
    box = game.box[player]
    box["ft_attempted"] += 1
    box["ft_made"] += made
    box["points"] += made
    event = {"event_type": "free throw", "event_sub_type": sub_type, "shot_made": made}
    _tell(game, event | {"player_1_team_abbr": team, "player_1_lookup": player}, period, left)


def _rebound(random: np.random.Generator, game: GeneratedGame, own: str, other: str, period: int, left: float) -> bool:
    offensive = bool(random.random() < 0.27)
    team = own if offensive else other
    player = _someone(random, game, team)
    game.box[player]["offensive_rebounds" if offensive else "defensive_rebounds"] += 1
    event = {"event_type": "rebound", "rebound_type": "offensive" if offensive else "defensive"}
    _tell(game, event | {"player_1_team_abbr": team, "player_1_lookup": player}, period, left)
    return offensive


def _tell(game: GeneratedGame, event: dict, period: int, left: float) -> None:
    scores = {"home_score": game.score(game.home), "away_score": game.score(game.away)}
    game.events.append({"period": period, "seconds_remaining": left, **scores, **event})


def _someone(random: np.random.Generator, game: GeneratedGame, team: str, but: str | None = None) -> str:
    return str(random.choice([player for player in game.players[team] if player != but]))
