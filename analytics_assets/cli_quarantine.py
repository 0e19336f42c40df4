"""The commands ``quarantine list``, ``show`` and ``release``: raw rows that broke a rule, and what became of them."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics_assets import presentation
from analytics_assets.cli_arguments import (
    EndOption,
    JsonOption,
    StartOption,
    TablesOption,
    now,
    stated_date,
    usage_error,
)
from analytics_assets.warehouse import open_warehouse

if TYPE_CHECKING:
    import pandas as pd

    from analytics_assets.coverage.quarantine import Selection

quarantine_app = typer.Typer(no_args_is_help=True, help="Raw rows that broke a rule: list, show, release.")

SourceOption = Annotated[str | None, typer.Option("--source", help="Raw tables or files, with commas.")]
RuleOption = Annotated[str | None, typer.Option("--rule", help="Codes of broken rules, with commas.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids as list tells them, or their beginnings.")]
_ROWS_AT_MOST = 50
_VALUE_AT_MOST = 200
_LOADED_FILES = "raw_load"


@quarantine_app.command("list")
def list_rows(
    start: StartOption = None,
    end: EndOption = None,
    tables: TablesOption = None,
    source: SourceOption = None,
    rule: RuleOption = None,
    every: Annotated[bool, typer.Option("--all", help="Also released and harmless rows.")] = False,
    rows: Annotated[bool, typer.Option("--rows", help="One line a row instead of counts.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Quarantined rows that are open, counted by source and rule."""
    from analytics_assets.coverage import quarantine

    found = quarantine.quarantine(open_warehouse(), _selection(None, start, end, tables, source, rule))
    states = found["state"].value_counts()
    shown = found if every else found[found["state"] == quarantine.OPEN]
    if as_json:
        typer.echo(json.dumps([_document(row) for _, row in shown.iterrows()], indent=2))
        return
    if rows:
        _print_rows(shown)
    else:
        _print_counts(quarantine.counts(shown))
    told = ", ".join(f"{int(states.get(state, 0))} {state}" for state in quarantine.STATES)
    presentation.console().print(f"quarantined rows: {told}")


@quarantine_app.command("show")
def show_rows(ids: Ids = None, as_json: JsonOption = False) -> None:
    """Values and details of quarantined rows, and what to do next."""
    from analytics_assets.coverage.quarantine import next_step

    found = _found(ids)
    if as_json:
        typer.echo(json.dumps([{**_document(row), "next": next_step(row)} for _, row in found.iterrows()], indent=2))
        return
    for _, row in found.iterrows():
        document = _document(row)
        values = document.pop("raw_values")
        lines = [f"{name}: {_text(value)}" for name, value in document.items() if value not in (None, [])]
        lines += [f"next: {next_step(row)}", "values as they came:"]
        lines += [f"  {name}: {_text(value)}" for name, value in values.items() if value is not None]
        # Written as it is: what a source sent must not be read as markup of the terminal.
        typer.echo("\n".join(lines) + "\n")


@quarantine_app.command("release")
def release_rows(
    author: Annotated[str, typer.Option(help="Who releases them.")],
    reason: Annotated[str, typer.Option(help="Why they need no attention.")],
    ids: Ids = None,
    start: StartOption = None,
    end: EndOption = None,
    tables: TablesOption = None,
    source: SourceOption = None,
    rule: RuleOption = None,
    take_back: Annotated[bool, typer.Option("--take-back", help="Open released rows again.")] = False,
) -> None:
    """Say that rows may stay out for good: they no longer count as open, and are never let through."""
    from analytics_assets.coverage import quarantine

    selection = _selection(ids, start, end, tables, source, rule)
    if not selection.restricts:
        usage_error("say which rows: ids, or --source, --rule, --tables, --start and --end")
    warehouse = open_warehouse()
    found = quarantine.quarantine(warehouse, selection)
    _refuse_unknown(ids, found)
    chosen = found.loc[found["state"] == (quarantine.RELEASED if take_back else quarantine.OPEN), "id"].tolist()
    try:
        if chosen or not (author.strip() and reason.strip()):
            quarantine.release(warehouse, chosen, author=author, explanation=reason, now=now(), taken_back=take_back)
    except ValueError as error:
        usage_error(str(error))
    done = "opened again" if take_back else "released"
    presentation.console().print(f"{done}: {len(chosen)} rows; {len(found) - len(chosen)} needed nothing")


def _selection(
    ids: list[str] | None, start: str | None, end: str | None, tables: str | None, source: str | None, rule: str | None
) -> "Selection":
    from analytics_assets.coverage.quarantine import Selection
    from analytics_assets.tables.catalogue import ANALYTICS_TABLES

    names, known = _listed(tables), [*(table.name for table in ANALYTICS_TABLES), _LOADED_FILES]
    unknown = [name for name in names if name not in known]
    if unknown:
        usage_error(f"unknown table {', '.join(map(repr, unknown))}; known are {', '.join(known)}")
    first, last = (stated_date(text) if text else None for text in (start, end))
    if first and last and first > last:
        usage_error(f"--start {first} lies after --end {last}")
    return Selection(tuple(ids or ()), names, _listed(source), _listed(rule), first, last)


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _found(ids: list[str] | None) -> "pd.DataFrame":
    from analytics_assets.coverage.quarantine import Selection, quarantine

    if not ids:
        usage_error("say which rows: ids as quarantine list --rows tells them")
    found = quarantine(open_warehouse(), Selection(ids=tuple(ids)))
    _refuse_unknown(ids, found)
    return found


def _refuse_unknown(ids: list[str] | None, found: "pd.DataFrame") -> None:
    unknown = [text for text in ids or [] if not found["id"].str.startswith(text).any()]
    if unknown:
        usage_error(f"no quarantined row has an id that begins with {', '.join(map(repr, unknown))}")


def _document(row: "pd.Series") -> dict[str, Any]:
    """An entry for JSON: texts, lists and NULL only."""
    found: dict[str, Any] = {}
    for name in ("id", "state", "source_table", "game_date", "game_id", "player_lookup", "reason", "detail", "tables"):
        value = row[name]
        found[name] = value if isinstance(value, list) else _plain(value)
    found |= {name: _plain(row[name]) for name in ("quarantined_at", "author", "explanation", "released_at")}
    return {**found, "raw_values": json.loads(row["raw_values"])}


def _plain(value: Any) -> str | None:
    import pandas as pd

    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat() if value.tzinfo else value.date().isoformat()
    return str(value)


def _text(value: Any) -> str:
    """One line of bounded length without control characters, whatever the source sent."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    shown = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
    return shown if len(shown) <= _VALUE_AT_MOST else f"{shown[:_VALUE_AT_MOST]} … ({len(shown)} characters)"


def _print_counts(counts: "pd.DataFrame") -> None:
    rows = [
        [
            *(str(row[name]) for name in ("source_table", "reason", "state", "rows", "dates")),
            *(_plain(row[name]) or "" for name in ("first_date", "last_date", "example")),
        ]
        for row in counts.to_dict("records")
    ]
    if rows:
        presentation.plain_table(["source", "rule", "state", "rows", "dates", "first", "last", "example"], rows)


def _print_rows(found: "pd.DataFrame") -> None:
    rows = [
        [_text(_plain(row[name]) or "") for name in ("id", "state", "game_date", "source_table", "reason", "detail")]
        for row in found.head(_ROWS_AT_MOST).to_dict("records")
    ]
    if rows:
        presentation.plain_table(["id", "state", "date", "source", "rule", "detail"], rows)
    if len(found) > _ROWS_AT_MOST:
        presentation.console().print(f"… and {len(found) - _ROWS_AT_MOST} more; restrict the list or use --json")
