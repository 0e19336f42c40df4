"""The SQL that turns play-by-play events into counts per game, team, player and zone, and into facts per game.

It runs inside the engine, because a season has half a million events and a few thousand counts.
"""

from analytics_assets.tables.declaration import Table, columns, count, date_column, integer, string, timestamp
from analytics_assets.tables.reduction import Reduction

PAINT_FEET, COURT_FEET = 8, 94
ZONES = ("paint", "mid_range", "three_pt", "unknown", "free_throw")
ROLES = ("shooter", "assister", "blocker")

GAME_IDENTITY = (
    string("game_id", "Game as the events name it.", required=True),
    string("nba_game_id", "NBA game id of ten digits.", null_rule="The source does not know it."),
    date_column("game_date", "US-Eastern date of the game.", required=True),
)

PLAY_BY_PLAY_COUNTS = Table(
    dataset="reduced",
    name="play_by_play_counts",
    grain="One row per game, acting team, role, player and zone.",
    description="What a player did to shots: took them, assisted them, blocked them.",
    key=("game_id", "team_abbr", "role", "player_id", "player_lookup", "zone"),
    columns=columns(
        GAME_IDENTITY,
        string("team_abbr", "Tricode of the team that took the shot, also for the blocker."),
        string("role", "What the player did.", required=True, allowed=ROLES),
        integer("player_id", "NBA.com player id.", null_rule="The source has none."),
        string("player_lookup", "Normalised player name.", null_rule="The source has only ids."),
        string("zone", "Where the shot was taken.", required=True, allowed=ZONES),
        count("attempts", "Shots or free throws."),
        count("makes", "Made shots or free throws."),
        count("assisted_makes", "Made shots that were assisted."),
        count("and_ones", "Made shots with a shooting foul drawn by the shooter and his one free throw."),
        count("points", "Points of the makes.", unit="points"),
        count("paint_points", "Points of makes that the feed marks as points in the paint.", unit="points"),
        count("second_chance_points", "Points of makes that the feed marks as second chance.", unit="points"),
        count("fast_break_points", "Points of makes that the feed marks as fast break.", unit="points"),
        count(
            "second_chance_points_by_rule",
            "Points of makes on a possession that the team's offensive rebound extended.",
            unit="points",
        ),
    ),
)

PLAY_BY_PLAY_GAMES = Table(
    dataset="reduced",
    name="play_by_play_games",
    grain="One row per game as the events name it.",
    description="What is known about a game's events as a whole.",
    key=("game_id",),
    columns=columns(
        GAME_IDENTITY,
        count("events", "Events of the game."),
        count("periods", "Last period."),
        count("qualified_events", "Events that the feed marks as points of a kind, such as points in the paint."),
        count("rebounds", "Live rebounds that say whose chance they give."),
        count("shooting_fouls", "Shooting fouls."),
        count("home_score", "Highest score of the home team.", unit="points"),
        count("away_score", "Highest score of the visiting team.", unit="points"),
        timestamp("processed_at", "Latest write to the game's events."),
        string("digest", "Digest over all events of the game."),
    ),
)

_IS_SHOOTING_FOUL = "COALESCE(event_type, '') LIKE '%foul%' AND COALESCE(event_sub_type, '') = 'shooting'"
# Only a mark of points shows that the feed marks points; texts of any other kind do not.
POINT_MARKS = ("pointsinthepaint", "2ndchance", "fastbreak", "fromturnover")
_MARKS = "CONCAT(',', COALESCE(ARRAY_TO_STRING(qualifiers, ','), ''), ',')"
_IS_QUALIFIED = " OR ".join(f"{_MARKS} LIKE '%,{mark},%'" for mark in POINT_MARKS)
# Several rows of one event are reduced to the one written last.
LATEST_EVENTS = """
, latest AS (
  SELECT *,
    ROW_NUMBER() OVER (PARTITION BY game_id, event_order ORDER BY processed_at DESC, data_hash) AS copy
  FROM source_rows
)
, told AS (SELECT * FROM latest WHERE copy = 1)
"""

_COUNTS_SQL = (
    LATEST_EVENTS
    + f"""
, marked AS (
  SELECT *,
    COALESCE(shot_type, '') IN ('2PT', '3PT') AS is_shot,
    shot_type IS NULL AND shot_made IS NOT NULL AS is_free_throw,
    COALESCE(shot_made, FALSE) AS made,
    {_MARKS} AS marks,
    {_IS_SHOOTING_FOUL} AS is_shooting_foul,
    CASE
      WHEN shot_type IS NULL THEN 'free_throw'
      WHEN shot_type = '3PT' THEN 'three_pt'
      WHEN shot_distance IS NULL OR NOT shot_distance BETWEEN 0 AND {COURT_FEET} THEN 'unknown'
      WHEN FLOOR(shot_distance) <= {PAINT_FEET} THEN 'paint'
      ELSE 'mid_range'
    END AS zone,
    CASE WHEN shot_type = '3PT' THEN 3 WHEN shot_type = '2PT' THEN 2 ELSE 1 END AS worth,
    COALESCE(CAST(player_1_id AS STRING), player_1_lookup, '') AS first_player,
    COALESCE(CAST(player_2_id AS STRING), player_2_lookup, '') AS second_player
  FROM told
)
, around_shots AS (
  SELECT game_id, event_order, is_shot AND made AS is_basket,
    MAX(CASE WHEN is_free_throw AND event_sub_type = '1 of 1' THEN 1 ELSE 0 END)
      OVER (PARTITION BY game_id, period, seconds_remaining,
        CASE WHEN is_shooting_foul THEN second_player ELSE first_player END) AS has_free_throw,
    MAX(CASE WHEN is_shooting_foul THEN 1 ELSE 0 END)
      OVER (PARTITION BY game_id, period, seconds_remaining,
        CASE WHEN is_shooting_foul THEN second_player ELSE first_player END) AS drew_foul,
    MAX(CASE WHEN is_shooting_foul AND player_2_role IS NULL THEN 1 ELSE 0 END)
      OVER (PARTITION BY game_id, period, seconds_remaining) AS somebody_drew_foul
  FROM marked
  WHERE seconds_remaining IS NOT NULL
    AND ((is_shot AND made) OR (is_free_throw AND event_sub_type = '1 of 1') OR is_shooting_foul)
)
, and_ones AS (
  SELECT game_id, event_order
  FROM around_shots
  WHERE is_basket AND has_free_throw = 1 AND (drew_foul = 1 OR somebody_drew_foul = 1)
)
, joined AS (
  SELECT marked.*, and_ones.event_order IS NOT NULL AS is_and_one
  FROM marked
  LEFT JOIN and_ones ON and_ones.game_id = marked.game_id AND and_ones.event_order = marked.event_order
)
, possession_ends AS (
  SELECT *,
    CASE
      WHEN is_shot AND made AND NOT is_and_one THEN 1
      WHEN is_free_throw AND made AND event_sub_type IN ('1 of 1', '2 of 2', '3 of 3') THEN 1
      WHEN rebound_type = 'defensive' THEN 1
      WHEN COALESCE(event_type, '') LIKE '%turnover%' THEN 1
      ELSE 0
    END AS ends_possession
  FROM joined
)
, possessions AS (
  SELECT *,
    SUM(ends_possession) OVER (PARTITION BY game_id, period ORDER BY event_order) - ends_possession AS possession
  FROM possession_ends
)
, chances AS (
  SELECT *,
    MAX(CASE WHEN rebound_type = 'offensive' THEN 1 ELSE 0 END)
      OVER (PARTITION BY game_id, period, possession, player_1_team_abbr ORDER BY event_order) AS is_second_chance
  FROM possessions
)
, shots AS (SELECT * FROM chances WHERE is_shot OR is_free_throw)
, taken AS (
  SELECT game_id, player_1_team_abbr AS team_abbr, 'shooter' AS role,
    player_1_id AS player_id, player_1_lookup AS player_lookup, zone,
    MAX(nba_game_id) AS nba_game_id, MAX(game_date) AS game_date,
    COUNT(*) AS attempts,
    COUNTIF(made) AS makes,
    COUNTIF(made AND player_2_role = 'assist') AS assisted_makes,
    COUNTIF(is_and_one) AS and_ones,
    SUM(CASE WHEN made THEN worth ELSE 0 END) AS points,
    SUM(CASE WHEN made AND marks LIKE '%,pointsinthepaint,%' THEN worth ELSE 0 END) AS paint_points,
    SUM(CASE WHEN made AND marks LIKE '%,2ndchance,%' THEN worth ELSE 0 END) AS second_chance_points,
    SUM(CASE WHEN made AND marks LIKE '%,fastbreak,%' THEN worth ELSE 0 END) AS fast_break_points,
    SUM(CASE WHEN made AND is_second_chance = 1 AND COALESCE(event_sub_type, '') <> 'technical' THEN worth ELSE 0 END)
      AS second_chance_points_by_rule
  FROM shots
  GROUP BY game_id, player_1_team_abbr, player_1_id, player_1_lookup, zone
)
, helped AS (
  SELECT game_id, player_1_team_abbr AS team_abbr,
    CASE WHEN player_2_role = 'assist' THEN 'assister' ELSE 'blocker' END AS role,
    player_2_id AS player_id, player_2_lookup AS player_lookup, zone,
    MAX(nba_game_id) AS nba_game_id, MAX(game_date) AS game_date,
    COUNT(*) AS attempts
  FROM shots
  WHERE is_shot AND ((player_2_role = 'assist' AND made) OR (player_2_role = 'block' AND NOT made))
  GROUP BY game_id, player_1_team_abbr, player_2_role, player_2_id, player_2_lookup, zone
)
SELECT game_id, nba_game_id, game_date, team_abbr, role, player_id, player_lookup, zone,
  CAST(attempts AS INT64) AS attempts, CAST(makes AS INT64) AS makes,
  CAST(assisted_makes AS INT64) AS assisted_makes, CAST(and_ones AS INT64) AS and_ones,
  CAST(points AS INT64) AS points, CAST(paint_points AS INT64) AS paint_points,
  CAST(second_chance_points AS INT64) AS second_chance_points,
  CAST(fast_break_points AS INT64) AS fast_break_points,
  CAST(second_chance_points_by_rule AS INT64) AS second_chance_points_by_rule
FROM taken
UNION ALL
SELECT game_id, nba_game_id, game_date, team_abbr, role, player_id, player_lookup, zone,
  CAST(attempts AS INT64), 0, 0, 0, 0, 0, 0, 0, 0
FROM helped
"""
)

_GAMES_SQL = (
    LATEST_EVENTS
    + f"""
SELECT game_id, MAX(nba_game_id) AS nba_game_id, MAX(game_date) AS game_date,
  CAST(COUNT(*) AS INT64) AS events,
  CAST(MAX(period) AS INT64) AS periods,
  CAST(COUNTIF({_IS_QUALIFIED}) AS INT64) AS qualified_events,
  CAST(COUNTIF(rebound_type IN ('offensive', 'defensive')) AS INT64) AS rebounds,
  CAST(COUNTIF({_IS_SHOOTING_FOUL}) AS INT64) AS shooting_fouls,
  CAST(MAX(home_score) AS INT64) AS home_score,
  CAST(MAX(away_score) AS INT64) AS away_score,
  MAX(processed_at) AS processed_at,
  TO_HEX(MD5(STRING_AGG(COALESCE(data_hash, ''), ',' ORDER BY event_order))) AS digest
FROM told
GROUP BY game_id
"""
)

_COUNTED_COLUMNS = (
    *("game_id", "nba_game_id", "game_date", "event_order", "period", "seconds_remaining"),
    *("event_type", "event_sub_type", "player_1_id", "player_1_lookup", "player_1_team_abbr"),
    *("player_2_role", "player_2_id", "player_2_lookup", "shot_type", "shot_made", "shot_distance"),
    *("rebound_type", "qualifiers", "processed_at", "data_hash"),
)
_FACT_COLUMNS = (
    *("game_id", "nba_game_id", "game_date", "event_order", "period", "home_score", "away_score"),
    *("event_type", "event_sub_type", "rebound_type", "qualifiers", "processed_at", "data_hash"),
)


def count_events(source: Table) -> Reduction:
    """Counts per game, acting team, role, player and zone of one play-by-play table.

    A zone is told by ``floor(distance)``: at most 8 feet is the paint, two-pointers from farther are mid-range, without
    a distance that a court has the zone is unknown. An and-one is a made field goal with, at the same clock, a shooting
    foul drawn by the shooter and his free throw '1 of 1', made or missed; where the feed does not say who drew the
    foul, any shooting foul at that clock counts; events without a clock make none. By rule, points are second chance
    when they fall in a possession in which the same team took an offensive rebound before; a possession ends with a
    made field goal (with an and-one: with its free throw), a made last free throw, a defensive rebound, a turnover or
    the period. Technical free throws never are.
    """
    return Reduction(source=source, columns=_COUNTED_COLUMNS, sql=_COUNTS_SQL, result=PLAY_BY_PLAY_COUNTS)


def summarise_games(source: Table) -> Reduction:
    """Facts per game of one play-by-play table: size, last period, scores, digest, and what the feed tells."""
    return Reduction(source=source, columns=_FACT_COLUMNS, sql=_GAMES_SQL, result=PLAY_BY_PLAY_GAMES)
