-- What do the last ten games say about tonight's points that the season's average does not?
-- Everything on the right-hand side was known before tip-off: the contexts hold no later game.
WITH form AS (
    SELECT
        summary.points,
        context.points_avg_last_10 AS last_ten,
        (
            -- Who has not played at home yet has no average there: Kyrie Irving until March 2022.
            coalesce(context.points_avg_home_season, 0) * context.home_games_used_season
            + coalesce(context.points_avg_away_season, 0) * context.away_games_used_season
        ) / (context.home_games_used_season + context.away_games_used_season) AS season
    FROM nba_analytics.upcoming_player_game_context AS context
    JOIN nba_analytics.player_game_summary AS summary USING (game_id, player_lookup)
    WHERE context.game_type = 'regular' AND summary.played
        AND context.home_games_used_season + context.away_games_used_season >= 20
),
gaps AS (
    SELECT points, last_ten, season, last_ten - season AS form_gap, points - season AS tonight_gap FROM form
)
SELECT
    CASE
        WHEN form_gap < -4 THEN '4 or more below'
        WHEN form_gap < -2 THEN '2 to 4 below'
        WHEN form_gap < 2 THEN 'within 2'
        WHEN form_gap < 4 THEN '2 to 4 above'
        ELSE '4 or more above'
    END AS last_ten_against_season,
    count(*) AS player_games,
    avg(form_gap) AS form_gap,
    avg(tonight_gap) AS tonight_gap,
    avg(abs(points - season)) AS error_of_season,
    avg(abs(points - last_ten)) AS error_of_last_ten,
    avg(abs(points - (season + last_ten) / 2)) AS error_of_both
FROM gaps
GROUP BY 1
ORDER BY avg(gaps.form_gap)
