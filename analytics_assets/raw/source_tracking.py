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
    """The four tracking columns of a table that a game's rows look back on: what it held of both teams' seasons before.

    Args:
        prefix: Column prefix, such as ``source_boxscore``.
        history: ``season_year``, ``game_date``, ``game_id``, ``team_abbr``, ``processed_at``, ``data_hash``.
        expected: ``season_year``, ``game_date``, ``game_id``, ``team_abbr`` of every final game of the season, and of
            the games to track with ``is_target``.

    Returns:
        Per ``game_id`` of the targets: latest write, rows, share of the earlier final games of both teams that have
        rows, and a digest of all rows of both teams, strictly before the date.
    """
    of_team = ["season_year", "team_abbr"]
    targets = expected.loc[expected["is_target"], [*of_team, "game_date", "game_id"]].reset_index(drop=True)
    final = expected.loc[~expected["is_target"], [*of_team, "game_date", "game_id"]]
    by_game = history.groupby([*of_team, "game_date", "game_id"], as_index=False).agg(
        rows=("data_hash", "size"), written=("processed_at", "max")
    )
    held = _before(targets, by_game).groupby("game_id_of_target")
    told = by_game[["game_id", "team_abbr"]].assign(found=True)
    known = _before(targets, final.merge(told, on=["game_id", "team_abbr"], how="left"))
    share = known["found"].notna().groupby(known["game_id_of_target"]).mean() * 100
    # Sums of 64-bit words wrap, so the teams' words may be added up.
    words = digests_before(targets, history, ["team_abbr"]).groupby(targets["game_id"].astype("object")).sum()
    games = pd.Index(words.index, name="game_id")
    columns = {
        f"{prefix}_last_updated": held["written"].max().reindex(games),
        f"{prefix}_rows_found": held["rows"].sum().reindex(games).fillna(0).astype("Int64"),
        f"{prefix}_completeness_pct": share.reindex(games),
        f"{prefix}_hash": words.map(lambda word: f"{int(word):016x}").astype("string"),
    }
    return pd.DataFrame(columns, index=games).reset_index().astype({"game_id": "string"})


def _before(targets: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    """The games of each target's team and season strictly before its date, with ``game_id_of_target``."""
    both = targets.merge(games, on=["season_year", "team_abbr"], suffixes=("_of_target", ""))
    return both[both["game_date"] < both["game_date_of_target"]]


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
