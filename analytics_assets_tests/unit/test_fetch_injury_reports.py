"""Fetching the league's injury reports: which editions, what an absent one is, whole files only, and the command."""

import json
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
import requests
from requests.adapters import BaseAdapter

from analytics_assets.raw.declarations import NBAC_INJURY_REPORT
from analytics_assets.raw.fetch import injury_reports as reports
from analytics_assets.raw.fetch.injury_reports import Edition, editions_of, fetch_reports, reports_client
from analytics_assets.raw.fetch.polite_http import Pace
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.raw_rows import schedule_row
from analytics_assets_tests.support.warehouses import warehouse_with
from analytics_assets_tests.unit.test_injury_report_files import TWO_PAGES, pdf_of

NOW = datetime(2024, 2, 1, 12, tzinfo=UTC)
PDF = b"%PDF-1.4\n1 0 obj\n%%EOF\n"
URL = "http://reports.test/injury"


class Published(BaseAdapter):
    """Answers by file name: content, or a status; what is not there is 403, as at the league."""

    def __init__(self, answers: dict[str, list[bytes | int]]) -> None:
        super().__init__()
        self.answers, self.asked = answers, []

    def send(self, request, **others) -> requests.Response:
        name = request.url.rpartition("/")[2]
        self.asked.append(name)
        given = self.answers.get(name) or [403]
        answer = given.pop(0) if len(given) > 1 else given[0]
        response = requests.Response()
        response.status_code = 200 if isinstance(answer, bytes) else answer
        response.raw = BytesIO(answer if isinstance(answer, bytes) else b"<html>")
        response.url, response.request = request.url, request
        return response

    def close(self) -> None:
        pass


def client_of(published: Published):
    session = requests.Session()
    session.mount("http://", published)
    session.mount("https://", published)
    return reports_client(Pace(interval=0, attempts=3), lambda _: None, lambda: NOW, session=session)


def test_editions_are_named_as_the_league_names_them_and_only_those_that_are_out():
    names = [edition.file_name for edition in editions_of([date(2024, 1, 12)], NOW)]
    assert names == [f"Injury-Report_2024-01-12_{hour}.pdf" for hour in ("11AM", "01PM", "05PM", "08PM")]
    assert Edition(date(2025, 12, 22), 0).file_name == "Injury-Report_2025-12-22_12AM.pdf"
    assert Edition(date(2025, 12, 23), 12).file_name == "Injury-Report_2025-12-23_12_00PM.pdf"
    # At half past one in New York, the report of one o'clock may not be out.
    early = datetime(2024, 1, 12, 18, 30, tzinfo=UTC)
    assert [edition.hour for edition in editions_of([date(2024, 1, 12)], early)] == [11]


def test_absent_editions_are_no_failure_and_files_are_asked_for_once(tmp_path):
    editions = editions_of([date(2024, 1, 12)], NOW)
    published = Published({editions[2].file_name: [b"<html>busy", PDF[:-8], PDF]})
    first = fetch_reports(editions, client_of(published), tmp_path, URL)
    assert first.complete
    assert [path.name for path in first.fetched] == [editions[2].file_name]
    assert first.absent == [editions[0], editions[1], editions[3]]
    assert first.fetched[0].read_bytes() == PDF
    assert published.asked.count(editions[2].file_name) == 3
    again = fetch_reports([editions[2]], client_of(published), tmp_path, URL)
    assert (again.fetched, again.on_disk) == ([], first.fetched)
    assert published.asked.count(editions[2].file_name) == 3


def test_a_report_that_stays_broken_is_not_kept_and_told_in_one_line(tmp_path):
    (edition, *_) = editions_of([date(2024, 1, 12)], NOW)
    found = fetch_reports([edition], client_of(Published({edition.file_name: [PDF[:12]]})), tmp_path, URL)
    assert not found.complete
    assert "a PDF cut short after 12 bytes" in found.failures[0]
    assert "\n" not in found.failures[0]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_service_that_refuses_everything_is_left_alone(tmp_path):
    editions = editions_of([date(2024, 1, number) for number in range(1, 15)], NOW)
    published = Published({})
    found = fetch_reports(editions, client_of(published), tmp_path, URL)
    assert len(published.asked) == 24 < len(editions)
    assert "24 editions in a row do not exist" in found.stopped


def test_the_command_fetches_and_loads_reports_of_the_scheduled_dates_once(tmp_path, monkeypatch, capsys):
    pytest.importorskip("pdfplumber", reason="the extra 'injuries' is not installed")
    cli = CommandLine(tmp_path)
    warehouse = warehouse_with(cli.file, [schedule_row("0022300001", "2024-01-12", "HOU", "DET")])
    published = Published({"Injury-Report_2024-01-12_05PM.pdf": [pdf_of(TWO_PAGES, gaps=True)]})
    monkeypatch.setattr(reports, "reports_client", lambda *_: client_of(published))
    call = ("raw", "fetch", "--source", "injury-reports", "--dates", "2024-01-12..2024-01-13", "--json")
    done = cli.here(monkeypatch, capsys, *call)
    told = json.loads(done.stdout)
    assert (told["fetched"], len(told["absent"]), told["files_loaded"]) == (1, 3, 1)
    rows = warehouse.read(NBAC_INJURY_REPORT)
    assert len(rows)
    again = json.loads(cli.here(monkeypatch, capsys, *call).stdout)
    assert (again["fetched"], again["on_disk"], again["files_loaded"]) == (0, 1, 0)
    refused = cli.here(monkeypatch, capsys, *call[:-3], "--dates", "2024-02-01..2024-02-02")
    assert (refused.returncode, "has no game on these dates" in refused.stderr) == (2, True)
    assert Path(tmp_path / "raw_answers" / "injury-reports" / "2023-24").is_dir()
