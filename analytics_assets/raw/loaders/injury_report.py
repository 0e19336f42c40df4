"""The league's official injury reports, one file an edition or a table of several, to rows of the raw reports."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from analytics_assets.league.games import canonical_game_ids
from analytics_assets.league.seasons import season_years_of_dates
from analytics_assets.league.teams import TEAMS, canonical_tricodes
from analytics_assets.raw.declarations import NBAC_INJURY_REPORT
from analytics_assets.raw.declarations.reports import INJURY_STATUSES
from analytics_assets.raw.loaders.files import UnreadableFileError, read_content
from analytics_assets.raw.loaders.injury_report_layout import HEADINGS, NoReportError, report_text, says_not_submitted
from analytics_assets.raw.loaders.loaded_file import FileKind, LoadedFile
from analytics_assets.raw.loaders.placed_text import placed_pages
from analytics_assets.raw.loaders.rows import (
    RejectReason,
    RowLedger,
    check_dates,
    check_team_names,
    eastern_date,
    texts,
)
from analytics_assets.raw.names import player_lookups
from analytics_assets.tables.frames import conform

REPORT_TIME = "Report Time"
NOT_SUBMITTED = "teams that have not submitted their report"

_EASTERN = ZoneInfo("America/New_York")
_MATCHUP = r"^([A-Za-z]{2,4})\s*@\s*([A-Za-z]{2,4})$"
_SUFFIX = re.compile(r"\s+((?:jr|sr)\.?|ii|iii|iv|v)$", re.IGNORECASE)
_COLUMNS = {re.sub(r"[^a-z]", "", name.lower()): name for name in (*HEADINGS, REPORT_TIME)}
_COLUMNS |= {"reportedat": REPORT_TIME}
_STATED_ZONE = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$"
_EASTERN_LAYOUTS = ("%m/%d/%y %I:%M %p", "%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")
# The league's own file names; where they state only the hour, the edition is of half past.
_FILE_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})_(\d{2})(?:_?(\d{2}))?(AM|PM)", re.IGNORECASE)


def read_injury_report(path: Path, *, now: datetime) -> LoadedFile:
    """Read an injury report into a frame of ``nbac_injury_report``.

    Args:
        path: The report as PDF, as JSON of its placed texts (``pages`` of ``[x, y, text]``), or its rows as Parquet,
            CSV or JSON with the report's headings as columns, in any case; all also gzipped. Rows may leave date,
            matchup and team out where they are those of the row before. The moment of publication stands in the
            title, in a column ``Report Time``, or in the file's name; without a time zone it is US Eastern.
        now: Moment of loading, with a time zone: becomes ``processed_at``.

    Returns:
        The frame, the rejected rows, and how many teams had not submitted their report. Names are turned to first name
        first.

    Raises:
        UnreadableFileError: The file is missing, empty, damaged, or no injury report.
        ValueError: ``now`` has no time zone.
    """
    eastern_date(now)
    written, unclear = _written_rows(path)
    is_open = _is_open(written)
    lines, unclear = written[~is_open].reset_index(drop=True), unclear[~is_open].reset_index(drop=True)
    ledger = RowLedger(len(lines))
    rows = pd.DataFrame(index=lines.index)
    rows["reported_at"] = _check_report_times(lines[REPORT_TIME], ledger, now)
    _add_game(rows, lines, ledger)
    _add_player(rows, lines, ledger)
    rows["injury_status"] = texts(lines["Current Status"]).str.lower()
    ledger.reject(
        ~rows["injury_status"].isin(INJURY_STATUSES),
        RejectReason.UNKNOWN_INJURY_STATUS,
        lines["Current Status"],
        f"must be one of {', '.join(INJURY_STATUSES)}; correct it in the file",
    )
    rows["reason"] = texts(lines["Reason"])
    ledger.reject(
        unclear,
        RejectReason.UNCLEAR_LAYOUT,
        lines["Reason"],
        "its lines do not stand around the player's line, so they may be another player's; load this row from a CSV",
    )
    ledger.reject_repeated(
        rows[["game_id", "player_lookup", "reported_at"]],
        lines["Player Name"],
        "the same player and game stand further down again and that row is kept; remove one if they differ",
    )
    rows["processed_at"] = now
    kept = rows[ledger.kept].drop(columns=["away", "home"]).reset_index(drop=True)
    frames = {NBAC_INJURY_REPORT.name: conform(kept, NBAC_INJURY_REPORT)}
    skipped = {NOT_SUBMITTED: int(is_open.sum())} if is_open.any() else {}
    return LoadedFile(path, FileKind.INJURY_REPORT, frames, ledger.rejected(lines), skipped)


def spoken_names(written: pd.Series) -> pd.Series:
    """``Michael Porter Jr.`` from ``Porter Jr., Michael``; names without a comma stay, NULL stays NULL."""
    turned = {name: _spoken_name(name) for name in texts(written).dropna().unique()}
    return texts(written).map(turned).astype("string")


def _spoken_name(written: str) -> str:
    parts = [part.strip() for part in written.split(",")]
    last, others = parts[0], [part for part in parts[1:] if part]
    if not others:
        return last
    if len(others) == 1 and _SUFFIX.fullmatch(f" {others[0]}"):
        # "Gary Payton, II" is in spoken order already.
        return f"{last} {others[0]}"
    suffix = _SUFFIX.search(last)
    if suffix is None:
        return " ".join([others[0], last, *others[1:]])
    return " ".join([others[0], last[: suffix.start()], *others[1:], suffix.group(1)])


def _written_rows(path: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Rows under the report's headings with date, matchup and team filled in, and whether a reason is unclear."""
    pages = placed_pages(path)
    if pages is not None:
        try:
            report = report_text(pages)
        except NoReportError as error:
            raise UnreadableFileError(
                f"{path}: {error}; fetch the official report again, or load its rows as CSV"
            ) from error
        published = report.published or _moment_of_file_name(path)
        if published is None:
            raise UnreadableFileError(
                f"{path}: no title 'Injury Report: MM/DD/YY HH:MM AM' tells the edition; {_NAMED}"
            )
        return _filled(report.rows.assign(**{REPORT_TIME: published})), report.unclear
    content = read_content(path)
    if not isinstance(content, pd.DataFrame):
        raise _no_report(path, [], "is another kind of answer")
    lines = _under_headings(path, content)
    if REPORT_TIME not in lines:
        published = _moment_of_file_name(path)
        if published is None:
            raise UnreadableFileError(
                f"{path}: nothing tells when the report was published; add a column '{REPORT_TIME}' such as "
                f"'04/18/21 08:30 PM' (US Eastern), or {_NAMED}"
            )
        lines[REPORT_TIME] = published
    return _filled(lines), pd.Series(False, index=lines.index)


_NAMED = "name the file as the league does, such as Injury-Report_2021-04-18_08_30PM"


def _under_headings(path: Path, content: pd.DataFrame) -> pd.DataFrame:
    names = [_COLUMNS.get(re.sub(r"[^a-z]", "", str(name).lower()), name) for name in content.columns]
    missing = [heading for heading in HEADINGS if heading not in names and heading != "Game Time"]
    if missing:
        raise _no_report(path, list(content.columns), f"has no column {', '.join(missing)}")
    twice = [name for name in _COLUMNS.values() if names.count(name) > 1]
    if twice:
        raise _no_report(path, list(content.columns), f"has the column {twice[0]} more than once")
    lines = content.set_axis(names, axis="columns").astype(object)
    return lines.assign(**{"Game Time": lines.get("Game Time")})


def _no_report(path: Path, found: list[object], problem: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"{path}: {problem}. Columns found: {', '.join(map(str, found)) or 'none'}. Needed (in any case): "
        f"{', '.join(HEADINGS)}. What to do: pass the report as PDF, or its rows with these columns."
    )


def _filled(lines: pd.DataFrame) -> pd.DataFrame:
    """Date, time and matchup of the row before where a row has none, and the team within one matchup."""
    filled = lines.copy()
    told = {name: texts(lines[name]) for name in ("Game Date", "Game Time", "Matchup", "Team")}
    day = told["Game Date"].ffill()
    new_day = told["Game Date"].notna() & (day != day.shift()).fillna(True)
    in_day = new_day.cumsum()
    matchup = told["Matchup"].groupby(in_day).ffill()
    new_matchup = told["Matchup"].notna() & (matchup != matchup.shift()).fillna(True)
    in_matchup = (new_day | new_matchup).cumsum()
    filled["Game Date"], filled["Matchup"] = day, matchup
    filled["Game Time"] = told["Game Time"].groupby(in_matchup).ffill()
    filled["Team"] = told["Team"].groupby(in_matchup).ffill()
    return filled.astype(object)


def _is_open(lines: pd.DataFrame) -> pd.Series:
    """Whether a row says that its team has not submitted its report."""
    cells = [texts(lines[name]).fillna("") for name in ("Player Name", "Current Status", "Reason")]
    told = cells[0] + " " + cells[1] + " " + cells[2]
    return told.map(says_not_submitted).astype(bool)


def _moment_of_file_name(path: Path) -> str | None:
    found = _FILE_NAME.search(path.name)
    if found is None:
        return None
    day, hour, minute, half = found.groups()
    year, month, date = day.split("-")
    return f"{month}/{date}/{year} {hour}:{minute or '30'} {half.upper()}"


def _check_report_times(cells: pd.Series, ledger: RowLedger, now: datetime) -> pd.Series:
    """Moments of publication in UTC; rows without one, or with one to come, are rejected."""
    written = texts(cells).str.replace(r"\s+", " ", regex=True).str.replace("T", " ", regex=False)
    distinct = pd.Series(written.dropna().unique(), dtype="string")
    has_zone = distinct.str.contains(_STATED_ZONE)
    zoned = pd.to_datetime(distinct.where(has_zone).astype(object), utc=True, format="ISO8601", errors="coerce")
    local = pd.Series(pd.NaT, index=distinct.index, dtype="datetime64[ns]")
    for layout in _EASTERN_LAYOUTS:
        read = pd.to_datetime(distinct.where(~has_zone).astype(object), format=layout, errors="coerce")
        local = local.fillna(read.astype("datetime64[ns]"))
    # Of an hour that comes twice the later one counts: before it the report may not have been known.
    eastern = local.dt.tz_localize(_EASTERN, ambiguous=[False] * len(local), nonexistent="shift_forward")
    known = dict(zip(distinct, zoned.fillna(eastern.dt.tz_convert("UTC")), strict=True))
    moments = pd.to_datetime(written.astype(object).map(known), utc=True)
    ledger.reject(
        moments.isna(),
        RejectReason.MALFORMED_DATE,
        cells,
        "not the moment of an edition; write it as 04/18/21 08:30 PM (US Eastern) or 2021-04-18T20:30:00-04:00",
    )
    ledger.reject(
        moments > pd.Timestamp(now),
        RejectReason.DATE_BEYOND_TODAY,
        cells,
        "later than now, so nothing can have been published; correct it in the file",
    )
    return moments


def _add_game(rows: pd.DataFrame, lines: pd.DataFrame, ledger: RowLedger) -> None:
    rows["game_date"] = check_dates(ledger, lines["Game Date"])
    rows["season_year"] = season_years_of_dates(rows["game_date"])
    parts = texts(lines["Matchup"]).str.extract(_MATCHUP)
    ledger.reject(
        parts[0].isna(),
        RejectReason.MALFORMED_MATCHUP,
        lines["Matchup"],
        "must read IND@ATL, the visiting team first; correct it in the file",
    )
    rows["away"], rows["home"] = canonical_tricodes(parts[0]), canonical_tricodes(parts[1])
    ledger.reject(
        rows["away"].isna() | rows["home"].isna(),
        RejectReason.UNKNOWN_TRICODE,
        lines["Matchup"],
        "no team has this code; correct it, or add it to the variants in league/teams.py if it is a new spelling",
    )
    rows["game_id"] = canonical_game_ids(rows["game_date"], rows["away"], rows["home"])
    rows["team_abbr"] = check_team_names(ledger, _spaced_team_names(lines["Team"]))
    ledger.reject(
        (rows["away"] == rows["home"]) | ((rows["team_abbr"] != rows["away"]) & (rows["team_abbr"] != rows["home"])),
        RejectReason.MALFORMED_MATCHUP,
        lines["Team"],
        "this team does not play in the row's matchup; correct one of them",
    )


def _spaced_team_names(cells: pd.Series) -> pd.Series:
    """Team names with the spaces that some readers of PDF lose; other texts stay."""
    known = {team.name.replace(" ", ""): team.name for team in TEAMS}
    return cells.where(~cells.isin(list(known)), cells.map(known))


def _add_player(rows: pd.DataFrame, lines: pd.DataFrame, ledger: RowLedger) -> None:
    rows["player_name"] = spoken_names(lines["Player Name"])
    rows["player_lookup"] = player_lookups(rows["player_name"])
    ledger.reject(
        rows["player_lookup"].fillna("") == "",
        RejectReason.MISSING_PLAYER,
        lines["Player Name"],
        "no name in Latin letters; fill in the name as the report writes it, last name first",
    )
