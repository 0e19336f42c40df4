"""Who is missing: players on the last injury report before a game, weighed by what they did in the season so far."""

import pandas as pd

from analytics_assets.stats.prior_games import RECENT_GAMES, PriorGames, Window

# Ruling 16 of the specification.
STARTER_SHARE = 0.5
# Spec 5.3, star_teammates_out.
STAR_POINTS = 18.0
STAR_MINUTES, STAR_POINTS_WITH_MINUTES = 28.0, 12.0
STAR_LEAST_GAMES = 10
_TEAM = ["game_id", "team_abbr"]
_PLAYER = [*_TEAM, "player_lookup"]


def team_absences(targets: pd.DataFrame, statuses: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Counts of a team's absent and doubtful players.

    Args:
        targets: ``game_id``, ``team_abbr``, ``season_year``, ``game_date``.
        statuses: The last report before each game, one row per player named in it: ``game_id``, ``team_abbr``,
            ``player_lookup``, ``injury_status`` (``out``, ``doubtful``, ``questionable``, ``probable``,
            ``available``).
        history: Rows of ``player_game_summary``: identity, ``season_year``, ``game_date``, ``played``,
            ``starter_flag``, ``points``, ``minutes_played``.

    Returns:
        On the targets' index, Int64, NULL where there is no report of the game: ``starters_out_count`` and
        ``starters_doubtful_count`` (started at least half of the team's last ten games before the date that say who
        started, or of as many as there are; NULL where there is none), ``star_players_out`` (out or doubtful, see
        :func:`star_players`) and ``questionable_players_count`` (questionable or doubtful).
    """
    listed = _listed(targets, statuses)
    status = listed["injury_status"]
    starter = usual_starters(listed, history)
    told = _starts_before(targets, history).games > 0
    missing = status.isin(["out", "doubtful"])
    counts = {
        "starters_out_count": _per_team(targets, listed[(status == "out") & starter]).where(told),
        "starters_doubtful_count": _per_team(targets, listed[(status == "doubtful") & starter]).where(told),
        "star_players_out": _per_team(targets, listed[missing & star_players(listed, history)]),
        "questionable_players_count": _per_team(targets, listed[status.isin(["questionable", "doubtful"])]),
    }
    return pd.DataFrame(counts, index=targets.index).where(_reported(targets, statuses))


def teammate_absences(targets: pd.DataFrame, statuses: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Counts of a player's absent and doubtful teammates; he himself never counts.

    Args:
        targets: ``game_id``, ``team_abbr``, ``player_lookup``, ``season_year``, ``game_date``.
        statuses: As for :func:`team_absences`.
        history: As for :func:`team_absences`.

    Returns:
        On the targets' index, Int64, NULL where there is no report of the game: ``star_teammates_out`` (out or
        doubtful, see :func:`star_players`), ``questionable_teammates`` and ``probable_teammates``.
    """
    listed = _listed(targets, statuses)
    status = listed["injury_status"]
    counted = {
        "star_teammates_out": status.isin(["out", "doubtful"]) & star_players(listed, history),
        "questionable_teammates": status == "questionable",
        "probable_teammates": status == "probable",
    }
    counts = {}
    for name, chosen in counted.items():
        himself = _per_key(targets, listed[chosen], _PLAYER)
        counts[name] = _per_team(targets, listed[chosen]) - himself
    return pd.DataFrame(counts, index=targets.index).where(_reported(targets, statuses))


def star_players(players: pd.DataFrame, history: pd.DataFrame) -> pd.Series:
    """Who is a star as of a date: at least 18 points, or 12 points in 28 minutes, a game over the last ten played.

    A player needs at least ten games in the season, for any team. Where the last ten games do not tell points or
    minutes, those of the whole season so far do.

    Args:
        players: ``player_lookup``, ``season_year``, ``game_date``.
        history: Rows of ``player_game_summary``; only those with ``played`` enter.
    """
    prior = PriorGames(history[history["played"].fillna(False).astype(bool)], players, ["player_lookup"])
    recent, season = prior.last(RECENT_GAMES), prior.season()
    points = recent.mean("points").fillna(season.mean("points"))
    minutes = recent.mean("minutes_played").fillna(season.mean("minutes_played"))
    star = (points >= STAR_POINTS) | ((minutes >= STAR_MINUTES) & (points >= STAR_POINTS_WITH_MINUTES))
    return star & (season.games >= STAR_LEAST_GAMES).astype(bool)


def usual_starters(players: pd.DataFrame, history: pd.DataFrame) -> pd.Series:
    """Who started at least half of his team's last ten games before a date, or of as many as there were.

    Only games that say who started count; where there is none, nobody is a usual starter. The same rule counts
    ``starters_inactive`` in the team tables.

    Args:
        players: ``player_lookup``, ``team_abbr``, ``season_year``, ``game_date``.
        history: Rows of ``player_game_summary``.
    """
    team_games = _starts_before(players, history)
    own = PriorGames(_starts(history), players, ["team_abbr", "player_lookup"]).since(team_games.first_date)
    return ((own.games >= STARTER_SHARE * team_games.games) & (team_games.games > 0)).astype(bool)


def _starts(history: pd.DataFrame) -> pd.DataFrame:
    started = history["starter_flag"].fillna(False).astype(bool)
    return history.loc[started, ["season_year", "game_date", "team_abbr", "player_lookup"]]


def _starts_before(rows: pd.DataFrame, history: pd.DataFrame) -> Window:
    """The last ten games of each row's team that say who started."""
    told = _starts(history)[["season_year", "game_date", "team_abbr"]].drop_duplicates()
    return PriorGames(told, rows, ["team_abbr"]).last(RECENT_GAMES)


def _listed(targets: pd.DataFrame, statuses: pd.DataFrame) -> pd.DataFrame:
    """The reports of the targets' teams, with season and date."""
    games = targets[[*_TEAM, "season_year", "game_date"]].drop_duplicates(_TEAM)
    named = statuses[[*_PLAYER, "injury_status"]].drop_duplicates()
    return named.merge(games, on=_TEAM)


def _per_team(targets: pd.DataFrame, listed: pd.DataFrame) -> pd.Series:
    return _per_key(targets, listed, _TEAM)


def _per_key(targets: pd.DataFrame, listed: pd.DataFrame, key: list[str]) -> pd.Series:
    counts = listed.groupby(key).size().rename("players").reset_index()
    found = targets[key].merge(counts, on=key, how="left")["players"]
    return found.fillna(0).astype("Int64").set_axis(targets.index)


def _reported(targets: pd.DataFrame, statuses: pd.DataFrame) -> pd.Series:
    return targets["game_id"].isin(statuses["game_id"])
