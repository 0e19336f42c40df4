"""No secret stays in a text: those that the environment tells, and those that are known by their shape."""

from datetime import UTC, datetime

import pytest

from analytics_assets.alerts.events import AlertKind, Event, Severity
from analytics_assets.alerts.redaction import Redactor, secrets_of

ENVIRONMENT = {
    "NBA_ALERT_URLS": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#alerts "
    "run_failed,dates_failed=json://bot:pa%2Fss@hooks.example.org/in?token=lowercase "
    "mailtos://mailkey@example.org",
    "NBA_OPS_DB": "postgresql+psycopg2://nba:databasepass@db/ops",
    "GITHUB_TOKEN": "value-of-a-token",
    "HOME": "/home/somebody",
    "MONKEY": "bananas",
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("posting to A1BRTD4JD failed", "posting to *** failed"),
        ("TIiajkdnlazkcOXrIdevi7FQ", "***"),
        ("host t1jj3t3l2? no: T1JJ3T3L2", "host t1jj3t3l2? no: ***"),
        ("the password is pa/ss or pa%2Fss", "the password is *** or ***"),
        ("lowercase, mailkey and databasepass", "***, *** and ***"),
        ("value-of-a-token in #alerts of hooks.example.org", "*** in #alerts of hooks.example.org"),
        ("/home/somebody eats bananas", "/home/somebody eats bananas"),
    ],
)
def test_values_of_the_environment_are_masked_and_words_stay(text: str, shown: str) -> None:
    assert Redactor.from_environment(ENVIRONMENT)(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://me:p@ss@host/x failed", "GET https://***@host/x failed"),
        ("https://hooks.slack.com/services/T0/B0/abc: 404", "https://hooks.slack.com/services/*** 404"),
        ("https://discord.com/api/webhooks/1/x", "https://discord.com/api/webhooks/***"),
        ("Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer ***"),
        ('{"api_key": "12345", "day": "2024-01-10"}', '{"api_key": "***", "day": "2024-01-10"}'),
        ("?access_token=abc&day=1", "?access_token=***&day=1"),
        ("ghp_0123456789abcdef", "***"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----, then", "***, then"),
        ("2 of 5 games incomplete: 0022300001: key missing", "2 of 5 games incomplete: 0022300001: key missing"),
        ("run http://127.0.0.1:3000/runs/abc", "run http://127.0.0.1:3000/runs/abc"),
    ],
)
def test_secrets_are_known_by_their_shape(text: str, shown: str) -> None:
    assert Redactor()(text) == shown
    assert Redactor()(shown) == shown, "redacting twice changes nothing"


def test_an_event_is_redacted_in_every_text_and_keeps_what_names_it() -> None:
    event = Event(
        event_key="run:1",
        kind=AlertKind.RUN_FAILED,
        severity=Severity.ERROR,
        happened_at=datetime(2024, 1, 10, tzinfo=UTC),
        subject="analytics",
        error_class="ConnectionError",
        text="mailkey refused",
        details={"mailkey": ["postgres://u:databasepass@h", 3, None]},
    )
    found = Redactor.from_environment(ENVIRONMENT).event(event)
    assert (found.event_key, found.fingerprint, found.text) == ("run:1", event.fingerprint, "*** refused")
    assert found.details == {"***": ["postgres://***@h", 3, None]}


def test_an_unreadable_delivery_url_is_secret_as_a_whole() -> None:
    assert "json://[broken" in secrets_of({"NBA_ALERT_URLS": "json://[broken"})
