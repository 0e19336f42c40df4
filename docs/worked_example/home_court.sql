-- How much does home court weigh, and does it depend on who is rested?
-- Margin of the home team in points, by what both teams' calendars said before tip-off.
WITH games AS (
    SELECT
        CASE
            WHEN context.team_days_rest = 0 AND context.opponent_days_rest = 0 THEN 'both on a second night'
            WHEN context.team_days_rest = 0 THEN 'home team on a second night'
            WHEN context.opponent_days_rest = 0 THEN 'visitors on a second night'
            ELSE 'neither on a second night'
        END AS calendar,
        offense.margin_of_victory AS margin,
        offense.win_flag AS won
    FROM nba_analytics.upcoming_team_game_context AS context
    JOIN nba_analytics.team_offense_game_summary AS offense USING (game_id, team_abbr)
    WHERE context.game_type = 'regular' AND context.home_game AND context.neutral_site IS NOT TRUE
        AND context.team_days_rest IS NOT NULL AND context.opponent_days_rest IS NOT NULL
)
SELECT
    coalesce(calendar, 'all games') AS calendar,
    count(*) AS games,
    avg(margin) AS home_margin,
    avg(won::INTEGER) AS home_win_share,
    stddev_samp(margin) / sqrt(count(*)) AS standard_error
FROM games
GROUP BY GROUPING SETS ((), (calendar))
ORDER BY calendar = 'all games' DESC, home_margin DESC
