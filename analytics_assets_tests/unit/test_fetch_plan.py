"""Answers are stored whole or not at all, and a plan goes on where it stopped."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest

from analytics_assets.raw.fetch import answer_store
from analytics_assets.raw.fetch.answer_store import AnswerStore, Stored
from analytics_assets.raw.fetch.fetch_plan import Fetched, PlannedRequest, missing_requests, run_plan
from analytics_assets.raw.fetch.polite_http import FetchError, UnexpectedAnswerError
from analytics_assets.raw.loaders.files import read_content
from analytics_assets_tests.support.answer_server import Clock


def accepted(answer) -> None:
    if answer == "bad":
        raise UnexpectedAnswerError("is bad")


def planned(*keys: str, **more) -> list[PlannedRequest]:
    return [PlannedRequest(f"s/{key}", "end", {"id": key}, accepted, **more) for key in keys]


@pytest.fixture
def store(tmp_path: Path) -> AnswerStore:
    return AnswerStore(tmp_path, "test")


class Source:
    """Gives what it was told for each id; errors are raised."""

    def __init__(self, **answers) -> None:
        self.answers, self.asked = answers, []

    def __call__(self, request: PlannedRequest):
        self.asked.append(request.parameters["id"])
        answer = self.answers.get(request.parameters["id"], {"of": request.parameters["id"]})
        if isinstance(answer, BaseException):
            raise answer
        return answer


def test_an_answer_comes_back_with_its_moments(store):
    clock = Clock()
    first = clock.now()
    assert store.read("a/b") is None
    assert store.write("a/b", {"x": 1}, {"id": "1"}, first) is Stored.NEW
    clock.sleep(60)
    assert store.write("a/b", {"x": 1}, {"id": "1"}, clock.now()) is Stored.UNCHANGED
    read = store.read("a/b")
    assert (read.answer, read.request, read.fetched_at, read.checked_at) == ({"x": 1}, {"id": "1"}, first, clock.now())
    assert store.write("a/b", {"x": 2}, {"id": "1"}, clock.now()) is Stored.CHANGED
    assert store.read("a/b").fetched_at == clock.now()


def test_stored_answers_are_compressed_and_read_by_the_loaders(store):
    store.write("x", {"resultSets": [{"headers": ["A"], "rowSet": [[1]]}]}, {}, Clock().now())
    assert json.loads(gzip.decompress(store.path("x").read_bytes()))["source"] == "test"
    assert read_content(store.path("x"))["A"].tolist() == [1]


def test_keys_are_listed_by_prefix_and_cannot_leave_the_directory(store):
    for key in ("2023-24/box/2", "2023-24/box/1", "2022-23/box/1"):
        store.write(key, [], {}, Clock().now())
    assert store.keys("2023-24/") == ["2023-24/box/1", "2023-24/box/2"]
    for hostile in ("../x", "/etc/x", "a/../b", "", "a//b", ".hidden"):
        with pytest.raises(ValueError, match="is no key"):
            store.path(hostile)


def test_a_crash_while_writing_leaves_the_earlier_answer(store, monkeypatch):
    store.write("a", {"x": 1}, {}, Clock().now())

    def crash(descriptor) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(answer_store.os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        store.write("a", {"x": 2}, {}, Clock().now())
    assert store.read("a").answer == {"x": 1}
    assert [path.name for path in store.directory.iterdir()] == ["a.json.gz"]


def test_a_plan_goes_on_where_it_was_interrupted(store):
    plan, clock = planned("1", "2", "3"), Clock()
    stopped = run_plan(plan, Source(**{"2": KeyboardInterrupt()}), store, now=clock.now)
    assert (stopped.interrupted, stopped.outcomes, stopped.left) == (True, {"s/1": Fetched.NEW}, ["s/2", "s/3"])
    assert [request.key for request in missing_requests(plan, store)] == ["s/2", "s/3"]
    source = Source()
    result = run_plan(plan, source, store, now=clock.now)
    assert source.asked == ["2", "3"]
    assert result.complete
    assert result.count(Fetched.ON_DISK) == 1
    assert result.count(Fetched.NEW) == 2


def test_an_answer_that_fails_its_check_is_not_stored_and_an_earlier_one_stays(store):
    clock = Clock()
    store.write("s/1", {"good": True}, {}, clock.now() - timedelta(days=1))
    plan = planned("1", "2", ask_if_older_than=clock.now())
    result = run_plan(plan, Source(**{"1": "bad", "2": "bad"}), store, now=clock.now)
    assert result.failures["s/2"] == "test: s/2: is bad; not stored"
    assert store.read("s/1").answer == {"good": True}
    assert not store.has("s/2")
    assert not result.complete


def test_failures_in_a_row_stop_the_run_and_scattered_ones_do_not(store):
    down = {number: FetchError(f"down {number}") for number in "2345"}
    result = run_plan(planned(*"123456"), Source(**down), store, now=Clock().now)
    assert list(result.failures.values()) == ["down 2", "down 3", "down 4"]
    assert result.stopped == "test: stopped after 3 failures in a row, the last of them: down 4"
    assert result.left == ["s/5", "s/6"]
    scattered = run_plan(
        planned(*"abcdef"), Source(a=FetchError("x"), c=FetchError("y"), e=FetchError("z")), store, now=Clock().now
    )
    assert scattered.stopped is None
    assert scattered.count(Fetched.NEW) == 3


def test_a_refusal_stops_the_run_at_once(store):
    source = Source(**{"1": FetchError("refused", stops_run=True)})
    result = run_plan(planned("1", "2"), source, store, now=Clock().now)
    assert (result.stopped, source.asked, result.left) == ("refused", ["1"], ["s/2"])


def test_what_was_checked_since_is_not_asked_again(store):
    clock = Clock()
    run_plan(planned("1"), Source(), store, now=clock.now)
    since, source = clock.now() + timedelta(minutes=5), Source()
    clock.sleep(600)
    again = planned("1", ask_if_older_than=since)
    assert run_plan(again, source, store, now=clock.now).outcomes == {"s/1": Fetched.UNCHANGED}
    assert run_plan(again, source, store, now=clock.now).outcomes == {"s/1": Fetched.ON_DISK}
    assert source.asked == ["1"]
