"""Reading reduced play-by-play: whose counts they are, and which source of a game agrees with its box score."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.refused_rows import describe_refused, joined_refused
from analytics_assets.raw.row_sieve import RowSieve, drop_superseded, match_games, match_teams
from analytics_assets.stats.shot_detail import ATTEMPTS_TOLERANCE

# A source once began to put a number of its own before player lookups; no name begins with a digit.
_NUMERIC_PREFIX = r"^\d+(?=[a-z])"

_KEYS = ["game_id", "team_abbr"]
_GAME_COLUMNS = ["game_id", "home", "away"]
_FACTS = [
    *("game_id", "game_date", "events", "periods", "qualified_events", "rebounds", "shooting_fouls"),
    *("digest", "processed_at"),
]
_TOLD_OF_GAME = ["is_qualified", "has_rebounds", "has_shooting_fouls", "periods"]
_ZONED = {"paint": "paint", "mid_range": "mid_range", "three_pt": "three_pt", "unknown": "unknown_zone"}
_SHOOTER_SUMS = ("assisted_makes", "and_ones", "points", "paint_points", "second_chance_points")
_SHOOTER_SUMS += ("second_chance_points_by_rule", "fast_break_points")
EVENT_COUNTS = (
    *("fg_attempts", "fg_makes", "ft_attempts", "ft_makes"),
    *(f"{zone}_{what}" for zone in _ZONED.values() for what in ("attempts", "makes", "blocks")),
    *_SHOOTER_SUMS,
    *("assists", "blocks"),
)


@dataclass(frozen=True)
class PlayByPlay:
    """Counts of one source, attributed to games of the schedule, teams and players.

    Attributes:
        source: Raw table.
        players: ``EVENT_COUNTS`` per ``game_id``, ``team_abbr`` and ``player_lookup``; a player whom no box score of
            the game lists keeps what the source calls him, or NULL.
        teams: ``EVENT_COUNTS`` per ``game_id`` and ``team_abbr``, whoever the players are.
        games: Per ``game_id``: ``game_date``, ``events``, ``periods``, ``qualified_events``, ``rebounds``,
            ``shooting_fouls``, ``digest``, ``processed_at``.
        refused: Refused reduced rows, as ``raw.refused_rows`` describes them.
    """

    source: str
    players: pd.DataFrame
    teams: pd.DataFrame
    games: pd.DataFrame
    refused: pd.DataFrame


def interpret_play_by_play(
    counts: pd.DataFrame, facts: pd.DataFrame, source: str, games: pd.DataFrame, listed: pd.DataFrame
) -> PlayByPlay:
    """Attribute the reduced events of one source.

    Args:
        counts: Answer of ``count_events``, with a unique index.
        facts: Answer of ``summarise_games``, with a unique index.
        source: Name of the raw table.
        games: ``Schedule.games``.
        listed: ``game_id``, ``player_lookup`` and ``nba_player_id`` (NULL if unknown) of the players whom any box
            score lists.
    """
    by_game = RowSieve(facts)
    match_games(by_game, games)
    # The same game under two ids, such as a reversed one: the events written last stay, sums would double. Of those
    # written at once the longer story stays, so that no single event with a broken id replaces it.
    drop_superseded(by_game, ["game_id"], "game", then_by=["events"])
    by_team = RowSieve(counts)
    known = by_game.rows.set_index("raw_game_id")
    identity = {name: by_team.rows["raw_game_id"].map(known[name]).astype("string") for name in _GAME_COLUMNS}
    by_team.rows = by_team.rows.assign(**identity)
    by_team.leave_out(by_team.rows["game_id"].isna(), "game_refused")
    match_teams(by_team)
    players = _counts_per_player(_with_players(by_team.rows, listed))
    return PlayByPlay(
        source=source,
        players=players,
        teams=players.groupby(_KEYS, as_index=False)[list(EVENT_COUNTS)].sum(),
        games=by_game.rows[_FACTS].reset_index(drop=True),
        refused=joined_refused(
            [describe_refused(facts, by_game.refused, source), describe_refused(counts, by_team.refused, source)]
        ),
    )


def _with_players(rows: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Give rows the team that acted and the lookup under which the box scores list the player."""
    helped_against = rows["role"] == "blocker"
    rows = rows.assign(team_abbr=rows["team_abbr"].mask(helped_against, rows["opponent_team_abbr"]))
    return rows.assign(player_lookup=listed_lookups(rows, listed))


def listed_lookups(rows: pd.DataFrame, listed: pd.DataFrame) -> pd.Series:
    """The lookup under which the box scores list each player.

    Args:
        rows: ``game_id``, ``player_id`` and ``player_lookup`` as the events name him; either may be NULL.
        listed: As for :func:`interpret_play_by_play`.

    Returns:
        On the rows' index: by id where a box score of the game lists the id, else the normalised name; NULL without
        either.
    """
    own_name = player_lookups(rows["player_lookup"]).str.replace(_NUMERIC_PREFIX, "", regex=True).replace("", pd.NA)
    by_id = listed.dropna(subset=["nba_player_id"]).drop_duplicates(["game_id", "nba_player_id"])
    by_id = by_id.rename(columns={"player_lookup": "listed_lookup", "nba_player_id": "player_id"})
    found = rows[["game_id", "player_id"]].merge(by_id, on=["game_id", "player_id"], how="left")["listed_lookup"]
    return found.set_axis(rows.index).astype("string").fillna(own_name)


def _counts_per_player(rows: pd.DataFrame) -> pd.DataFrame:
    shooter, zone = rows["role"] == "shooter", rows["zone"]
    field_goal, free_throw = shooter & (zone != "free_throw"), shooter & (zone == "free_throw")
    blocker, assister = rows["role"] == "blocker", rows["role"] == "assister"
    attempts, makes = rows["attempts"], rows["makes"]
    columns = {
        "fg_attempts": attempts.where(field_goal, 0),
        "fg_makes": makes.where(field_goal, 0),
        "ft_attempts": attempts.where(free_throw, 0),
        "ft_makes": makes.where(free_throw, 0),
        "assists": attempts.where(assister, 0),
        "blocks": attempts.where(blocker, 0),
        **{name: rows[name].where(shooter, 0) for name in _SHOOTER_SUMS},
    }
    for value, name in _ZONED.items():
        columns[f"{name}_attempts"] = attempts.where(field_goal & (zone == value), 0)
        columns[f"{name}_makes"] = makes.where(field_goal & (zone == value), 0)
        columns[f"{name}_blocks"] = attempts.where(blocker & (zone == value), 0)
    keyed = pd.DataFrame({**{name: rows[name] for name in [*_KEYS, "player_lookup"]}, **columns})
    summed = keyed.groupby([*_KEYS, "player_lookup"], as_index=False, dropna=False)[list(EVENT_COUNTS)].sum()
    return summed.astype(dict.fromkeys(EVENT_COUNTS, "Int64"))


@dataclass(frozen=True)
class ChosenPlayByPlay:
    """One source per game.

    Attributes:
        games: Per expected ``game_id``: ``play_by_play_source`` (NULL if no source can be used), ``has_events``
            (whether any source has events), ``is_qualified``, ``has_rebounds`` and ``has_shooting_fouls`` (whether the
            chosen source marks points, tells rebounds and shooting fouls), ``periods`` (of the chosen source, else the
            most that any source has).
        teams: ``EVENT_COUNTS`` of the chosen source per ``game_id`` and ``team_abbr``; ``tells_assists`` and
            ``tells_free_throws``: whether those of the team are there, within one; ``tells_blocks``: whether anybody in
            the game blocks a shot; ``tells_distances``: whether any
            two-pointer of the game has one.
        players: ``EVENT_COUNTS`` per ``game_id``, ``team_abbr`` and ``player_lookup``.
        expected: The teams that were asked for.
    """

    games: pd.DataFrame
    teams: pd.DataFrame
    players: pd.DataFrame
    expected: pd.DataFrame


def choose_play_by_play(sources: Sequence[PlayByPlay], teams: pd.DataFrame) -> ChosenPlayByPlay:
    """Choose one source for each game, for all its players and columns.

    A source is used if it differs from the box score by at most one field-goal attempt for both teams. Among those, one
    that knows the zone of every shot comes first, then the order given.

    Args:
        sources: Best first.
        teams: Expected ``game_id``, ``team_abbr`` and the box score's ``fg_attempts``, ``ft_attempts`` and ``assists``
            (NULL if unknown).
    """
    candidates = pd.concat([_candidates(play, rank, teams) for rank, play in enumerate(sources)], ignore_index=True)
    usable = candidates[candidates["agrees"]].sort_values(["zones_unknown", "rank"], kind="stable")
    best = usable.drop_duplicates("game_id")
    by_game = candidates.groupby("game_id")
    games = pd.DataFrame({"has_events": by_game["has_events"].any(), "most_periods": by_game["periods"].max()})
    games = games.reset_index().merge(
        best[["game_id", "play_by_play_source", *_TOLD_OF_GAME]], on="game_id", how="left"
    )
    games["periods"] = games["periods"].fillna(games["most_periods"])
    picked = games.loc[games["play_by_play_source"].notna(), ["game_id", "play_by_play_source"]]

    def of_chosen(name: str) -> pd.DataFrame:
        every = [getattr(play, name).assign(play_by_play_source=play.source) for play in sources]
        return pd.concat(every, ignore_index=True).merge(picked, on=["game_id", "play_by_play_source"])

    return ChosenPlayByPlay(
        games=games.drop(columns="most_periods"),
        teams=_with_what_is_told(of_chosen("teams"), teams),
        players=of_chosen("players"),
        expected=teams,
    )


def _with_what_is_told(counts: pd.DataFrame, teams: pd.DataFrame) -> pd.DataFrame:
    """A feed without assisters has no assists at all, a shot chart no free throws: the box score shows it."""
    placed = (counts["paint_attempts"] + counts["mid_range_attempts"]).groupby(counts["game_id"]).transform("sum")
    blocked = counts.groupby("game_id")["blocks"].transform("sum")
    # A chart of shots without blockers would otherwise say 0 of all who blocked none, and nothing of the others.
    counts = counts.assign(tells_distances=placed > 0, tells_blocks=blocked > 0)
    box = counts[_KEYS].merge(teams, on=_KEYS, how="left")
    for name, told in (("assists", "tells_assists"), ("ft_attempts", "tells_free_throws")):
        off = (counts[name].astype("Int64") - box[name].astype("Int64")).abs()
        # A team with a single free throw is within one of a feed without any: the game as a whole must have some.
        any_in_game = counts.groupby("game_id")[name].transform("sum") > 0
        counts = counts.assign(**{told: (any_in_game & (off <= ATTEMPTS_TOLERANCE)).fillna(False).astype(bool)})
    return counts


def _candidates(play: PlayByPlay, rank: int, teams: pd.DataFrame) -> pd.DataFrame:
    """One row per expected game: whether the source has events, agrees with the box score, knows zones."""
    expected = teams[[*_KEYS, "fg_attempts"]].rename(columns={"fg_attempts": "box_attempts"})
    found = expected.merge(play.teams, on=_KEYS, how="left")
    off = (found["fg_attempts"] - found["box_attempts"].astype("Int64")).abs()
    found["agrees"] = (off <= ATTEMPTS_TOLERANCE).fillna(False).astype(bool)
    found["zones_unknown"] = (found["unknown_zone_attempts"] > 0).fillna(False).astype(bool)
    by_game = found.groupby("game_id", as_index=False).agg(
        agrees=("agrees", "all"), zones_unknown=("zones_unknown", "any")
    )
    facts = play.games.set_index("game_id")
    events = by_game["game_id"].map(facts["events"])
    return by_game.assign(
        play_by_play_source=play.source,
        rank=rank,
        has_events=events.notna(),
        periods=by_game["game_id"].map(facts["periods"]).astype("Int64"),
        is_qualified=by_game["game_id"].map(facts["qualified_events"]) > 0,
        has_rebounds=by_game["game_id"].map(facts["rebounds"]) > 0,
        has_shooting_fouls=by_game["game_id"].map(facts["shooting_fouls"]) > 0,
    )
