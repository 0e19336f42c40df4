"""Column groups that several analytics tables carry: source tracking, quality, times of writing."""

from analytics_assets.tables.declaration import (
    Column,
    count,
    flag,
    integer,
    json_text,
    number,
    string,
    strings,
    timestamp,
)

QUALITY_TIERS = ("gold", "silver", "bronze", "poor", "unusable")


def source_tracking(prefix: str, raw_table: str, about: str = "for the date") -> tuple[Column, ...]:
    """The four columns that say what one raw table held for the row's date when the row was built.

    Args:
        prefix: Column prefix, such as ``source_nbac``.
        raw_table: Raw table the columns speak of.
        about: Which of its rows, in words that follow the table's name.
    """
    null_rule = "The raw table was not checked."
    return (
        timestamp(
            f"{prefix}_last_updated",
            f"Latest write to the rows of {raw_table} {about}.",
            source=raw_table,
            null_rule=null_rule,
        ),
        count(f"{prefix}_rows_found", f"Rows of {raw_table} {about}.", source=raw_table, null_rule=null_rule),
        number(
            f"{prefix}_completeness_pct",
            f"Share of the expected games and teams that the rows of {raw_table} {about} hold.",
            unit="percent",
            minimum=0,
            maximum=100,
            source=raw_table,
            null_rule=null_rule,
        ),
        string(
            f"{prefix}_hash",
            f"Digest over the rows of {raw_table} {about}; changes when any of them changes.",
            source=raw_table,
            null_rule=null_rule,
        ),
    )


GAME_STATE_COLUMNS = (
    flag(
        "is_partial_game_data",
        "Whether the schedule did not call the game final when the row was built.",
        required=True,
    ),
    number(
        "game_completeness_pct",
        "Share of the game's box score counts that are known, both teams together.",
        unit="percent",
        minimum=0,
        maximum=100,
        required=True,
    ),
    string(
        "game_status_at_processing",
        "Schedule status when the row was built.",
        required=True,
        allowed=("scheduled", "in_progress", "final"),
        source="nbac_schedule",
    ),
)


def quality_columns() -> tuple[Column, ...]:
    """The nine quality columns of every analytics table, and the older ones derived from them."""
    return (
        string("quality_tier", "Tier of the quality score.", required=True, allowed=QUALITY_TIERS),
        number("quality_score", "Quality of the row, 100 is best.", required=True, minimum=0, maximum=100),
        strings("quality_issues", "What is missing or unusual, as code or code:detail.", required=True),
        strings("data_sources", "Raw tables that contributed to the row.", required=True),
        integer("quality_sample_size", "Games in the sample.", null_rule="The table looks at a single game."),
        flag("quality_used_fallback", "Whether a source other than the first choice was used.", required=True),
        flag("quality_reconstructed", "Whether values were rebuilt from finer rows.", required=True),
        timestamp("quality_calculated_at", "When quality was judged.", required=True),
        json_text(
            "quality_metadata",
            "How the row's numbers came about, name to text.",
            null_rule="There is nothing more to say.",
        ),
        string(
            "data_quality_tier",
            "Older scale of the quality tier: gold is high, silver medium, the rest low.",
            required=True,
            allowed=("high", "medium", "low"),
        ),
        string("primary_source_used", "Raw table that the row's own box numbers come from.", required=True),
        flag("processed_with_issues", "Whether an issue concerns the row's own numbers.", required=True),
    )


def written_columns() -> tuple[Column, ...]:
    """When the row was first and last written."""
    return (
        timestamp("created_at", "When the row was first written.", required=True),
        timestamp("processed_at", "When the row was last written.", required=True),
    )
