"""Which stored answers of NBA.com a warehouse does not hold yet, in the order in which they can be loaded."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from analytics_assets.league.games import game_types, season_year_of_game_id
from analytics_assets.league.seasons import season_label
from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS, NBAC_SCHEDULE, RAW_TABLES
from analytics_assets.raw.fetch.answer_store import AnswerStore
from analytics_assets.raw.fetch.nba_com_requests import (
    BOX_SCORE,
    PLAY_BY_PLAY,
    PLAYER_LOG,
    ROSTER,
    SCHEDULE,
    TABLE_OF_KIND,
    TEAM_LOG,
    kind_of_key,
)
from analytics_assets.tables.declaration import Table, string, timestamp
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse import Warehouse

_TABLES = {table.name: table for table in RAW_TABLES}
_WRITTEN = Table(
    dataset="answers",
    name="games_written",
    grain="One row per game.",
    description="When the rows of each game were last written; never stored.",
    key=("nba_game_id",),
    date_column=None,
    columns=(
        string("nba_game_id", "NBA game id of ten digits."),
        timestamp("written_at", "When a row of the game was last written."),
    ),
)
_SQL = """
SELECT nba_game_id, MAX(processed_at) AS written_at FROM source_rows GROUP BY nba_game_id
"""


def in_loading_order(store: AnswerStore, keys: Iterable[str]) -> dict[str, Path]:
    """Files of the keys by a name for messages, schedules first."""
    order = list(TABLE_OF_KIND)
    known = [key for key in keys if "/" in key and kind_of_key(key) in TABLE_OF_KIND]
    ordered = sorted(known, key=lambda key: (order.index(kind_of_key(key)), key))
    return {f"{store.source}/{key}": store.path(key) for key in ordered}


def keys_not_loaded(store: AnswerStore, warehouse: Warehouse, keys: Iterable[str]) -> list[str]:
    """Those of the keys whose stored answer is newer than the warehouse's rows of the same thing, or has none there."""
    stored = [key for key in keys if store.has(key)]
    if not stored:
        return []
    written = _written(warehouse, stored)
    return [key for key in stored if _is_newer(store, key, written.get(key))]


def _is_newer(store: AnswerStore, key: str, written_at: datetime | None) -> bool:
    if written_at is None:
        return True
    if datetime.fromtimestamp(store.path(key).stat().st_mtime, UTC) <= written_at:
        return False
    # The file is also written when it was only checked again, so what it says decides.
    answer = store.read(key)
    return answer is None or answer.fetched_at > written_at


def _written(warehouse: Warehouse, keys: list[str]) -> dict[str, datetime]:
    """When the rows of each key's subject were last written to the warehouse."""
    labels = sorted({key.split("/")[0] for key in keys})
    first, last = date(int(labels[0][:4]), 7, 1), date(int(labels[-1][:4]) + 1, 12, 31)
    kinds = {kind_of_key(key) for key in keys}
    found: dict[str, datetime] = {}
    if SCHEDULE in kinds:
        rows = warehouse.read(NBAC_SCHEDULE, ["season_year", "processed_at"], first, last)
        for year, moment in rows.groupby("season_year")["processed_at"].max().items():
            found[f"{season_label(int(str(year)))}/{SCHEDULE}"] = moment.to_pydatetime()
    if ROSTER in kinds:
        rows = warehouse.read(
            ESPN_TEAM_ROSTERS, ["season_year", "roster_date", "team_abbr", "processed_at"], first, last
        )
        for (year, day, team), moment in rows.groupby(list(rows.columns[:3]))["processed_at"].max().items():  # pyright: ignore
            found[f"{season_label(int(year))}/{ROSTER}/{day.date()}/{team}"] = moment.to_pydatetime()
    for kind in (PLAYER_LOG, TEAM_LOG, BOX_SCORE, PLAY_BY_PLAY):
        if kind in kinds:
            found |= _written_games(warehouse, kind, first, last)
    return found


def _written_games(warehouse: Warehouse, kind: str, first: date, last: date) -> dict[str, datetime]:
    source = _TABLES[TABLE_OF_KIND[kind]]
    question = Reduction(source=source, columns=("nba_game_id", "processed_at"), sql=_SQL, result=_WRITTEN)
    games = warehouse.reduce(question, first, last).dropna()
    labels = season_year_of_game_id(games["nba_game_id"]).map(lambda year: season_label(int(year)))
    last_part = games["nba_game_id"] if kind in (BOX_SCORE, PLAY_BY_PLAY) else game_types(games["nba_game_id"])
    keys = labels.astype("string") + f"/{kind}/" + last_part.astype("string")
    latest = games["written_at"].groupby(keys).max()
    return {str(key): pd.Timestamp(moment).to_pydatetime() for key, moment in latest.items()}
