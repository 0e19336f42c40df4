"""What a context row rests on: which earlier games have rows, and a fingerprint over the rows that were looked at."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analytics_assets.stats.prior_games import PriorGames
from analytics_assets.tables.frames import row_digests

READY_SHARE = 0.9
_TEAM_DATE = ["season_year", "team_abbr", "game_date"]
_TEAM_GAME = ["game_id", "team_abbr"]


def history_completeness(
    targets: pd.DataFrame, team_games: pd.DataFrame, present: pd.DataFrame, windows: Mapping[str, tuple[str, int]]
) -> pd.DataFrame:
    """Expected against found earlier games of each target's team.

    A game is expected once the schedule calls it final; unknown is never taken for complete. Both sides of the
    comparison have the same window, strictly before the date.

    Args:
        targets: ``season_year``, ``game_date``, ``team_abbr``.
        team_games: As from ``stats.team_schedule.team_schedule``.
        present: ``game_id`` and ``team_abbr`` of the games that have rows.
        windows: Prefix to ``("games", n)`` for the last n expected games or ``("days", n)`` for the n days before.

    Returns:
        On the targets' index: ``expected_games_count``, ``actual_games_count``, ``missing_games_count``,
        ``completeness_percentage`` (NULL if none was expected); per window ``{prefix}_completeness_pct`` and
        ``{prefix}_is_complete`` (at least 90 percent; NULL if none was expected); ``all_windows_complete`` and
        ``is_production_ready`` (no window, nor the season so far, is below 90 percent); ``is_bootstrap`` (games before
        the first date of the season that has rows are missing).
    """
    expected = team_games.loc[team_games["final"].astype(bool), ["game_id", *_TEAM_DATE]]
    expected = expected.merge(present.drop_duplicates().assign(found=True), on=["game_id", "team_abbr"], how="left")
    expected["found"] = expected["found"].notna()
    stored_from = expected[expected["found"]].groupby("season_year")["game_date"].min()
    before_first = expected["game_date"] < expected["season_year"].map(stored_from)
    prior = PriorGames(expected, targets, ["team_abbr"])
    season = prior.season()
    total, found = season.games, season.count(expected["found"])
    columns = {
        "expected_games_count": total,
        "actual_games_count": found,
        "missing_games_count": total - found,
        "completeness_percentage": _percent(found, total),
        "is_bootstrap": season.count(before_first.fillna(False) | expected["season_year"].map(stored_from).isna()) > 0,
    }
    shares = [columns["completeness_percentage"]]
    for prefix, (kind, size) in windows.items():
        window = prior.last(size) if kind == "games" else prior.days(size)
        share = _percent(window.count(expected["found"]), window.games)
        shares.append(share)
        columns[f"{prefix}_completeness_pct"] = share
        columns[f"{prefix}_is_complete"] = (share >= 100 * READY_SHARE).astype("boolean").where(share.notna())
    complete = pd.concat([(share >= 100 * READY_SHARE) | share.isna() for share in shares], axis=1)
    columns["all_windows_complete"] = complete.iloc[:, 1:].all(axis=1)
    columns["is_production_ready"] = complete.all(axis=1)
    return pd.DataFrame(columns, index=targets.index)


def _percent(part: pd.Series, whole: pd.Series) -> pd.Series:
    whole = whole.astype("float64")
    return 100 * part.astype("float64") / whole.where(whole > 0)


def absence_digests(targets: pd.DataFrame, statuses: pd.DataFrame, history: pd.DataFrame) -> pd.Series:
    """A number over what the report says of each target's team, and who those players are.

    Args:
        targets: ``game_id``, ``season_year``, ``game_date``, ``team_abbr``.
        statuses: ``InjuryReports.statuses``.
        history: As for :func:`digests_before`, with ``player_lookup``.

    Returns:
        Unsigned 64-bit words on the targets' index, over the report's entries of the team's players and every earlier
        row of the season of those players, for any team; 0 where it names none.
    """
    dated = statuses.merge(targets[[*_TEAM_GAME, "season_year", "game_date"]].drop_duplicates(), on=_TEAM_GAME)
    named = row_digests(dated, list(statuses.columns))
    words = digests_before(dated, history, ["player_lookup"]) + pd.util.hash_array(named.to_numpy(dtype=object))
    of_team = words.groupby([dated[name].astype("object") for name in _TEAM_GAME]).sum()
    asked = pd.MultiIndex.from_frame(targets[_TEAM_GAME].astype("object"))
    return of_team.reindex(asked, fill_value=0).set_axis(targets.index).astype("uint64")


def digests_before(targets: pd.DataFrame, history: pd.DataFrame, entity: list[str]) -> pd.Series:
    """A number over the digests of all rows of each target's season and entity strictly before its date.

    Sums of 64-bit words wrap and are exact, so a running total may be differenced: unlike sums of measured values, a
    result depends on nothing but its own rows, whatever their order.

    Args:
        targets: ``season_year``, ``game_date`` and the entity columns.
        history: The same columns and ``data_hash``.
        entity: Columns that say whose rows.

    Returns:
        Unsigned 64-bit words on the targets' index; 0 without rows.
    """
    key = ["season_year", *entity]
    both = pd.concat([history[[*key, "game_date"]], targets[[*key, "game_date"]]], ignore_index=True)
    owner = both.groupby(key, sort=False, dropna=False).ngroup().to_numpy(dtype="int64")
    day = both["game_date"].to_numpy(dtype="datetime64[D]").astype("int64")
    place = (owner << 32) + day
    count = len(history)
    words = pd.util.hash_array(history["data_hash"].fillna("").to_numpy(dtype=object))
    order = np.argsort(place[:count], kind="stable")
    places, totals = place[:count][order], np.concatenate([np.zeros(1, "uint64"), np.cumsum(words[order])])
    until = np.searchsorted(places, place[count:], side="left")
    since = np.searchsorted(places, owner[count:] << 32, side="left")
    return pd.Series(totals[np.maximum(until, since)] - totals[since], index=targets.index, dtype="uint64")
