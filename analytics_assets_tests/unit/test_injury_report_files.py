"""Official injury reports from files: what each layout becomes, every reason for rejecting a row, loading twice."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.declarations import NBAC_INJURY_REPORT
from analytics_assets.raw.loaders.files import UnreadableFileError
from analytics_assets.raw.loaders.injury_report import NOT_SUBMITTED, read_injury_report, spoken_names
from analytics_assets.raw.loaders.load_tables import load_injury_reports
from analytics_assets.raw.loaders.loaded_file import FileKind, LoadedFile
from analytics_assets.raw.loaders.rows import RejectReason
from analytics_assets.warehouse import MergeCounts
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.nba_com_files import NOW, REAL_DATA, checked

TITLE = [270, 560, "Injury Report: 01/12/24 05:30 PM"]
COLUMNS = {
    "Game Date": 20,
    "Game Time": 94,
    "Matchup": 169,
    "Team": 243,
    "Player Name": 370,
    "Current Status": 498,
    "Reason": 604,
}
HEADER = [[x, 530, name] for name, x in COLUMNS.items()]


def line(y: float, **cells: str) -> list[list[Any]]:
    return [[COLUMNS[name.replace("_", " ")], y, text] for name, text in cells.items()]


def game(y: float, **cells: str) -> list[list[Any]]:
    told = {"Game_Date": "01/12/2024", "Game_Time": "07:00 (ET)", "Matchup": "HOU@DET", "Team": "Houston Rockets"}
    return line(y, **{**told, **cells})


def player(y: float, name: str, status: str, reason: str | None = None) -> list[list[Any]]:
    return line(y, Player_Name=name, Current_Status=status, **({"Reason": reason} if reason else {}))


TWO_PAGES = [
    [
        TITLE,
        *HEADER,
        *game(500),
        *player(500, "Eason, Tari", "Out"),
        *line(505, Reason="Injury/Illness - Left Lower Leg;"),
        *line(495, Reason="Injury Maintenance"),
        # Four lines around the row's base line, so the last is nearer to the next player than to this one.
        *player(455, "Oladipo, Victor", "Out"),
        *[
            text
            for y, told in ((470, "one"), (460, "two"), (450, "three"), (440, "four"))
            for text in line(y, Reason=told)
        ],
        *player(428, "Porter Jr., Kevin", "Available", "single"),
        *line(410, Team="Detroit Pistons", Reason="NOT YET SUBMITTED"),
        [300, 20, "Page 1 of 2"],
    ],
    [
        TITLE,
        *line(540, Matchup="POR@MIN", Team="Portland Trail Blazers"),
        *player(540, "Payton II, Gary", "Questionable"),
        *line(520, Team="Minnesota Timberwolves"),
        *player(520, "Nene", "doubtful", "G League - Two-Way"),
        [300, 20, "Page 2 of 2"],
    ],
]


def read(path: Path, content: Any) -> LoadedFile:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return checked(read_injury_report(path, now=NOW))


def reports(loaded: LoadedFile) -> pd.DataFrame:
    return loaded.frames[NBAC_INJURY_REPORT.name]


def shown_text(text: str, *, gaps: bool) -> str:
    """The operation that shows a text; with gaps as the league's PDFs have them, words are moved apart, not spaced."""
    escaped = text.replace("(", "\\(").replace(")", "\\)")
    return f"[({escaped.replace(' ', ') -278 (')})] TJ" if gaps else f"({escaped}) Tj"


def pdf_of(pages: list[list[list[Any]]], *, gaps: bool) -> bytes:
    """A PDF whose texts stand where the layout says, in Helvetica of eight points."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for page in pages:
        shown = "".join(f"BT /F1 8 Tf {x} {y} Td {shown_text(text, gaps=gaps)} ET\n" for x, y, text in page)
        objects.append(f"<< /Length {len(shown)} >>\nstream\n{shown}endstream")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    content, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(content)
    content += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    content += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return content.encode("latin-1")


def assert_two_pages(loaded: LoadedFile) -> None:
    assert loaded.kind is FileKind.INJURY_REPORT
    assert loaded.rejected.empty
    assert loaded.skipped == {NOT_SUBMITTED: 1}
    found = reports(loaded)
    told = ["player_name", "player_lookup", "team_abbr", "game_id", "injury_status", "reason"]
    assert found[told].astype(object).where(found[told].notna(), None).values.tolist() == [
        [
            *("Tari Eason", "tarieason", "HOU", "20240112_HOU_DET", "out"),
            "Injury/Illness - Left Lower Leg; Injury Maintenance",
        ],
        ["Victor Oladipo", "victoroladipo", "HOU", "20240112_HOU_DET", "out", "one two three four"],
        ["Kevin Porter Jr.", "kevinporterjr", "HOU", "20240112_HOU_DET", "available", "single"],
        ["Gary Payton II", "garypaytonii", "POR", "20240112_POR_MIN", "questionable", None],
        ["Nene", "nene", "MIN", "20240112_POR_MIN", "doubtful", "G League - Two-Way"],
    ]
    assert set(found["reported_at"]) == {pd.Timestamp("2024-01-12T22:30:00Z")}
    assert set(found["season_year"]) == {2023}
    assert found["nba_game_id"].isna().all()


def test_placed_texts_become_rows_whose_reasons_are_told_apart(tmp_path: Path) -> None:
    assert_two_pages(read(tmp_path / "report.json", {"pages": TWO_PAGES}))


@pytest.mark.parametrize("gaps", [False, True])
def test_a_pdf_of_the_same_texts_gives_the_same_rows(tmp_path: Path, gaps: bool) -> None:
    pytest.importorskip("pdfplumber", reason="the extra 'injuries' is not installed")
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_of(TWO_PAGES, gaps=gaps))
    assert_two_pages(checked(read_injury_report(path, now=NOW)))


def test_texts_that_lost_their_spaces_are_read_alike(tmp_path: Path) -> None:
    kept = {"Injury/Illness - Left Lower Leg;", "Injury Maintenance", "one two three four", "G League - Two-Way"}
    pages = [[[x, y, text if text in kept else text.replace(" ", "")] for x, y, text in page] for page in TWO_PAGES]
    found = reports(read(tmp_path / "report.json", {"pages": pages}))
    told = ["player_lookup", "team_abbr", "game_id", "reason", "reported_at"]
    pd.testing.assert_frame_equal(found[told], reports(read(tmp_path / "spaced.json", {"pages": TWO_PAGES}))[told])


def test_a_document_whose_reasons_begin_on_the_players_line_is_read_as_such(tmp_path: Path) -> None:
    page = [TITLE, *HEADER, *game(500), *player(500, "A, B", "Out", "one"), *line(490, Reason="two")]
    page += [*player(470, "C, D", "Out", "three"), *line(460, Reason="four")]
    found = reports(read(tmp_path / "report.json", {"pages": [page]}))
    assert found["reason"].tolist() == ["one two", "three four"]


def test_a_reason_that_fits_no_row_costs_the_row_and_not_its_neighbours(tmp_path: Path) -> None:
    page = [TITLE, *HEADER, *game(500), *player(500, "A, B", "Out"), *line(505, Reason="o"), *line(495, Reason="ne")]
    page += [*player(470, "C, D", "Out", "two"), *line(455, Reason="of whom?"), *player(430, "E, F", "Out", "three")]
    loaded = read(tmp_path / "report.json", {"pages": [page]})
    assert reports(loaded)["player_lookup"].tolist() == ["ba", "dc"]
    assert loaded.rejected["reason"].tolist() == [RejectReason.UNCLEAR_LAYOUT]


CSV_HEADER = "Game Date,Game Time,Matchup,Team,Player Name,Current Status,Reason\n"


def test_rows_take_date_matchup_and_team_of_the_row_before_but_no_team_of_another_matchup(tmp_path: Path) -> None:
    rows = CSV_HEADER + (
        '01/12/2024,07:00 (ET),HOU@DET,Houston Rockets,"Eason, Tari",Out,\n'
        ',,,,"Adams, Steven",Out,Knee\n'
        ',08:00 (ET),POR@MIN,,"Reath, Duop",Out,Back\n'
        ',,,Minnesota Timberwolves,"Moore Jr., Wendell",Out,G League\n'
    )
    loaded = read(tmp_path / "Injury-Report_2024-01-12_05PM.csv", rows)
    assert reports(loaded)["game_id"].tolist() == ["20240112_HOU_DET"] * 2 + ["20240112_POR_MIN"]
    assert reports(loaded)["team_abbr"].tolist() == ["HOU", "HOU", "MIN"]
    assert loaded.rejected["reason"].tolist() == [RejectReason.MISSING_TEAM]
    assert loaded.rejected["row_number"].tolist() == [3]
    # The league publishes at half past, and its older file names say only the hour.
    assert set(reports(loaded)["reported_at"]) == {pd.Timestamp("2024-01-12T22:30:00Z")}


def row(**changes: Any) -> dict[str, Any]:
    return {
        "Game Date": "01/12/2024",
        "Matchup": "HOU@DET",
        "Team": "Houston Rockets",
        "Player Name": "Eason, Tari",
        "Current Status": "Out",
        "Reason": None,
        "Report Time": "01/12/24 05:30 PM",
    } | changes


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"Game Date": "soon"}, RejectReason.MALFORMED_DATE, "YYYY-MM-DD"),
        ({"Matchup": "HOU vs DET"}, RejectReason.MALFORMED_MATCHUP, "visiting team first"),
        ({"Matchup": "HOU@XXX"}, RejectReason.UNKNOWN_TRICODE, "league/teams.py"),
        ({"Team": "Houston"}, RejectReason.UNKNOWN_TEAM_NAME, "in full"),
        ({"Team": "Boston Celtics"}, RejectReason.MALFORMED_MATCHUP, "does not play"),
        ({"Player Name": None}, RejectReason.MISSING_PLAYER, "empty"),
        ({"Player Name": "张, 伟"}, RejectReason.MISSING_PLAYER, "Latin"),
        ({"Current Status": "Limping"}, RejectReason.UNKNOWN_INJURY_STATUS, "questionable"),
        ({"Report Time": "half past five"}, RejectReason.MALFORMED_DATE, "edition"),
        ({"Report Time": "2031-01-01 00:00"}, RejectReason.DATE_BEYOND_TODAY, "later than now"),
    ],
)
def test_a_row_with_a_broken_cell_is_rejected_with_its_reason(
    tmp_path: Path, changes: dict[str, Any], reason: RejectReason, words: str
) -> None:
    loaded = read(tmp_path / "rows.json", [row(**{"Player Name": "Adams, Steven"}), row(**changes)])
    assert len(reports(loaded)) == 1
    assert loaded.rejected["reason"].tolist() == [reason]
    assert words in loaded.rejected["detail"].iloc[0]
    assert json.loads(loaded.rejected["raw_values"].iloc[0])["Game Date"] == row(**changes)["Game Date"]


def test_the_hour_that_comes_twice_counts_as_the_later_one(tmp_path: Path) -> None:
    times = ["2023-11-05 01:30", "2023-11-05T01:30:00-04:00", "11/05/2023 1:30 AM"]
    rows = [
        row(**{"Player Name": f"Player, {letter}", "Report Time": time})
        for letter, time in zip("ABC", times, strict=True)
    ]
    moments = reports(read(tmp_path / "rows.json", rows))["reported_at"]
    assert [str(moment) for moment in moments] == [
        "2023-11-05 06:30:00+00:00",
        "2023-11-05 05:30:00+00:00",
        "2023-11-05 06:30:00+00:00",
    ]


def test_names_are_turned_with_their_suffixes() -> None:
    written = pd.Series(["Porter Jr., Michael", "Hunter, De'Andre", "Nene", "Gary Payton, II", "Holmes, Da, III", None])
    assert spoken_names(written).astype(object).where(written.notna(), None).tolist() == [
        *("Michael Porter Jr.", "De'Andre Hunter", "Nene", "Gary Payton II", "Da Holmes III", None)
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.json", {"pages": [[TITLE, [1, 2, "something"]]]}, "headings"),
        ("x.json", {"pages": [[[1, "2", "text"]]]}, r"page 1, entry 1"),
        ("x.json", {"pages": 3}, "list of pages"),
        ("x.json", {"pages": [[*HEADER]]}, "title"),
        ("x.json", {"pages": [[TITLE, *HEADER], [[1, 1, "Injury Report: 01/13/24 05:30 PM"]]]}, "several editions"),
        ("x.csv", "a,b\n1,2\n", "Game Date"),
        ("x.csv", CSV_HEADER + "01/12/2024,,HOU@DET,Houston Rockets,A,Out,\n", "Report Time"),
        ("x.csv", "a\n1,2\n1\n1,2,3\n", "CSV|more cells"),
        ("x.pdf", "%PDF-1.4 nothing follows", "PDF"),
    ],
)
def test_a_file_that_is_no_report_is_refused_with_advice(tmp_path: Path, name: str, content: Any, words: str) -> None:
    with pytest.raises(UnreadableFileError, match=words) as told:
        read(tmp_path / name, content)
    assert name in str(told.value)
    assert "\n" not in str(told.value)


def test_loading_a_report_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"pages": TWO_PAGES}))
    warehouse = DuckDBWarehouse(tmp_path / "reports.duckdb")
    first, second = (load_injury_reports(warehouse, [path], now=NOW)[0].counts for _ in range(2))
    assert first == {NBAC_INJURY_REPORT.name: MergeCounts(added=5, changed=0, unchanged=0)}
    assert second == {NBAC_INJURY_REPORT.name: MergeCounts(added=0, changed=0, unchanged=5)}


def test_the_published_layout_gives_every_player_of_its_page() -> None:
    path = REAL_DATA / "injuries" / "nba_official_report_layout_standard_v2.json"
    if not path.is_file():
        pytest.skip(f"no real data at {path}")
    loaded = checked(read_injury_report(path, now=datetime(2026, 3, 1, tzinfo=UTC)))
    found = reports(loaded)
    assert loaded.rejected.empty
    assert found["team_abbr"].tolist() == ["ATL", "ATL", "IND"]
    assert found["reason"].notna().all()
    assert set(found["reported_at"]) == {pd.Timestamp("2021-04-19T00:30:00Z")}
