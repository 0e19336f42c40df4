-- Does the second night of a back-to-back cost points?
-- Net rating: points for minus points against, per 100 possessions. Each game is compared with the same team's other
-- games of that season at the same place (home or away), so that strong teams and home court drop out.
WITH games AS (
    SELECT
        context.season_year,
        context.team_abbr,
        context.home_game,
        CASE WHEN context.team_days_rest > 3 THEN 3 ELSE context.team_days_rest END AS days_rest,
        offense.offensive_rating AS scored,
        defense.defensive_rating AS allowed
    FROM nba_analytics.upcoming_team_game_context AS context
    JOIN nba_analytics.team_offense_game_summary AS offense USING (game_id, team_abbr)
    JOIN nba_analytics.team_defense_game_summary AS defense
        ON defense.game_id = context.game_id AND defense.defending_team_abbr = context.team_abbr
    WHERE context.game_type = 'regular' AND context.neutral_site IS NOT TRUE
),
compared AS (
    SELECT
        days_rest,
        scored - avg(scored) OVER usual AS scored_more,
        allowed - avg(allowed) OVER usual AS allowed_more,
        scored - allowed - avg(scored - allowed) OVER usual AS net_more
    FROM games
    WINDOW usual AS (PARTITION BY season_year, team_abbr, home_game)
)
SELECT
    days_rest,
    count(*) AS team_games,
    avg(scored_more) AS scored_more,
    avg(allowed_more) AS allowed_more,
    avg(net_more) AS net_more,
    stddev_samp(net_more) / sqrt(count(*)) AS standard_error
FROM compared
WHERE days_rest IS NOT NULL
GROUP BY days_rest
ORDER BY days_rest
