"""Declarations of what we record about producing tables: outcomes of dates, waivers, and quarantined rows."""

from enum import StrEnum

from analytics_assets.tables.declaration import (
    Table,
    columns,
    count,
    date_column,
    flag,
    json_text,
    number,
    string,
    strings,
    timestamp,
)


class Outcome(StrEnum):
    """What became of one table and date; exactly one of these."""

    BUILT = "built"
    OFF_DAY = "off_day"
    OFF_SEASON = "off_season"
    NOT_DUE = "not_due"
    NO_SCHEDULE = "no_schedule"
    NO_RAW_DATA = "no_raw_data"
    PARTIAL_RAW_DATA = "partial_raw_data"
    STALE_RAW_DATA = "stale_raw_data"
    TOO_OLD = "too_old"
    INVALID = "invalid"
    ERROR = "error"


DONE_OUTCOMES = frozenset({Outcome.BUILT, Outcome.OFF_DAY, Outcome.OFF_SEASON})
# Outcomes that an import brought carry this, and a digest of its manifest, in place of a run.
IMPORT_RUN_PREFIX = "import-"

DATE_OUTCOMES = Table(
    dataset="nba_ops",
    name="date_outcomes",
    grain="One row per attempt to produce one table and date.",
    description="Every attempt with its outcome and reason; the latest done one, else the latest, is the date's state.",
    key=("table_name", "game_date", "run_id", "recorded_at"),
    cluster_by=("table_name",),
    columns=columns(
        string("table_name", "Output table without its dataset.", required=True),
        date_column("game_date", "US-Eastern game date.", required=True),
        string("outcome", "What became of the date.", required=True, allowed=tuple(o.value for o in Outcome)),
        string("reason", "Why, in words for a reader.", null_rule="Built without anything to say."),
        string("run_mode", "Mode of the run.", required=True, allowed=("live", "backfill")),
        string("run_id", "Dagster run that made the attempt, or the import that brought it.", required=True),
        count("expected_games", "Games the schedule says count on the date.", null_rule="No schedule."),
        count("actual_games", "Games with rows after the attempt."),
        count("expected_rows", "Rows the chosen sources list for the expected games.", null_rule="Nothing was read."),
        count("actual_rows", "Rows of the table for the date after the attempt."),
        count("quarantined_rows", "Raw rows that broke a rule."),
        strings("sources", "Raw tables used, first the one that gave most rows.", required=True),
        strings("warnings", "What a reader should know although the date was done.", required=True),
        number("quality_share", "Share of rows in tier gold or silver.", minimum=0, maximum=1, null_rule="No rows."),
        number("seconds", "The date's share of the time its slice took.", unit="seconds", minimum=0),
        string("code_version", "Code version of the table's declaration."),
        string(
            "input_fingerprint",
            "Digest over every stored row that could matter to the date: raw rows, schedule, earlier summaries.",
            null_rule="Nothing was built, or a source could not be read.",
        ),
        timestamp("recorded_at", "When the attempt was recorded.", required=True),
    ),
)

WAIVERS = Table(
    dataset="nba_ops",
    name="waivers",
    grain="One row per table and block of dates that somebody accepted as a permanent gap, or took back.",
    description="Accepted gaps: they stay visible, are counted apart and no longer count as missing. Rows are only "
    "added; of several that name a date the latest holds.",
    key=("table_name", "first_date", "last_date", "created_at"),
    date_column=None,
    columns=columns(
        string("table_name", "Output table without its dataset.", required=True),
        date_column("first_date", "First waived game date.", required=True),
        date_column("last_date", "Last waived game date, included.", required=True),
        string("author", "Who accepted the gap.", required=True),
        string("reason", "Why it is accepted.", required=True),
        timestamp("created_at", "When it was accepted or taken back.", required=True),
        flag("taken_back", "Whether the row takes an earlier waiver of the dates back."),
    ),
)

QUARANTINE_RELEASES = Table(
    dataset="nba_ops",
    name="quarantine_releases",
    grain="One row per quarantined row that somebody released, or took back.",
    description="Quarantined rows that need no attention any more: they stay out of the tables, and no longer count as "
    "open. Rows are only added; of several about one quarantined row the latest holds.",
    key=("row_id", "created_at"),
    date_column=None,
    columns=columns(
        string("row_id", "Digits over source, rule and values of the quarantined row.", required=True),
        string("author", "Who released it.", required=True),
        string("explanation", "Why it needs no attention.", required=True),
        timestamp("created_at", "When it was released or taken back.", required=True),
        flag("taken_back", "Whether the row takes an earlier release back."),
    ),
)

QUARANTINED_ROWS = Table(
    dataset="nba_analytics",
    name="quarantined_rows",
    grain="One row per row that was refused for a table and date, or from a loaded file.",
    description="Rows that broke a rule, with the reason and the values as they came.",
    key=("table_name", "game_date", "source_table", "row_number"),
    cluster_by=("table_name", "source_table"),
    columns=columns(
        string("table_name", "Output table that refused the row; raw_load for rows of a loaded file.", required=True),
        date_column("game_date", "US-Eastern game date of the raw row.", null_rule="The row of a loaded file."),
        string("source_table", "Raw table, or name of the file, that the row came from.", required=True),
        count("row_number", "Number of the refused row within table, date and source, or in the file.", required=True),
        string("game_id", "Game as the raw row names it."),
        string("player_lookup", "Player as the raw row names him."),
        string("reason", "Code of the broken rule.", required=True),
        string("detail", "What was found and what to do next.", required=True),
        json_text("raw_values", "The raw row.", required=True),
        string("run_id", "Run that refused the row.", required=True),
        timestamp("quarantined_at", "When the row was refused.", required=True),
    ),
)
