"""The commands ``nba-analytics player ...`` and ``nba-analytics raw unresolved``: who players are."""

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from analytics_assets import presentation_names
from analytics_assets.cli_arguments import DONE, NOT_DONE, JsonOption, now, usage_error
from analytics_assets.warehouse import open_warehouse

player_app = typer.Typer(no_args_is_help=True, help="Who players are.")
registry_app = typer.Typer(no_args_is_help=True, help="One identity per player over all sources and seasons.")
player_app.add_typer(registry_app, name="registry")


@registry_app.command("build")
def registry_build(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="NBA.com's lists of players: answers of commonallplayers or commonplayerinfo."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fill the player registry from the stored box scores and from lists of players; twice changes nothing."""
    from analytics_assets.raw.build_registry import build_registry

    report = build_registry(open_warehouse(), paths or [], now=now())
    if as_json:
        typer.echo(json.dumps(presentation_names.registry_document(report), indent=2))
    else:
        presentation_names.registry(report)
    raise typer.Exit(NOT_DONE if any(len(file.rejected) for file in report.files) else DONE)


def raw_unresolved(
    season: Annotated[str | None, typer.Option(help="One season, such as 2023-24; all by default.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List names in box scores, props, injury reports and rosters that the player registry does not know."""
    from analytics_assets.raw.declarations import PLAYER_REGISTRY
    from analytics_assets.raw.player_aliases import player_aliases
    from analytics_assets.raw.source_names import read_source_names
    from analytics_assets.raw.unresolved_names import unresolved_names

    year = _stated_season(season) if season is not None else None
    warehouse = open_warehouse()
    registry = warehouse.read(PLAYER_REGISTRY, ["player_lookup", "season_year", "nba_player_id", "player_name"])
    names = read_source_names(warehouse)
    if year is not None:
        registry, names = registry[registry["season_year"] == year], names[names["season_year"] == year]
    rows = unresolved_names(names, registry, player_aliases())
    if as_json:
        typer.echo(json.dumps(presentation_names.unresolved_document(rows), indent=2))
    else:
        presentation_names.unresolved(rows)
    raise typer.Exit(NOT_DONE if len(rows) else DONE)


def _stated_season(text: str) -> int:
    found = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", text.strip())
    if not found or (found[2] and (int(found[1]) + 1) % 100 != int(found[2])):
        usage_error(f"{text!r} is no season; write it as 2023-24")
    return int(found[1])
