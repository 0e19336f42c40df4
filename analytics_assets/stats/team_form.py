"""How teams have been playing: ratings and pace of both teams of a game over their games before it."""

import pandas as pd

from analytics_assets.stats import formulas
from analytics_assets.stats.prior_games import RECENT_GAMES, PriorGames, Window, one_game_a_date

_KEY = ["season_year", "game_date", "team_abbr"]
_SIDES = {"team": "team_abbr", "opponent": "opponent_team_abbr"}
_OFFENSE = [*_KEY, "points_scored", "possessions", "overtime_periods"]
_DEFENSE = [*_KEY, "points_allowed", "possessions", "overtime_periods", "opp_ft_attempts", "opp_fg_attempts"]


def team_form(targets: pd.DataFrame, offense: pd.DataFrame, defense: pd.DataFrame) -> pd.DataFrame:
    """Form of both teams as of each target's date, from games of its season strictly before it.

    Args:
        targets: ``season_year``, ``game_date``, ``team_abbr``, ``opponent_team_abbr``.
        offense: Rows of ``team_offense_game_summary``.
        defense: Rows of ``team_defense_game_summary``. A game that only one of the two tables has still enters, with
            what that table knows.

    Returns:
        On the targets' index, for ``team`` and ``opponent`` and for the windows ``last_5``, ``last_10``, ``season``:
        ``{side}_offensive_rating_{window}``, ``{side}_defensive_rating_{window}``, ``{side}_net_rating_{window}``
        (points per 100 possessions, from sums over the window), ``{side}_pace_{window}`` (possessions per 48 minutes,
        likewise), ``{side}_games_used_{window}``; further ``opponent_def_rating_last_10`` (the same as
        ``opponent_defensive_rating_last_10``), ``pace_differential`` (team's minus opponent's, last 10),
        ``opponent_ft_rate_allowed`` (free throws over field goals that teams attempted against the opponent, last 10;
        a ratio), and ``window_first_date``, ``window_last_date`` of the team's last 10. Without games everything but
        ``games_used``, which is 0, is NULL.
    """
    of_side = {side: targets[_KEY[:2]].assign(team_abbr=targets[column]) for side, column in _SIDES.items()}
    # Both teams of a game, and all players of a team, ask for the same.
    asked = pd.concat(of_side.values(), ignore_index=True).drop_duplicates(ignore_index=True)
    form = pd.concat([asked, _form(asked, _games(offense, defense))], axis=1)
    found = {side: rows.merge(form, on=_KEY, how="left").set_axis(targets.index) for side, rows in of_side.items()}
    own, other = found["team"], found["opponent"]
    measures = [name for name in form.columns if name.endswith(("_last_5", "_last_10", "_season"))]
    return pd.concat(
        [
            own[measures].add_prefix("team_"),
            other[measures].add_prefix("opponent_"),
            pd.DataFrame(
                {
                    "opponent_def_rating_last_10": other["defensive_rating_last_10"],
                    "pace_differential": own["pace_last_10"] - other["pace_last_10"],
                    "opponent_ft_rate_allowed": other["ft_rate_allowed"],
                    "window_first_date": own["window_first_date"],
                    "window_last_date": own["window_last_date"],
                }
            ),
        ],
        axis=1,
    )


def _games(offense: pd.DataFrame, defense: pd.DataFrame) -> pd.DataFrame:
    """One row per team and game with what either table knows of it."""
    own = one_game_a_date(offense[_OFFENSE], ["team_abbr"])
    allowed = one_game_a_date(defense.rename(columns={"defending_team_abbr": "team_abbr"})[_DEFENSE], ["team_abbr"])
    games = own.merge(allowed, on=_KEY, how="outer", suffixes=("", "_of_defense"))
    overtimes = games["overtime_periods"].fillna(games["overtime_periods_of_defense"])
    return games.assign(
        possessions=games["possessions"].fillna(games["possessions_of_defense"]),
        game_minutes=formulas.nominal_team_minutes(overtimes) / formulas.PLAYERS_ON_COURT,
    )


def _form(asked: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    prior = PriorGames(games, asked, ["team_abbr"])
    recent = prior.last(RECENT_GAMES)
    windows = {"last_5": prior.last(5), "last_10": recent, "season": prior.season()}
    measures = {
        f"{name}_{window}": values for window, chosen in windows.items() for name, values in _measures(chosen).items()
    }
    return pd.DataFrame(
        {
            **measures,
            "ft_rate_allowed": recent.ratio("opp_ft_attempts", "opp_fg_attempts"),
            "window_first_date": recent.first_date,
            "window_last_date": recent.last_date,
        }
    )


def _measures(window: Window) -> dict[str, pd.Series]:
    offensive = formulas.rating(*window.sums_where_known("points_scored", "possessions"))
    defensive = formulas.rating(*window.sums_where_known("points_allowed", "possessions"))
    return {
        "offensive_rating": offensive,
        "defensive_rating": defensive,
        "net_rating": offensive - defensive,
        "pace": window.ratio("possessions", "game_minutes", scale=formulas.REGULATION_GAME_MINUTES),
        "games_used": window.games,
    }
