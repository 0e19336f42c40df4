"""Basketball formulas over aligned Series. Every formula is stated once, here, with its source.

All functions return NULL where an input is NULL or a denominator is not positive; a true zero stays zero.
"Oliver" is Dean Oliver, Basketball on Paper (2004); "Basketball-Reference" is that site's glossary.
"""

import pandas as pd

REGULATION_TEAM_MINUTES = 240
OVERTIME_TEAM_MINUTES = 25
PLAYERS_ON_COURT = 5
REGULATION_GAME_MINUTES = 48
# Ruling 3 of the specification: sums of whole minutes differ from 240 + 25 per overtime by up to 4.
TEAM_MINUTES_TOLERANCE = 4.0


def ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """Quotient; NULL where the denominator is not positive or either side is NULL."""
    below = _float(denominator)
    return _float(numerator) / below.where(below > 0)


def overtime_periods(team_minutes: pd.Series) -> pd.Series:
    """Overtime periods from the sum of a team's player minutes: round((minutes - 240) / 25), never negative.

    Rounding absorbs what whole-minute sources lose; sums off by up to 4 minutes give the right answer.
    """
    periods = ((_float(team_minutes) - REGULATION_TEAM_MINUTES) / OVERTIME_TEAM_MINUTES).round()
    return periods.clip(lower=0).astype("Int64")


def nominal_team_minutes(overtimes: pd.Series) -> pd.Series:
    """Minutes of all five positions together: 240 + 25 per overtime."""
    return REGULATION_TEAM_MINUTES + OVERTIME_TEAM_MINUTES * _float(overtimes)


def team_minutes_add_up(team_minutes: pd.Series) -> pd.Series:
    """Whether a sum of player minutes is 240 + 25 per overtime, within what whole-minute sources lose."""
    nominal = nominal_team_minutes(overtime_periods(team_minutes))
    return (_float(team_minutes) - nominal).abs() <= TEAM_MINUTES_TOLERANCE


def points_identity_holds(
    points: pd.Series, fg_makes: pd.Series, three_pt_makes: pd.Series, ft_makes: pd.Series
) -> pd.Series:
    """Whether points equal 2 (FGM - 3PM) + 3 3PM + FTM; NULL if any input is."""
    expected = 2 * (_float(fg_makes) - _float(three_pt_makes)) + 3 * _float(three_pt_makes) + _float(ft_makes)
    known = expected.notna() & _float(points).notna()
    return (_float(points) == expected).astype("boolean").where(known)


def true_shooting_pct(points: pd.Series, fg_attempts: pd.Series, ft_attempts: pd.Series) -> pd.Series:
    """PTS / (2 (FGA + 0.44 FTA)), a ratio. Source: Basketball-Reference."""
    return ratio(points, 2 * (_float(fg_attempts) + 0.44 * _float(ft_attempts)))


def effective_field_goal_pct(fg_makes: pd.Series, three_pt_makes: pd.Series, fg_attempts: pd.Series) -> pd.Series:
    """(FGM + 0.5 3PM) / FGA, a ratio. Source: Basketball-Reference."""
    return ratio(_float(fg_makes) + 0.5 * _float(three_pt_makes), fg_attempts)


def plays(fg_attempts: pd.Series, ft_attempts: pd.Series, turnovers: pd.Series) -> pd.Series:
    """FGA + 0.44 FTA + TOV: plays finished by a player or a team. Source: Basketball-Reference."""
    return _float(fg_attempts) + 0.44 * _float(ft_attempts) + _float(turnovers)


def usage_rate(
    player_plays: pd.Series, player_minutes: pd.Series, team_plays: pd.Series, team_minutes: pd.Series
) -> pd.Series:
    """100 plays (team minutes / 5) / (minutes team plays), in percent. Source: Basketball-Reference.

    ``team_plays`` are sums over the team's players and ``team_minutes`` is 240 + 25 per overtime, so that usage
    weighted by minutes averages to 20 over a team.
    """
    return 100 * ratio(player_plays * (team_minutes / PLAYERS_ON_COURT), player_minutes * team_plays)


def possessions(
    fg_attempts: pd.Series,
    fg_makes: pd.Series,
    ft_attempts: pd.Series,
    offensive_rebounds: pd.Series,
    opponent_defensive_rebounds: pd.Series,
    turnovers: pd.Series,
) -> pd.Series:
    """Possessions of one team: FGA + 0.4 FTA - 1.07 (ORB / (ORB + opponent DRB)) (FGA - FGM) + TOV.

    Source: Oliver, as used by Basketball-Reference.
    """
    rebounded = ratio(offensive_rebounds, _float(offensive_rebounds) + _float(opponent_defensive_rebounds))
    missed = _float(fg_attempts) - _float(fg_makes)
    return _float(fg_attempts) + 0.4 * _float(ft_attempts) - 1.07 * rebounded * missed + _float(turnovers)


def pace(game_possessions: pd.Series, overtimes: pd.Series) -> pd.Series:
    """48 possessions / (48 + 5 per overtime): possessions per 48 minutes. Source: Basketball-Reference."""
    return REGULATION_GAME_MINUTES * ratio(game_possessions, nominal_team_minutes(overtimes) / PLAYERS_ON_COURT)


def rating(points: pd.Series, game_possessions: pd.Series) -> pd.Series:
    """100 points / possessions: offensive rating of own points, defensive rating of the opponent's. Source: Oliver."""
    return 100 * ratio(points, game_possessions)


def turnover_pct(turnovers: pd.Series, fg_attempts: pd.Series, ft_attempts: pd.Series) -> pd.Series:
    """TOV / (FGA + 0.44 FTA + TOV), a ratio. Source: Oliver's four factors; NBA.com's differs by about 1.5 points."""
    return ratio(turnovers, plays(fg_attempts, ft_attempts, turnovers))


def rebound_share(own_rebounds: pd.Series, opponent_rebounds: pd.Series) -> pd.Series:
    """own / (own + opponent's): ORB against opponent DRB, DRB against opponent ORB, a ratio.

    Source: Oliver's four factors. NBA.com counts team rebounds too and differs by about 4 points.
    """
    return ratio(own_rebounds, _float(own_rebounds) + _float(opponent_rebounds))


def free_throw_rate(ft_makes: pd.Series, fg_attempts: pd.Series) -> pd.Series:
    """FTM / FGA, a ratio. Source: Oliver's four factors."""
    return ratio(ft_makes, fg_attempts)


def assist_pct(
    assists: pd.Series,
    player_minutes: pd.Series,
    player_fg_makes: pd.Series,
    team_fg_makes: pd.Series,
    team_minutes: pd.Series,
) -> pd.Series:
    """AST / (minutes / (team minutes / 5) team FGM - FGM), a ratio. Source: Basketball-Reference."""
    on_court = _float(player_minutes) / (team_minutes / PLAYERS_ON_COURT) * _float(team_fg_makes)
    return ratio(assists, (on_court - _float(player_fg_makes)).where(_float(player_minutes) > 0))


def share_while_on_court(
    player_count: pd.Series, player_minutes: pd.Series, available: pd.Series, team_minutes: pd.Series
) -> pd.Series:
    """count (team minutes / 5) / (minutes available), a ratio. Source: Basketball-Reference.

    ``available`` is what there was to take in the whole game: rebounds of both teams, opponent possessions, or
    opponent two-point attempts.
    """
    return ratio(_float(player_count) * (team_minutes / PLAYERS_ON_COURT), _float(player_minutes) * _float(available))


def per_100_possessions(
    player_count: pd.Series, player_minutes: pd.Series, game_possessions: pd.Series, team_minutes: pd.Series
) -> pd.Series:
    """100 count / possessions on court, possessions spread evenly over the minutes. Source: Basketball-Reference."""
    on_court = _float(game_possessions) * _float(player_minutes) / (team_minutes / PLAYERS_ON_COURT)
    return 100 * ratio(player_count, on_court)


def _float(values: pd.Series) -> pd.Series:
    return values.astype("float64") if values.dtype != "float64" else values
