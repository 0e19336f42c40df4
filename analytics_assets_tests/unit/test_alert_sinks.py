"""Where messages go: routing, names without secrets, delivery to a local receiver, failures that are told."""

import logging
import subprocess
import sys
import time

import pytest

from analytics_assets.alerts.events import AlertKind, Severity
from analytics_assets.alerts.sinks import AppriseSink, LogSink, SinkError, sink_name, sinks_from_environment
from analytics_assets_tests.support.web_sink import web_sink

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
MAIL = "mailtos://alerts:mailpassword@example.org?to=team@example.org"
TOKEN = "t0kenT0KEN-in-the-path"


def _names(urls: str | None, kind: AlertKind) -> list[str]:
    return [sink.name for sink in sinks_from_environment({} if urls is None else {"NBA_ALERT_URLS": urls}, kind)]


@pytest.mark.parametrize(
    ("urls", "failed", "digest"),
    [
        (None, ["log"], ["log"]),
        ("  \n ", ["log"], ["log"]),
        (SLACK, [sink_name(SLACK)], [sink_name(SLACK)]),
        (f"{SLACK}\n{MAIL}", [sink_name(SLACK), sink_name(MAIL)], [sink_name(SLACK), sink_name(MAIL)]),
        (f"dates_failed,run_failed={SLACK} {MAIL}", [sink_name(SLACK), sink_name(MAIL)], [sink_name(MAIL)]),
        (f"run_failed={SLACK} daily_digest={MAIL}", ["log"], [sink_name(MAIL)]),
        (f"run_failed={SLACK} dates_failed={SLACK}", [sink_name(SLACK)], ["log"]),
        (f"{SLACK} {SLACK}", [sink_name(SLACK)], [sink_name(SLACK)]),
    ],
)
def test_entries_are_routed_by_kind_and_the_log_takes_what_has_no_entry(
    urls: str | None, failed: list[str], digest: list[str]
) -> None:
    assert _names(urls, AlertKind.DATES_FAILED) == failed
    assert _names(urls, AlertKind.DAILY_DIGEST) == digest


@pytest.mark.parametrize(
    ("url", "service"),
    [
        (SLACK, "slack"),
        (MAIL, "mailtos"),
        ("https://hooks.slack.com/services/T1/B1/x", "hooks.slack.com"),
        ("https://name:pass/word@discord.com/api/webhooks/1/x", "https"),
        ("https://[broken", "https"),
        ("secret-without-a-scheme", "unreadable"),
    ],
)
def test_names_tell_the_service_and_nothing_of_the_address(url: str, service: str) -> None:
    name = sink_name(url)
    assert name.rpartition("-")[0] == service
    assert len(name.rpartition("-")[2]) == 6
    assert name == sink_name(url) != sink_name(f"{url}x")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (f"run_faild={SLACK}", "NBA_ALERT_URLS routes run_faild to this address; kinds are run_failed, dates_failed"),
        ("nothing-like-a-url", "NBA_ALERT_URLS holds an entry that is no URL"),
        (f"nosuchservice://x/{TOKEN}", "the address is none that apprise knows; look at NBA_ALERT_URLS"),
        (f"slack://{TOKEN}", "the address is none that apprise knows; look at NBA_ALERT_URLS"),
    ],
)
def test_an_entry_that_cannot_be_used_fails_every_kind_and_shows_no_secret(
    entry: str, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in AlertKind:
        (sink,) = sinks_from_environment({"NBA_ALERT_URLS": entry}, kind)
        with pytest.raises(SinkError) as raised:
            sink.send("title", "body", Severity.ERROR)
        assert str(raised.value).startswith(problem)
    assert TOKEN not in caplog.text
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in caplog.text


def test_a_message_arrives_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = "- 2024-01-10: *error*: <b>\\n & `x`\n\nalert 0123abcd"
    with web_sink() as web:
        AppriseSink(web.url(TOKEN)).send("one date failed", body, Severity.ERROR)
    (received,) = web.messages
    assert (received["title"], received["message"], received["type"]) == ("one date failed", body, "failure")
    assert TOKEN not in caplog.text


def test_what_is_not_accepted_raises_the_reason_without_the_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with web_sink() as web:
        web.status = 503
        sink = AppriseSink(web.url(TOKEN).replace("//", "//user:s3cretpass@"))
        with pytest.raises(SinkError, match="503") as refused:
            sink.send("title", "body", Severity.INFO)
    assert not refused.value.maybe_sent
    with pytest.raises(SinkError, match=r"(?i)connection error"):
        sink.send("title", "body", Severity.INFO)
    for secret in (TOKEN, "s3cretpass"):
        assert secret not in caplog.text
        assert secret not in str(refused.value)


def test_an_error_inside_apprise_is_a_sink_error_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    import apprise

    def broken(url: str, **_: object) -> None:
        raise ValueError(f"cannot read {url}")

    monkeypatch.setattr(apprise.Apprise, "instantiate", broken)
    with pytest.raises(SinkError) as raised:
        AppriseSink(f"json://host/{TOKEN}").send("title", "body", Severity.INFO)
    assert str(raised.value) == "ValueError: cannot read ***"


def test_libraries_that_deliver_may_warn_but_not_show_the_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    # Other libraries of the process may have raised the level of this one.
    caplog.set_level(logging.DEBUG, logger="urllib3.connectionpool")
    with web_sink() as web:
        AppriseSink(web.url(TOKEN)).send("title", "body", Severity.INFO)
    pool = logging.getLogger("urllib3.connectionpool")
    try:
        raise ValueError(f"of {TOKEN}")
    except ValueError:
        pool.warning("retrying %s", f"/{TOKEN}", exc_info=True)
    pool.debug("of somebody else: %s", TOKEN)
    assert "retrying /***" in caplog.text
    assert "of somebody else: ***" in caplog.text
    assert TOKEN not in caplog.text


def test_long_messages_come_in_parts_or_are_cut_where_parts_make_no_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    from apprise.plugins.custom_json import NotifyJSON

    body = "\n".join(f"- line {number}" for number in range(300))
    for room, parts in ((2000, 2), (160, 1)):
        monkeypatch.setattr(NotifyJSON, "body_maxlen", room)
        with web_sink() as web:
            AppriseSink(web.url()).send("title", body, Severity.INFO)
        assert len(web.messages) == parts
        assert all(len(message["message"]) <= room for message in web.messages)
    monkeypatch.undo()


def test_the_log_takes_messages_at_the_level_of_their_severity(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    LogSink().send("title", "body", Severity.WARNING)
    LogSink().send("title", "body", Severity.INFO)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "title\nbody"),
        ("INFO", "title\nbody"),
    ]


def test_choosing_sinks_is_quick_and_does_not_import_apprise() -> None:
    environment = {"NBA_ALERT_URLS": f"{SLACK} {MAIL}"}
    sinks_from_environment(environment, AlertKind.RUN_FAILED)
    began = time.perf_counter()
    for _ in range(100):
        sinks_from_environment(environment, AlertKind.RUN_FAILED)
    assert time.perf_counter() - began < 0.5, "names are hashed once"
    code = (
        "import sys; from analytics_assets.alerts.sinks import *; from analytics_assets.alerts.events import *;"
        f"sinks_from_environment({environment!r}, AlertKind.RUN_FAILED); sys.exit('apprise' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
