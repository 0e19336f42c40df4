"""The SQL that turns line-ups of successive events into seconds on court late in the game, and points scored there."""

from analytics_assets.raw.play_by_play_reduction import GAME_IDENTITY, LATEST_EVENTS
from analytics_assets.tables.declaration import Table, columns, count, integer, number, string, timestamp
from analytics_assets.tables.reduction import Reduction

QUARTER_SECONDS, OVERTIME_SECONDS = 720, 300
PLAYERS_ON_COURT = 10
# NBA.com's clutch time: the last five minutes of the fourth quarter or overtime, the score within five points.
CLUTCH_SECONDS, CLUTCH_MARGIN = 300, 5

LATE_GAME_PLAYERS = Table(
    dataset="reduced",
    name="late_game_players",
    grain="One row per game and player who scored or was on court in the fourth quarter or an overtime.",
    description="How long players were on court late in the game, and what they scored.",
    key=("game_id", "player"),
    columns=columns(
        GAME_IDENTITY,
        string("player", "The player, by NBA.com id where the source has ids, else by name.", required=True),
        number("fourth_quarter_seconds", "Seconds on court in the fourth quarter.", unit="seconds", minimum=0),
        number("overtime_seconds", "Seconds on court in overtimes.", unit="seconds", minimum=0),
        number(
            "clutch_seconds",
            "Seconds on court in clutch time.",
            unit="seconds",
            minimum=0,
            null_rule="The source has no scores.",
        ),
        count("points", "Points in the whole game.", unit="points"),
        count("fourth_quarter_points", "Points in the fourth quarter.", unit="points"),
        integer("periods", "Last period of the game."),
        timestamp("processed_at", "Latest write to the game's events."),
    ),
)

# Clocks are whole milliseconds, so that sums do not depend on the order in which an engine adds.
_SQL = (
    LATEST_EVENTS
    + f"""
, games AS (
  SELECT game_id, MAX(nba_game_id) AS nba_game_id, MAX(game_date) AS game_date,
    MAX(period) AS periods, MAX(processed_at) AS processed_at
  FROM told
  GROUP BY game_id
)
, scored AS (
  SELECT game_id, COALESCE(CAST(player_1_id AS STRING), player_1_lookup) AS player, SUM(worth) AS points,
    SUM(CASE WHEN period = 4 THEN worth ELSE 0 END) AS fourth_quarter_points
  FROM (
    SELECT *, CASE WHEN shot_type = '3PT' THEN 3 WHEN shot_type = '2PT' THEN 2 ELSE 1 END AS worth
    FROM told
    WHERE shot_made AND COALESCE(CAST(player_1_id AS STRING), player_1_lookup) IS NOT NULL
  ) AS made
  GROUP BY game_id, COALESCE(CAST(player_1_id AS STRING), player_1_lookup)
)
, late AS (
  SELECT game_id, event_order, period, players_on_court, home_score, away_score,
    CAST(ROUND(seconds_remaining * 1000) AS INT64) AS clock
  FROM told
  WHERE period >= 4 AND seconds_remaining IS NOT NULL
)
, scores AS (
  SELECT game_id, event_order, period, players_on_court,
    CASE WHEN period = 4 THEN {QUARTER_SECONDS * 1000} ELSE {OVERTIME_SECONDS * 1000} END AS period_length,
    MIN(clock) OVER (PARTITION BY game_id, period ORDER BY event_order) AS clock,
    LAST_VALUE(home_score IGNORE NULLS) OVER (PARTITION BY game_id ORDER BY event_order) AS home_score,
    LAST_VALUE(away_score IGNORE NULLS) OVER (PARTITION BY game_id ORDER BY event_order) AS away_score
  FROM late
)
, moments AS (
  SELECT game_id, period, players_on_court, period_length, clock, ABS(home_score - away_score) AS margin,
    LAG(clock) OVER (PARTITION BY game_id, period ORDER BY event_order) AS clock_before,
    COALESCE(LEAD(clock) OVER (PARTITION BY game_id, period ORDER BY event_order), 0) AS clock_after
  FROM scores
)
, stretches AS (
  SELECT game_id, period, players_on_court, margin, clock AS starts_at, clock_after AS ends_at
  FROM moments
  UNION ALL
  SELECT game_id, period, players_on_court, margin, period_length, clock
  FROM moments
  WHERE clock_before IS NULL
)
, on_court AS (
  SELECT game_id, player,
    SUM(CASE WHEN period = 4 THEN starts_at - ends_at ELSE 0 END) AS fourth_quarter,
    SUM(CASE WHEN period > 4 THEN starts_at - ends_at ELSE 0 END) AS overtime,
    SUM(CASE
      WHEN margin <= {CLUTCH_MARGIN} AND ends_at < {CLUTCH_SECONDS * 1000}
      THEN LEAST(starts_at, {CLUTCH_SECONDS * 1000}) - ends_at
      ELSE 0
    END) AS clutch,
    COUNTIF(margin IS NULL AND ends_at < {CLUTCH_SECONDS * 1000}) AS stretches_without_score
  FROM stretches CROSS JOIN UNNEST(players_on_court) AS player
  WHERE starts_at > ends_at AND ARRAY_LENGTH(players_on_court) = {PLAYERS_ON_COURT}
  GROUP BY game_id, player
)
, players AS (
  SELECT COALESCE(on_court.game_id, scored.game_id) AS game_id, COALESCE(on_court.player, scored.player) AS player,
    fourth_quarter, overtime, CASE WHEN stretches_without_score = 0 THEN clutch END AS clutch,
    COALESCE(points, 0) AS points, COALESCE(fourth_quarter_points, 0) AS fourth_quarter_points
  FROM on_court
  FULL JOIN scored ON scored.game_id = on_court.game_id AND scored.player = on_court.player
)
SELECT players.game_id, nba_game_id, game_date, player,
  fourth_quarter / 1000 AS fourth_quarter_seconds, overtime / 1000 AS overtime_seconds,
  clutch / 1000 AS clutch_seconds,
  CAST(points AS INT64) AS points, CAST(fourth_quarter_points AS INT64) AS fourth_quarter_points,
  CAST(periods AS INT64) AS periods, processed_at
FROM players
JOIN games ON games.game_id = players.game_id
"""
)

_COLUMNS = (
    *("game_id", "nba_game_id", "game_date", "event_order", "period", "seconds_remaining"),
    *("home_score", "away_score", "player_1_id", "player_1_lookup", "shot_type", "shot_made"),
    *("players_on_court", "processed_at", "data_hash"),
)


def count_late_seconds(source: Table) -> Reduction:
    """Seconds on court in the fourth quarter, in overtimes and in clutch time of one play-by-play table, and points.

    Those on court after an event stay until the next one; those of a period's first event were there from its start,
    and those of its last event until its end. A stretch that does not name ten players counts for nobody; whether all
    of the period is accounted for is for the reader to check. A stretch is clutch if the score stood within five points
    when it began, for the part in which at most five minutes of the fourth quarter or of an overtime were left. A clock
    that jumps back up counts as standing still. Source of the rule: NBA.com's definition of clutch time.
    """
    return Reduction(source=source, columns=_COLUMNS, sql=_SQL, result=LATE_GAME_PLAYERS)
