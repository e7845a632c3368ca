"""Requests and acts are told until they are heard; decisions are believed only as far as a lender signed them."""

import base64
import time

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.lending import sync as module
from agent.lending.sync import Sync
from config.errors import IdentityError, RejectedError, TransportError
from config.lending import PATH, Act, Decided, Decisions, Heard, State, Told
from tests.lendings import AGENT, LENDER, NOW, STICK, asked, grant, signed

replace = msgspec.structs.replace


class Collector:
    """The collector's side: what it was told, what it decided, and how it fails. The real one is elsewhere."""

    def __init__(self):
        self.told, self.decided, self.refuse = [], {}, {}
        self.answer = self.error = None
        self.poison, self.posts, self.gets = set(), 0, 0

    def post(self, path, body):
        assert path == PATH
        self.posts += 1
        if self.error:
            raise self.error
        if self.answer is not None:
            return self.answer
        told = msgspec.json.decode(body, type=Told)
        ids = [one.id for one in (*told.asked, *told.acted)]
        if self.poison & set(ids):
            raise RejectedError("makes no sense")
        self.told += [one for one in (*told.asked, *told.acted) if one.id not in self.refuse]
        refused = {key: self.refuse[key] for key in ids if key in self.refuse}
        return msgspec.json.encode(Heard(tuple(key for key in ids if key not in refused), refused))

    def get(self, path):
        assert path == PATH
        self.gets += 1
        if self.error:
            raise self.error
        return self.answer or msgspec.json.encode(Decisions(tuple(self.decided.values())))

    def decide(self, number, state, made=None, version=1, note="", **seal):
        file = base64.b64encode(signed(made, version, **seal)).decode() if made else ""
        self.decided[number] = Decided(number, state, note, file)

    def close(self):
        pass


@pytest.fixture
def collector():
    return Collector()


@pytest.fixture
def sync(bench, collector, monkeypatch):
    monkeypatch.setattr(module, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(module, "LONGEST_WAIT", 0.05)
    made = Sync(bench.store, collector, [LENDER], AGENT, lambda user, text: bench.said.append((user, text.en)))
    yield made
    made.stop()


def ask(bench, **changes):
    request = asked(**changes)
    bench.store.ask(request, "关于印发方案.docx")
    return request


def fetch(sync, digest="new"):
    sync._offered = digest
    sync.fetch()


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_a_request_is_told_once_and_approved_heard_and_used(bench, sync, collector):
    request = ask(bench)
    sync.tell()
    sync.tell()
    assert collector.told == [request]
    made = grant(id=request.id)
    collector.decide(request.id, State.APPROVED, made, note="只限会议使用")
    fetch(sync)
    assert bench.covers() == made
    ((user, text),) = bench.said
    assert user == "li"
    assert "is approved: 关于印发方案.docx may be copied to SanDisk Ultra 0001, 1 time(s)" in text
    assert text.endswith("The officer writes: 只限会议使用")
    fetch(sync, "again")
    assert len(bench.said) == 1
    assert bench.store.request(request.id).state == State.APPROVED
    bench.grants.landed(bench.grants.use(made, "a", STICK, 1))
    sync.tell()
    assert [one.act for one in collector.told[1:]] == [Act.USED]
    assert bench.store.untold(9) == ((), ())


def test_requests_are_told_before_acts_and_in_parts(bench, sync, collector):
    requests = [ask(bench, user=asked().user) for _ in range(120)]
    bench.store.record(requests[0].id, Act.WITHDRAWN, NOW, "li")
    sync.tell()
    assert collector.told[:120] == requests
    assert collector.posts == 3
    assert len(collector.told) == 121


@pytest.mark.parametrize(
    ("state", "words"),
    [(State.DENIED, "was not approved"), (State.REVOKED, "was revoked"), (State.RETURNED, "closed as returned")],
)
def test_other_decisions_are_told_once(bench, sync, collector, state, words):
    request = ask(bench)
    collector.decide(request.id, state, note="no")
    for digest in "ab":
        fetch(sync, digest)
    assert [words in text and text.endswith("writes: no") for _, text in bench.said] == [True]


@pytest.mark.parametrize("state", [State.REVOKED, State.RETURNED, State.DENIED, State.EXPIRED, State.WITHDRAWN])
def test_the_collector_may_always_close(bench, sync, collector, state):
    request = ask(bench)
    made = grant(id=request.id, uses=5)
    collector.decide(request.id, State.APPROVED, made)
    fetch(sync)
    assert bench.covers()
    collector.decide(request.id, state, made)
    fetch(sync, "b")
    assert bench.covers() is None
    collector.decide(request.id, State.APPROVED, made)  # an old answer played again
    fetch(sync, "c")
    assert bench.covers() is None


def test_a_revoked_version_closes_and_an_older_one_never_opens_again(bench, sync, collector):
    request = ask(bench)
    made = grant(id=request.id)
    collector.decide(request.id, State.APPROVED, made, version=1)
    fetch(sync)
    collector.decide(request.id, State.REVOKED, replace(made, revoked=True), version=2)
    fetch(sync, "b")
    assert bench.covers() is None
    collector.decide(request.id, State.APPROVED, made, version=1)
    fetch(sync, "c")
    assert bench.covers() is None
    assert "older" in sync.problems[request.id[:12]].en


def test_a_newer_version_extends_and_says_so(bench, sync, collector):
    request = ask(bench)
    made = grant(id=request.id)
    collector.decide(request.id, State.APPROVED, made)
    fetch(sync)
    longer = replace(made, until=made.until * 2, uses=3)
    collector.decide(request.id, State.APPROVED, longer, version=2)
    fetch(sync, "b")
    assert bench.covers() == longer
    assert ["3 time(s)" in text for _, text in bench.said] == [False, True]


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": Ed25519PrivateKey.generate()},
        {"kind": "words"},
        {"name": "grant-ffffffffffff"},
        {"made": {"agent": "b0" * 16}},
        {"made": {"sha256": "cd" * 32}},
        {"made": {"user": "zhang"}},
        {"made": {"id": "ee" * 16}},
    ],
    ids=[
        "a stranger's",
        "another kind",
        "another name",
        "another machine",
        "other content",
        "another person",
        "of another",
    ],
)
def test_a_grant_that_cannot_be_believed_changes_nothing(bench, sync, collector, wrong):
    request = ask(bench)
    made = grant(**({"id": request.id} | wrong.pop("made", {})))
    collector.decide(request.id, State.APPROVED, made, **wrong)
    fetch(sync)
    assert bench.store.lents() == []
    assert bench.store.request(request.id).state == State.REQUESTED
    assert request.id[:12] in sync.problems[request.id[:12]].en
    assert bench.said == []


def test_a_tampered_grant_is_refused_and_the_true_one_heals(bench, sync, collector):
    request = ask(bench)
    made = grant(id=request.id)
    for file in (signed(made).replace(b'"uses":1', b'"uses":9'), b"", b"{}\n"):
        collector.decided[request.id] = Decided(request.id, State.APPROVED, "", base64.b64encode(file).decode() or "?")
        fetch(sync)
        assert bench.store.lents() == []
        assert sync.problems
    collector.decide(request.id, State.APPROVED, made)
    fetch(sync, "b")
    assert bench.covers() == made
    assert sync.problems == {}


def test_grants_of_a_store_that_was_lost_are_believed_all_the_same(bench, sync, collector):
    made = grant()
    collector.decide(made.id, State.APPROVED, made)
    fetch(sync)
    assert bench.covers() == made


def test_a_withdrawal_that_crosses_the_approval_wins(bench, sync, collector):
    request = ask(bench)
    bench.store.record(request.id, Act.WITHDRAWN, NOW, "li")
    bench.store.decide(request.id, State.WITHDRAWN, "")
    made = grant(id=request.id)
    collector.decide(request.id, State.APPROVED, made)
    fetch(sync)
    assert bench.covers() is None
    assert bench.store.request(request.id).state == State.WITHDRAWN
    assert bench.said == []


def test_what_the_person_returned_is_not_told_to_the_person(bench, sync, collector):
    request = ask(bench)
    made = grant(id=request.id)
    collector.decide(request.id, State.APPROVED, made)
    fetch(sync)
    bench.store.close_grant(made.id, State.RETURNED)
    for state in (State.OUT, State.RETURNED):
        collector.decide(request.id, state, made)
        fetch(sync, state)
    assert len(bench.said) == 1
    assert bench.store.lent(made.id).closed == State.RETURNED


# refusals


def test_what_is_refused_stays_here_and_is_not_sent_again(bench, sync, collector):
    request = ask(bench)
    other = ask(bench)
    collector.refuse[request.id] = "the department is closed"
    sync.tell()
    sync.tell()
    assert collector.told == [other]
    kept = bench.store.request(request.id)
    assert (kept.state, kept.note) == (State.DENIED, "the department is closed")
    assert ["was not approved" in text for _, text in bench.said] == [True]


def test_one_that_spoils_the_message_is_found_and_the_rest_told(bench, sync, collector):
    requests = [ask(bench) for _ in range(20)]
    bench.store.record(requests[3].id, Act.WITHDRAWN, NOW, "li")
    bench.store.record(requests[7].id, Act.WITHDRAWN, NOW, "li")
    collector.poison = {requests[7].id, bench.store.untold(50)[1][0].id}
    sync.tell()
    assert [one for one in collector.told if one in requests] == [*requests[:7], *requests[8:]]
    assert bench.store.untold(50) == ((), ())
    assert bench.store.request(requests[7].id).state == State.DENIED


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b'{"kept": ["other"]}', b"[]"])
def test_an_answer_that_confirms_nothing_loses_nothing(bench, sync, collector, answer):
    ask(bench)
    collector.answer = answer
    with pytest.raises(TransportError):
        sync.tell()
    assert bench.store.waiting() == 1


@pytest.mark.parametrize(
    "answer", [b"<html>", b"[]", b'{"lendings": [{}]}', b'{"lendings": [{"id": "x", "state": "out"}]}']
)
def test_decisions_that_make_no_sense_change_nothing(bench, sync, collector, answer):
    request = ask(bench)
    collector.answer = answer
    with pytest.raises(TransportError):
        fetch(sync)
    assert bench.store.request(request.id).state == State.REQUESTED


# the thread


@pytest.mark.parametrize(
    "error", [TransportError("down"), IdentityError("unknown"), RuntimeError("surprise")], ids=repr
)
def test_a_collector_that_is_away_for_long_loses_nothing(bench, sync, collector, error):
    collector.error = error
    request = ask(bench)
    made = bench.lend()
    sync.start()
    until(lambda: collector.posts > 5)
    assert bench.covers() == made, "grants need nobody"
    bench.grants.landed(bench.grants.use(made, "a", STICK, 1))
    assert sync.problem is not None
    collector.error = None
    until(lambda: bench.store.untold(9) == ((), ()))
    assert collector.told[0] == request
    assert [one.act for one in collector.told[1:]] == [Act.USED]
    until(lambda: sync.problem is None)


def test_it_is_woken_by_news_from_both_sides(bench, sync, collector):
    sync.start()
    request = ask(bench)
    sync.wake()
    until(lambda: collector.told == [request])
    sync.offered("")
    sync.offered("one")
    until(lambda: collector.gets == 1)
    collector.decide(request.id, State.DENIED)
    sync.offered("one")
    sync.offered("two")
    until(lambda: bench.said)
    assert collector.gets == 2, "the same digest is nothing new"


def test_what_waits_from_the_last_run_is_told_at_the_start(bench, sync, collector):
    ask(bench)
    sync.start()
    until(lambda: len(collector.told) == 1)
