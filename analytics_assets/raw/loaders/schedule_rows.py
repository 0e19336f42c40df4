"""Results tables and NBA.com's ``scheduleLeagueV2`` to rows of the raw schedule."""

from datetime import datetime

import pandas as pd

from analytics_assets.league.games import COUNTED_GAME_TYPES, game_types, season_year_of_game_id
from analytics_assets.league.teams import canonical_tricodes
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.declarations.schedule import FINAL, IN_PROGRESS, SCHEDULED, TEAM_NOT_KNOWN_YET
from analytics_assets.raw.loaders.files import ScheduleGames
from analytics_assets.raw.loaders.rows import (
    RejectReason,
    RowLedger,
    check_dates,
    check_game_ids,
    check_team_names,
    check_whole_numbers,
    eastern_date,
    moments,
    texts,
    whole_numbers,
)
from analytics_assets.tables.frames import conform

RESULT_COLUMNS = ("GAME_ID", "GAME_DATE", "HOMETEAMNAME", "AWAYTEAMNAME", "HOMESCORE", "AWAYSCORE", "SEASON_TYPE")
RESULTS_SOURCE, SCHEDULE_SOURCE = "nba_com_results", "nba_com_schedule"

_SIDES = ("home", "away")
_SAME_TEAM = "names one team as both home and away; correct one of them"
_SAME_GAME = "the same game stands further down again and that row is kept; remove one if they differ"


def result_frames(results: pd.DataFrame, ledger: RowLedger, now: datetime) -> dict[str, pd.DataFrame]:
    """Raw schedule rows of a table of results.

    Args:
        results: Cells under upper-case names: at least ``RESULT_COLUMNS``. Teams are full names.
        ledger: Takes the rejected rows.
        now: Moment of loading, with a time zone.

    Returns:
        One frame under its raw table name, ``nbac_schedule``. Without both scores a game is not final.
    """
    games = pd.DataFrame(index=results.index)
    games["game_id"] = check_game_ids(ledger, results["GAME_ID"])
    games["game_date"] = check_dates(ledger, results["GAME_DATE"], latest=eastern_date(now))
    for side in _SIDES:
        games[f"{side}_team_tricode"] = check_team_names(ledger, results[f"{side.upper()}TEAMNAME"])
        games[f"{side}_team_score"] = check_whole_numbers(ledger, results[f"{side.upper()}SCORE"])
    _reject_one_team_twice(ledger, games, results["HOMETEAMNAME"])
    final = games["home_team_score"].notna() & games["away_team_score"].notna()
    games["game_status"] = pd.Series(SCHEDULED, index=games.index).mask(final, FINAL)
    _blank_scores(games, ~final)
    return _schedule_frame(games, ledger, results["GAME_ID"], RESULTS_SOURCE, now)


def schedule_frames(schedule: ScheduleGames, ledger: RowLedger, now: datetime) -> dict[str, pd.DataFrame]:
    """Raw schedule rows of a ``scheduleLeagueV2`` answer.

    Args:
        schedule: The answer's games.
        ledger: Takes the rejected games, also those whose teams are not known yet.
        now: Moment of loading, with a time zone.

    Returns:
        One frame under its raw table name, ``nbac_schedule``. Sides of pre-season and All-Star games that are no
        NBA team keep their code as given. Scores stand only on final games; a tip-off not fixed yet is NULL.
    """
    cells = _schedule_cells(schedule)
    games = pd.DataFrame(index=cells.index)
    games["game_id"] = check_game_ids(ledger, cells["gameId"])
    games["game_date"] = check_dates(ledger, cells["gameDateEst"])
    kinds = game_types(games["game_id"])
    for side in _SIDES:
        games[f"{side}_team_tricode"] = _tricodes_of_schedule(ledger, cells, side, kinds)
    _reject_one_team_twice(ledger, games, cells["homeTeam.teamTricode"])
    games["game_status"], _ = whole_numbers(cells["gameStatus"])
    ledger.reject(
        ~games["game_status"].isin([SCHEDULED, IN_PROGRESS, FINAL]),
        RejectReason.NOT_A_NUMBER,
        cells["gameStatus"],
        "must be 1 (scheduled), 2 (in progress) or 3 (final); fetch the schedule again",
    )
    final = (games["game_status"] == FINAL).fillna(False)
    for side in _SIDES:
        scores = cells[f"{side}Team.score"].where(final)
        games[f"{side}_team_score"] = check_whole_numbers(ledger, scores)
    _add_postponements(games, cells)
    games["tipoff_at"] = _tipoffs(ledger, cells)
    games["arena_name"] = texts(cells["arenaName"])
    games["arena_city"] = texts(cells["arenaCity"])
    games["neutral_site_flag"] = cells["isNeutral"].map(_yes_or_no).astype("boolean")
    games["is_primetime"] = _primetime(cells["broadcasters"])
    return _schedule_frame(games, ledger, cells["gameId"], SCHEDULE_SOURCE, now)


def _schedule_cells(schedule: ScheduleGames) -> pd.DataFrame:
    """The fields we read, one row a game; whatever is absent or broken is NULL."""
    plain = ("gameId", "gameDateEst", "gameStatus", "gameStatusText", "gameDateTimeUTC", "arenaName", "arenaCity")
    names = (*plain, "isNeutral", "broadcasters")
    fields = [game if isinstance(game, dict) else {} for game in schedule.games]
    data: dict[str, list[object]] = {name: [game.get(name) for game in fields] for name in names}
    # The group's date stands in only where the game itself has none.
    data["gameDateEst"] = [own or group for own, group in zip(data["gameDateEst"], schedule.dates, strict=True)]
    for side in ("homeTeam", "awayTeam"):
        teams = [game.get(side) for game in fields]
        for name in ("teamTricode", "teamId", "score"):
            data[f"{side}.{name}"] = [team.get(name) if isinstance(team, dict) else None for team in teams]
    return pd.DataFrame(data, dtype=object)


def _tricodes_of_schedule(ledger: RowLedger, cells: pd.DataFrame, side: str, kinds: pd.Series) -> pd.Series:
    codes, ids = cells[f"{side}Team.teamTricode"], cells[f"{side}Team.teamId"]
    written, team_ids = texts(codes), texts(ids)
    # The game stays in the schedule under a placeholder: left out, its date would look like a proved off-day.
    open_side = (written.isna() | (team_ids == "0")).fillna(False)
    written = written.mask(open_side, TEAM_NOT_KNOWN_YET)
    canonical = canonical_tricodes(written)
    counted = kinds.isin([str(kind) for kind in COUNTED_GAME_TYPES])
    ledger.reject(
        canonical.isna() & counted & ~open_side,
        RejectReason.UNKNOWN_TRICODE,
        codes,
        "no team has this code; correct it, or add it to the variants in league/teams.py if it is a new spelling",
    )
    return canonical.fillna(written)


def _reject_one_team_twice(ledger: RowLedger, games: pd.DataFrame, cells: pd.Series) -> None:
    home = games["home_team_tricode"]
    twice = (home == games["away_team_tricode"]) & (home != TEAM_NOT_KNOWN_YET)
    ledger.reject(twice, RejectReason.MALFORMED_MATCHUP, cells, _SAME_TEAM)


def _blank_scores(games: pd.DataFrame, rows: pd.Series) -> None:
    for side in _SIDES:
        games[f"{side}_team_score"] = games[f"{side}_team_score"].mask(rows)


def _add_postponements(games: pd.DataFrame, cells: pd.DataFrame) -> None:
    """Add the postponed status; a game called off is not final, whatever its status number says."""
    text = texts(cells["gameStatusText"]).str.lower()
    cancelled = text.str.contains(r"\bcancell?ed\b", regex=True).fillna(False)
    # Only the status text is trusted: what the feed's postponed flag means has changed between seasons.
    postponed = text.str.contains(r"\bppd\b|\bpostponed\b", regex=True).fillna(False)
    # The text stays on some games after they were made up: a final score above zero proves that one was played.
    total = games["home_team_score"].fillna(0) + games["away_team_score"].fillna(0)
    played = (games["game_status"] == FINAL).fillna(False) & (total > 0)
    off = (postponed | cancelled) & ~played
    status = (
        pd.Series(pd.NA, index=games.index, dtype="string").mask(postponed, "postponed").mask(cancelled, "cancelled")
    )
    games["postponed_status"] = status.where(off)
    games["game_status"] = games["game_status"].mask(off, SCHEDULED)
    _blank_scores(games, off)


def _tipoffs(ledger: RowLedger, cells: pd.DataFrame) -> pd.Series:
    """Tip-off in UTC; NULL where the time is to be determined, which NBA.com writes as midnight Eastern."""
    tipoffs = moments(cells["gameDateTimeUTC"])
    ledger.reject(
        texts(cells["gameDateTimeUTC"]).notna() & tipoffs.isna(),
        RejectReason.MALFORMED_DATE,
        cells["gameDateTimeUTC"],
        "not a moment such as 2023-10-05T16:00:00Z; fetch the schedule again",
    )
    eastern = tipoffs.dt.tz_convert("America/New_York")
    open_time = texts(cells["gameStatusText"]).str.upper().str.startswith("TBD").fillna(False).astype(bool)
    return tipoffs.mask(open_time | (eastern == eastern.dt.normalize()))


def _yes_or_no(cell: object) -> bool | None:
    return cell if isinstance(cell, bool) else None


def _primetime(broadcasters: pd.Series) -> pd.Series:
    """Whether national television shows the game; NULL where the source does not say.

    Schedules published before broadcasters are chosen list none for any game. Such a file does not say that no game
    is on national television, so all its games are NULL.
    """
    listed = broadcasters.map(_national_television).astype("boolean")
    return listed if listed.any() else listed.mask(listed.notna())


def _national_television(listed: object) -> bool | None:
    if not isinstance(listed, dict):
        return None
    # Earlier seasons of the feed use the second name.
    for name in ("nationalTvBroadcasters", "nationalBroadcasters"):
        if isinstance(listed.get(name), list):
            return bool(listed[name])
    return None


def _schedule_frame(
    games: pd.DataFrame, ledger: RowLedger, cells: pd.Series, source: str, now: datetime
) -> dict[str, pd.DataFrame]:
    ledger.reject_repeated(games[["game_id"]], cells, _SAME_GAME)
    kept = games[ledger.kept].reset_index(drop=True)
    kept["season_year"] = season_year_of_game_id(kept["game_id"])
    kept["covered_game_types"] = _covered_game_types(kept)
    kept["data_source"] = source
    kept["processed_at"] = now
    return {NBAC_SCHEDULE.name: conform(kept, NBAC_SCHEDULE)}


def _covered_game_types(games: pd.DataFrame) -> pd.Series:
    """For each game, the sorted game types of its season that the file holds.

    Only games that made it into the frame count: a type whose games were all rejected must not prove off-days.
    """
    kinds = game_types(games["game_id"])
    by_season = {season: sorted(set(group)) for season, group in kinds.groupby(games["season_year"])}
    return pd.Series([list(by_season[season]) for season in games["season_year"]], index=games.index, dtype=object)
