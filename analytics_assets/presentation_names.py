"""How ``raw unresolved`` and ``player registry build`` show names, suggestions and what the registry holds."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics_assets import presentation
from analytics_assets.league.seasons import season_label

if TYPE_CHECKING:
    from analytics_assets.raw.build_registry import RegistryReport


def unresolved(rows: pd.DataFrame) -> None:
    """Unresolved names with suggestions, then the lines to add to an aliases file."""
    if rows.empty:
        presentation.console().print("every name in the raw tables is one of the player registry, or an alias of one")
        return
    headers = ("season", "raw table", "name", "lookup", "teams", "rows", "dates", "may be", "because")
    presentation.plain_table(headers, [_row(row) for row in rows.to_dict("records")])
    lines = rows.loc[rows["alias_line"] != "", "alias_line"].drop_duplicates()
    console = presentation.console()
    if len(lines):
        console.print(
            "after a look at each, add the right ones to a CSV file and name it in NBA_PLAYER_ALIASES; an alias that "
            "makes two players of a season one is refused"
        )
        for line in ("alias,canonical,from_season,until_season,note", *lines):
            console.print(presentation.plain(line), highlight=False)


def unresolved_document(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The same for programs; dates as YYYY-MM-DD."""
    return [
        {
            "source_table": row["source_table"],
            "season": season_label(int(row["season_year"])),
            "player_lookup": row["player_lookup"],
            "player_name": None if pd.isna(row["player_name"]) else row["player_name"],
            "teams": list(row["teams"]),
            "first_date": str(row["first_date"].date()),
            "last_date": str(row["last_date"].date()),
            "rows": int(row["row_count"]),
            "suggestions": list(row["suggestions"]),
            "reason": row["reason"],
            "alias_line": row["alias_line"] or None,
        }
        for row in rows.to_dict("records")
    ]


def registry(report: "RegistryReport") -> None:
    """Rows written, what the registry holds per season, and who has several names."""
    counts = report.counts
    console = presentation.console()
    console.print(
        f"player_registry: {counts.added:,} rows added, {counts.changed:,} changed, {counts.unchanged:,} unchanged"
    )
    rows = [
        (
            season_label(int(row["season_year"])),
            *(f"{int(row[name]):,}" for name in ("names", "players", "birth_dates")),
        )
        for row in report.seasons.to_dict("records")
    ]
    presentation.plain_table(("season", "names", "players by id", "with date of birth"), rows)
    for row in report.several_names.to_dict("records"):
        console.print(presentation.plain(f"id {row['nba_player_id']}: {', '.join(row['names'])}"), highlight=False)
    for file in report.files:
        for reason, rejected in file.rejected.groupby("reason"):
            first = rejected.iloc[0]
            text = f"{file.path.name}: {len(rejected)} players rejected ({reason}), first row {first.row_number}"
            console.print(f"[yellow]{presentation.plain(f'{text}: {first.detail}')}[/yellow]")


def registry_document(report: "RegistryReport") -> dict[str, Any]:
    """The same for programs."""
    counts = report.counts
    return {
        "added": counts.added,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "seasons": [{name: int(value) for name, value in row.items()} for row in report.seasons.to_dict("records")],
        "several_names": [
            {"nba_player_id": int(row["nba_player_id"]), "names": row["names"]}
            for row in report.several_names.to_dict("records")
        ],
        "rejected": sum(len(file.rejected) for file in report.files),
    }


def _row(row: dict[Hashable, Any]) -> tuple[str, ...]:
    first, last = row["first_date"].date(), row["last_date"].date()
    return (
        season_label(int(row["season_year"])),
        row["source_table"],
        "" if pd.isna(row["player_name"]) else str(row["player_name"]),
        row["player_lookup"],
        " ".join(row["teams"]),
        f"{row['row_count']:,}",
        f"{first}" if first == last else f"{first} to {last}",
        ", ".join(row["suggestions"]),
        row["reason"],
    )
