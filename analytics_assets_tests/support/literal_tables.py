"""Literal tables and rows for tests of warehouses: one table with every type, key, digest and version, one plain."""

from datetime import date

import pandas as pd

from analytics_assets.tables.declaration import (
    Table,
    columns,
    count,
    date_column,
    flag,
    integer,
    json_text,
    number,
    string,
    strings,
    timestamp,
)
from analytics_assets.tables.frames import conform
from analytics_assets.warehouse import Warehouse

_ID = (string("game_id", "Game.", required=True), date_column("game_date", "Date.", required=True))
MORE = (
    count("points", "Points."),
    number("rate", "Rate."),
    flag("won", "Won."),
    strings("issues", "Issues."),
    json_text("extra", "Extra."),
    timestamp("seen", "First seen."),
    timestamp("written", "Written."),
    integer("version", "Version."),
    string("digest", "Digest."),
)


def declare(*more, **changes) -> Table:
    """A table with a game, a date and more columns."""
    parts = {"dataset": "d", "name": "t", "grain": "One row per game's result.", "description": "A table."}
    parts |= {"key": ("game_id",), "columns": columns(_ID, more)}
    return Table(**{**parts, **changes})


TABLE = declare(
    *MORE,
    first_seen_columns=("seen",),
    version_column="version",
    hash_column="digest",
    not_content=("written",),
)
PLAIN = declare(string("note", "Note."), name="plain")
HOSTILE_VALUES = ["'; DROP TABLE d.t; --", '"', "`", "\\", "@start", "${x}", "a\nb", "\x00", "'''", "--", "\U0001f3c0"]
HOSTILE_NAMES = ["t`; DROP TABLE d.t; --", 't"; DROP TABLE d.t; --', "a.b", "a b", "", "ä", "1st"]
D1, D2, D3 = date(2024, 1, 10), date(2024, 1, 11), date(2024, 1, 12)


def rows(*given: tuple[str, date, int], written: str = "2024-02-01", digest: str | None = "x") -> pd.DataFrame:
    """Rows of TABLE from games, dates and points."""
    moment = pd.Timestamp(written, tz="UTC")
    return conform(
        pd.DataFrame(
            [
                {"game_id": name, "game_date": day, "points": points, "rate": points / 3, "won": None}
                | {
                    "issues": ["a", "b"],
                    "extra": '{"k":1}',
                    "seen": moment,
                    "written": moment,
                    "version": 1,
                    "digest": digest,
                }
                for name, day, points in given
            ]
        ),
        TABLE,
    )


def stored(warehouse: Warehouse, table: Table = TABLE) -> dict[str, int]:
    """Stored points by game."""
    frame = warehouse.read(table)
    return dict(zip(frame["game_id"], frame["points"], strict=True))
