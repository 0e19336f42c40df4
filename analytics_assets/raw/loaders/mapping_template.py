"""A mapping file to fill in, generated from the declaration of a raw table."""

from analytics_assets.raw.loaders.conversions import CONVERSIONS, DEFAULT_OF_TYPE, GAME_ID
from analytics_assets.raw.loaders.mapping import filled_by_us, needed_columns
from analytics_assets.tables.declaration import Column, Table

_BLANK = '"…"'


def mapping_template(table: Table) -> str:
    """Text of a mapping file: every column with its meaning, those that must be mapped open, the others as remarks."""
    needed = {column.name for column in needed_columns(table)}
    own = filled_by_us(table) - needed
    lines = [
        f"# Where the columns of {table.full_name} come from. {table.grain}",
        "# Replace every … by the name of a column of your file; take the # away from what your file has besides.",
        '# Ways to fill a column: "source column" · { column = "source column", as = "conversion" } ·',
        '# { date = "…", away = "…", home = "…", as = "game_id" } · { constant = 3 }',
        *_conversion_remarks(),
        "",
        f'table = "{table.name}"',
        "",
        "[columns]",
    ]
    for column in table.columns:
        if column.name in own:
            continue
        lines += ["", *_remarks(column, is_needed=column.name in needed)]
        mapped = f"{column.name} = {_suggestion(table, column)}"
        lines.append(mapped if column.name in needed else f"# {mapped}")
    told = ", ".join(name for name in table.column_names if name in own)
    lines += ["", f"# Filled by loading: {told}."]
    return "\n".join(lines) + "\n"


def _conversion_remarks() -> list[str]:
    return ["# Conversions:", *(f"#   {name}: {one.reads}" for name, one in CONVERSIONS.items())]


def _remarks(column: Column, *, is_needed: bool) -> list[str]:
    facts = [column.type.value]
    facts += [column.unit] if column.unit else []
    facts += [f"at least {column.minimum:g}"] if column.minimum is not None else []
    facts += [f"at most {column.maximum:g}"] if column.maximum is not None else []
    facts += [f"one of {', '.join(column.allowed)}"] if column.allowed else []
    remarks = [f"# {'Needed' if is_needed else 'May be NULL'}: {', '.join(facts)}. {column.description}"]
    return remarks + ([f"# NULL: {column.null_rule}"] if column.null_rule else [])


def _suggestion(table: Table, column: Column) -> str:
    name = column.name
    if name == "game_id" and "nba_game_id" in table.by_name:
        return f'{{ date = {_BLANK}, away = {_BLANK}, home = {_BLANK}, as = "{GAME_ID}" }}'
    conversion = DEFAULT_OF_TYPE[column.type]
    if name in ("game_id", "nba_game_id"):
        conversion = "nba_game_id"
    elif name.endswith(("tricode", "team_abbr")):
        conversion = "tricode"
    elif name.endswith("_lookup"):
        conversion = "player_lookup"
    elif name == "minutes":
        conversion = "minutes"
    elif name == "bookmaker":
        conversion = "lower_case"
    if conversion == DEFAULT_OF_TYPE[column.type]:
        return _BLANK
    return f'{{ column = {_BLANK}, as = "{conversion}" }}'
