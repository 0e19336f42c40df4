"""One address is asked politely, as often as it makes sense, and told of in one line without secrets."""

import logging
from collections.abc import Iterator
from email.utils import format_datetime

import pytest
import requests

from analytics_assets.raw.fetch.polite_http import FetchError, Pace, PoliteClient
from analytics_assets_tests.support.answer_server import AnswerServer, Clock, answer_server

ANSWER = {"name": "Jokić"}
PACE = Pace(interval=1.0, jitter=0.5, attempts=4, first_pause=2.0, longest_pause=5.0, longest_wait=100.0)


@pytest.fixture(scope="module")
def running() -> Iterator[AnswerServer]:
    with answer_server(lambda endpoint, _: None if endpoint == "nothing" else ANSWER) as server:
        yield server


@pytest.fixture
def server(running: AnswerServer) -> AnswerServer:
    running.faults, running.asked = [], []
    return running


def client(clock: Clock, uniform=lambda low, high: low, **others) -> PoliteClient:
    return PoliteClient("test-source", PACE, sleep=clock.sleep, now=clock.now, uniform=uniform, **others)


def test_requests_are_spaced_with_jitter(server):
    clock = Clock()
    asking = client(clock, uniform=lambda low, high: high)
    for _ in range(3):
        assert asking.get_json(f"{server.url}/x", {"a": "1"}) == ANSWER
    assert clock.naps == [1.5, 1.5]
    assert server.asked == [("x", {"a": "1"})] * 3


def test_time_that_passed_anyway_counts_as_pause(server):
    clock = Clock()
    asking = client(clock)
    asking.get_json(f"{server.url}/x")
    clock.sleep(0.4)
    asking.get_json(f"{server.url}/x")
    assert clock.naps == [0.4, 0.6]


@pytest.mark.parametrize("fault", [429, 500, 503, "drop", "cut", "truncate", "page", "empty"])
def test_what_can_pass_by_itself_is_asked_again(server, fault):
    clock = Clock()
    server.faults = [fault]
    assert client(clock).get_json(f"{server.url}/x") == ANSWER
    assert len(server.asked) == 2
    assert clock.naps == [2.0]


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (500, "status 500"),
        (429, "status 429"),
        ("drop", "no connection, or a dropped one"),
        ("cut", "an answer cut short"),
        ("truncate", "broken JSON of 9 bytes"),
        ("page", "a web page in place of data"),
        ("empty", "an empty answer"),
    ],
)
def test_what_does_not_pass_ends_in_one_line(server, fault, seen):
    clock = Clock()
    server.faults = [fault] * 10
    with pytest.raises(FetchError) as told:
        client(clock).get_json(f"{server.url}/x", {"id": "7"})
    assert str(told.value) == (
        f"test-source: gave up on {server.url}/x?id=7 after 4 attempts, seen last: {seen}; "
        "run the same command again later, what is stored is not asked again"
    )
    assert len(server.asked) == 4
    assert clock.naps == [2.0, 4.0, 5.0], "pauses double up to their bound"
    assert not told.value.stops_run


def test_retry_after_in_seconds_and_as_a_date_is_waited_for(server):
    clock = Clock()
    server.faults = [(429, "30"), (503, format_datetime(clock.now().replace(minute=2)))]
    assert client(clock).get_json(f"{server.url}/x") == ANSWER
    assert clock.naps == [30.0, 90.0], "until two minutes past"


def test_a_wait_of_an_hour_is_not_waited_for(server):
    clock = Clock()
    server.faults = [(429, "3600")]
    with pytest.raises(FetchError, match="status 429 and asks to wait 3,600 seconds") as told:
        client(clock).get_json(f"{server.url}/x")
    assert told.value.stops_run
    assert (len(server.asked), clock.naps) == (1, [])


def test_nonsense_in_retry_after_leaves_our_own_pauses(server):
    clock = Clock()
    server.faults = [(429, "soon"), (429, "-5")]
    assert client(clock).get_json(f"{server.url}/x") == ANSWER
    assert clock.naps == [2.0, 4.0]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_stops_the_run_at_once(server, status):
    server.faults = [status]
    with pytest.raises(FetchError, match=f"answered status {status}, it refuses us") as told:
        client(Clock()).get_json(f"{server.url}/x")
    assert told.value.stops_run
    assert len(server.asked) == 1


def test_what_the_service_does_not_have_is_asked_once(server):
    with pytest.raises(FetchError, match="answered status 404") as told:
        client(Clock()).get_json(f"{server.url}/nothing")
    assert not told.value.stops_run
    assert len(server.asked) == 1


def test_nobody_listening_is_told_without_a_traceback_of_others():
    clock = Clock()
    with pytest.raises(FetchError, match="no connection, or a dropped one") as told:
        client(clock).get_json("http://127.0.0.1:9/x", {"apiKey": "s3cr3t-s3cr3t"})
    assert told.value.__cause__ is None
    assert "\n" not in str(told.value)


def test_keys_are_in_no_message_and_no_log(server, caplog):
    # Other tests of the process may have set a level on the logger itself.
    caplog.set_level(logging.DEBUG, logger="urllib3")
    key = "0123456789abcdef0123"
    server.faults = [500] * 10
    for asked in ({"apiKey": key}, {"hidden": key}):
        with pytest.raises(FetchError) as told:
            client(Clock(), secrets=[key]).get_json(f"{server.url}/x", asked)
        assert key not in str(told.value)
        assert key not in repr(told.value.__context__)
    with pytest.raises(FetchError):
        client(Clock(), secrets=[key]).get_json("http://127.0.0.1:9/x", {"apiKey": key})
    assert server.asked[0][1] == {"apiKey": key}
    assert any(record.name.startswith("urllib3") for record in caplog.records)
    assert key not in caplog.text


def test_names_come_through_whatever_the_server_says_of_its_encoding(server):
    response = client(Clock(), session=requests.Session()).get(f"{server.url}/x")
    assert "Jokić" in response.text
