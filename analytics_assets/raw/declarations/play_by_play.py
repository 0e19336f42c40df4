"""Declarations of play-by-play: one shape for every source, so that one reduction serves all of them."""

from analytics_assets.raw.declarations.game_columns import GAME_COLUMNS, WRITTEN_COLUMNS
from analytics_assets.tables.declaration import Table, columns, flag, integer, number, string, strings

SHOT_TYPES = ("2PT", "3PT")
SECOND_PLAYER_ROLES = ("assist", "block", "steal", "foul_drawn")
# How loaders write the sub-type of technical free throws, which belong to no shot.
TECHNICAL_FREE_THROW = "technical"


def _play_by_play(name: str, description: str) -> Table:
    return Table(
        dataset="nba_raw",
        name=name,
        grain="One row per event of a game.",
        description=description,
        key=("game_id", "event_order"),
        cluster_by=("game_id",),
        unit=("game_id",),
        hash_column="data_hash",
        not_content=("processed_at",),
        columns=columns(
            GAME_COLUMNS,
            integer("event_order", "Place of the event in its game; rises with time.", required=True),
            integer("period", "Period: 1 to 4, then overtimes from 5."),
            number("seconds_remaining", "Seconds left in the period.", unit="seconds"),
            integer("home_score", "Points of the home team after the event.", unit="points"),
            integer("away_score", "Points of the visiting team after the event.", unit="points"),
            string(
                "event_type",
                "Kind of event as the source names it, in lower case, such as 2pt, freethrow, rebound, turnover.",
            ),
            string(
                "event_sub_type",
                "Finer kind: 'shooting' or 'offensive' for a foul, '1 of 2' for a free throw, 'technical' for a "
                "technical free throw or foul, the kind of shot for a field goal.",
            ),
            string("event_description", "The event in the source's words."),
            integer("player_1_id", "NBA.com id of the acting player."),
            string("player_1_lookup", "Normalised name of the acting player.", null_rule="The source gives only ids."),
            string("player_1_team_abbr", "Tricode of the acting team."),
            string(
                "player_2_role",
                "What the second player did: assisted or blocked the shot, stole the ball, drew the foul.",
                allowed=SECOND_PLAYER_ROLES,
            ),
            integer("player_2_id", "NBA.com id of the second player."),
            string("player_2_lookup", "Normalised name of the second player."),
            string(
                "shot_type",
                "'2PT' or '3PT' for field-goal attempts.",
                allowed=SHOT_TYPES,
                null_rule="No field-goal attempt.",
            ),
            flag("shot_made", "Whether the field goal or free throw went in.", null_rule="No shot and no free throw."),
            number("shot_distance", "Distance of the shot from the basket.", unit="feet", null_rule="Not told."),
            string("shot_area", "Area of the court as the source names it."),
            number("x", "Place of the shot across the court, as the source measures it."),
            number("y", "Place of the shot along the court, as the source measures it."),
            string(
                "rebound_type",
                "'offensive' or 'defensive' for live rebounds.",
                allowed=("offensive", "defensive"),
                null_rule="No rebound, or a dead-ball rebound of a team.",
            ),
            strings(
                "qualifiers",
                "Marks of the feed, such as pointsinthepaint, 2ndchance, fastbreak.",
                null_rule="The source has no qualifiers.",
            ),
            strings(
                "players_on_court",
                "The players on court after the event, by NBA.com id where the source has ids, else by name.",
                null_rule="The source does not say.",
            ),
            WRITTEN_COLUMNS,
        ),
    )


BIGDATABALL_PLAY_BY_PLAY = _play_by_play(
    "bigdataball_play_by_play", "Play-by-play of BigDataBall: first choice for shot zones and shot creation."
)

NBAC_PLAY_BY_PLAY = _play_by_play(
    "nbac_play_by_play",
    "Play-by-play of NBA.com, live feed, version 3 or shot chart: second choice for shot zones and shot creation.",
)
