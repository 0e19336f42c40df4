"""The producers of all analytics tables, in the order in which a run produces them."""

from analytics_assets.assets.player_game_summary import PlayerGameSummaryProducer
from analytics_assets.assets.producer import Producer
from analytics_assets.assets.team_game_summaries import TEAM_DEFENSE_PRODUCER, TEAM_OFFENSE_PRODUCER
from analytics_assets.assets.upcoming_contexts import UPCOMING_PLAYER_PRODUCER, UPCOMING_TEAM_PRODUCER

SUMMARIES: tuple[Producer, ...] = (PlayerGameSummaryProducer(), TEAM_OFFENSE_PRODUCER, TEAM_DEFENSE_PRODUCER)
# Contexts look back on the summaries of earlier dates, so all of a run's summaries come first.
CONTEXTS: tuple[Producer, ...] = (UPCOMING_TEAM_PRODUCER, UPCOMING_PLAYER_PRODUCER)
PRODUCERS = {producer.table.name: producer for producer in (*SUMMARIES, *CONTEXTS)}
