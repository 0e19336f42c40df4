"""What each raw table held for a date when the date was built: the source-tracking columns."""

import pandas as pd

from analytics_assets.stats.history import digests_before
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import row_digests, set_digests


def source_tracking(
    prefix: str,
    table: Table,
    raw: pd.DataFrame,
    matched: pd.DataFrame,
    expected: pd.DataFrame,
    content: list[str] | None = None,
) -> pd.DataFrame:
    """The four tracking columns of one raw table per date.

    Args:
        prefix: Column prefix, such as ``source_nbac``.
        table: Declaration of the raw table.
        raw: Its rows for the dates.
        matched: ``game_id``, and ``team_abbr`` where rows belong to a team, of the rows that could be attributed.
        expected: ``game_date``, ``game_id`` and ``team_abbr`` that the schedule expects.
        content: Columns that the digest tells; by default the table's content.

    Returns:
        ``game_date`` and ``<prefix>_last_updated``, ``_rows_found``, ``_completeness_pct`` (percent of the expected
        games and teams with at least one row), ``_hash``; zero rows found means checked and empty.
    """
    told = [name for name in ("game_id", "team_abbr") if name in matched.columns]
    present = matched[told].drop_duplicates()
    digests = (
        set_digests(row_digests(raw, content or table.content_columns), raw["game_date"])
        if len(raw)
        else pd.Series(dtype="string")
    )
    grouped = raw.groupby("game_date")
    return _tracked(prefix, grouped["processed_at"].max(), grouped.size(), digests, expected, present)


def reduced_source_tracking(prefix: str, facts: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    """The four tracking columns of a raw table of which only facts per game are known.

    Args:
        prefix: Column prefix, such as ``source_bbd``.
        facts: Per game that could be attributed: ``game_id``, ``game_date``, ``events``, ``digest``, ``processed_at``.
        expected: As for :func:`source_tracking`.
    """
    grouped = facts.groupby("game_date")
    digests = set_digests(facts["digest"], facts["game_date"]) if len(facts) else pd.Series(dtype="string")
    rows = grouped["events"].sum()
    return _tracked(prefix, grouped["processed_at"].max(), rows, digests, expected, facts[["game_id"]])


def history_source_tracking(prefix: str, history: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    """The four tracking columns of a table that rows of a date look back on: what it held of the season before.

    Args:
        prefix: Column prefix, such as ``source_boxscore``.
        history: ``season_year``, ``game_date``, ``game_id``, ``team_abbr``, ``processed_at``, ``data_hash``.
        expected: ``season_year``, ``game_date``, ``game_id``, ``team_abbr`` of every final game of the season, and of
            the dates to track with ``is_target``.

    Returns:
        Per ``game_date`` of the targets: latest write, rows, share of the earlier final games and teams that have
        rows, and a digest of all rows, strictly before the date.
    """
    dates = expected.loc[expected["is_target"], ["season_year", "game_date"]].drop_duplicates(ignore_index=True)
    by_date = history.groupby(["season_year", "game_date"], as_index=False).agg(
        rows=("game_id", "size"), written=("processed_at", "max")
    )
    earlier = dates.merge(by_date, on="season_year", suffixes=("", "_of_history"))
    earlier = earlier[earlier["game_date_of_history"] < earlier["game_date"]].groupby("game_date")
    held = expected[~expected["is_target"]].merge(
        history[["game_id", "team_abbr"]].drop_duplicates(), on=["game_id", "team_abbr"], how="left", indicator="found"
    )
    shares = dates.merge(held, on="season_year", suffixes=("", "_of_history"))
    shares = shares[shares["game_date_of_history"] < shares["game_date"]]
    share = (shares["found"] == "both").groupby(shares["game_date"]).mean() * 100
    words = digests_before(dates, history, [])
    index = pd.Index(dates["game_date"], name="game_date")
    columns = {
        f"{prefix}_last_updated": earlier["written"].max().reindex(index),
        f"{prefix}_rows_found": earlier["rows"].sum().reindex(index).fillna(0).astype("Int64"),
        f"{prefix}_completeness_pct": share.reindex(index),
        f"{prefix}_hash": words.map(lambda word: f"{int(word):016x}").set_axis(index).astype("string"),
    }
    return pd.DataFrame(columns, index=index).reset_index()


def _tracked(
    prefix: str,
    updated: pd.Series,
    rows: pd.Series,
    digests: pd.Series,
    expected: pd.DataFrame,
    present: pd.DataFrame,
) -> pd.DataFrame:
    """``present`` names the expected games, or games and teams, that the source holds."""
    dates = pd.Index(expected["game_date"].unique(), name="game_date")
    held = expected.merge(present, how="left", indicator="found")
    share = (held["found"] == "both").groupby(held["game_date"]).mean() * 100
    columns = {
        f"{prefix}_last_updated": updated.reindex(dates),
        f"{prefix}_rows_found": rows.reindex(dates).fillna(0).astype("Int64"),
        f"{prefix}_completeness_pct": share.reindex(dates),
        f"{prefix}_hash": digests.reindex(dates).astype("string"),
    }
    return pd.DataFrame(columns, index=dates).reset_index()
