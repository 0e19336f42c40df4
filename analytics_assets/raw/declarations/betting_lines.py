"""Declarations of betting lines: on a player's points, and on games."""

from analytics_assets.raw.declarations.game_columns import GAME_COLUMNS, WRITTEN_COLUMNS
from analytics_assets.tables.declaration import Table, columns, flag, integer, number, string, timestamp

_WHO = (
    string("player_lookup", "Normalised player name: lower-case letters and digits only.", required=True),
    string("player_name", "Full name as the source writes it."),
    string("bookmaker", "Book, in lower case without spaces, such as draftkings.", required=True),
)
_WHEN = (
    timestamp("snapshot_timestamp", "When the book showed this line.", required=True),
    timestamp("tipoff_at", "Tip-off as the source states it.", null_rule="The source does not state it."),
)

ODDS_API_PLAYER_POINTS_PROPS = Table(
    dataset="nba_raw",
    name="odds_api_player_points_props",
    grain="One row per player, game, book, snapshot and line.",
    description="Lines on a player's points from the Odds API, every snapshot, also those taken during the game.",
    key=("game_id", "player_lookup", "bookmaker", "snapshot_timestamp", "points_line"),
    cluster_by=("player_lookup", "bookmaker"),
    hash_column="data_hash",
    not_content=("processed_at",),
    columns=columns(
        GAME_COLUMNS,
        string("event_id", "Event id of the Odds API."),
        _WHO,
        number("points_line", "Points that the over must exceed.", unit="points", required=True),
        number("over_price", "Price of the over.", unit="American odds"),
        number("under_price", "Price of the under.", unit="American odds"),
        _WHEN,
        WRITTEN_COLUMNS,
    ),
)

BETTINGPROS_PLAYER_POINTS_PROPS = Table(
    dataset="nba_raw",
    name="bettingpros_player_points_props",
    grain="One row per player, game, book, side, snapshot and line.",
    description="Lines on a player's points from BettingPros; each side is a row, with the book's opening line.",
    key=("game_id", "player_lookup", "bookmaker", "bet_side", "snapshot_timestamp", "points_line"),
    cluster_by=("player_lookup", "bookmaker"),
    hash_column="data_hash",
    not_content=("processed_at",),
    columns=columns(
        GAME_COLUMNS,
        integer("offer_id", "Offer id of BettingPros."),
        _WHO,
        string("bet_side", "'over' or 'under'.", required=True),
        number("points_line", "Points that the over must exceed.", unit="points", required=True),
        number("price", "Price of the side.", unit="American odds"),
        number("opening_line", "The book's first line.", unit="points", null_rule="The source does not tell it."),
        flag("is_active", "Whether the book still took bets on the line.", null_rule="The source does not say."),
        _WHEN,
        WRITTEN_COLUMNS,
    ),
)

ODDS_API_GAME_LINES = Table(
    dataset="nba_raw",
    name="odds_api_game_lines",
    grain="One row per game, book, market, side and snapshot.",
    description="Moneylines, spreads and totals from the Odds API, every snapshot, also those taken during the game.",
    key=("game_id", "bookmaker", "market", "bet_side", "snapshot_timestamp"),
    cluster_by=("bookmaker", "market"),
    hash_column="data_hash",
    not_content=("processed_at",),
    columns=columns(
        GAME_COLUMNS,
        string("event_id", "Event id of the Odds API."),
        string("bookmaker", "Book, in lower case without spaces, such as draftkings.", required=True),
        string("market", "'h2h', 'spreads', 'totals' or another market of the Odds API.", required=True),
        string("bet_side", "'home', 'away', 'over' or 'under'.", required=True),
        number("line", "Spread of the side, or total.", unit="points", null_rule="A moneyline has none."),
        number("price", "Price of the side.", unit="American odds"),
        _WHEN,
        WRITTEN_COLUMNS,
    ),
)
