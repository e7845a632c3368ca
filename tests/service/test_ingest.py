import threading
from datetime import timedelta

import msgspec
import pytest
import zstandard

from config.events import MAX_BYTES, MAX_EVENTS, Done, Enrolled, Pulse
from config.levels import Level
from config.signing import utc_now
from service.clock import now
from service.ingest.unpack import MAX_BODY, MAX_UNPACKED
from tests.service.factory import Agent, event, pack, repeat


def incidents():
    from service.incidents.models import Incident

    return list(Incident.objects.order_by("pk"))


def kept():
    from service.ingest.models import Event

    return Event.objects.count()


def test_an_enrolled_agent_learns_who_it_is_and_whom_to_seal_to(post, token, home):
    agent = Agent(post)
    status, _, body = agent.enrol(token)
    answer = msgspec.json.decode(body, type=Enrolled)
    assert (status, answer.agent_id, answer.department) == (200, agent.id, "研发一部")
    assert answer.recipient.startswith("age1")
    assert abs(answer.server_time - now()) < 5000


def test_a_token_lets_in_as_many_as_it_says_and_no_more(post, home):
    from service.fleet.models import Token
    from service.fleet.services import make_token

    token = make_token("", 1, 1)
    first, second = Agent(post), Agent(post)
    assert first.enrol(token)[0] == 200
    assert first.enrol(token)[0] == 200  # its answer was lost: asking again costs nothing
    assert second.enrol(token)[0] == 403
    Token.objects.update(uses=9, expires=now() - 1)
    assert second.enrol(token)[0] == 403
    assert second.enrol("wrong") == (403, second.enrol(token)[1], second.enrol(token)[2])  # no word about why
    assert token.encode() not in (home / "collector.db").read_bytes()


def test_guessing_tokens_is_slow(post, home):
    agent = Agent(post)
    answers = [agent.enrol("x")[0] for _ in range(25)]
    assert answers[0] == 403
    assert answers[-1] == 429
    assert int(agent.enrol("x")[1]["Retry-After"]) > 0


def test_a_revoked_agent_comes_back_only_with_a_newer_token(agent, token, officers):
    from service.fleet.models import Agent as Row
    from service.fleet.services import make_token, revoke

    revoke(Row.objects.get(pk=agent.id), officers["sysadmin"])
    assert agent.send([event()])[0] == 401
    assert agent.enrol(token)[0] == 403
    assert agent.enrol(make_token("", 1, 1))[0] == 200
    assert agent.receipt([event()]).accepted == 1


def test_events_become_incidents(agent):
    assert agent.receipt([event(), event()]).accepted == 2
    one = incidents()[0]
    assert (one.person, one.level, one.document, one.department, one.state) == (
        "李某",
        3,
        "关于开展…通知.docx",
        "研发一部",
        "new",
    )


def test_only_who_is_known_is_heard(agent, post, token):
    stranger = Agent(post)
    assert stranger.send([event()])[0] == 401
    assert agent.post("/api/v1/events", pack([event()]), {"Content-Encoding": "zstd"})[0] == 401
    assert kept() == 0


def test_a_changed_body_path_or_time_is_not_believed(agent):
    from config.signing import sign

    body = pack([event()])
    headers = sign(agent.key, "POST", "/api/v1/events", body, utc_now())
    encoded = {**headers, "Content-Encoding": "zstd"}
    assert agent.post("/api/v1/events", pack([event()]), encoded)[0] == 401
    assert agent.post("/api/v1/heartbeat", body, encoded)[0] == 401
    assert agent.post("/api/v1/events?x=1", body, encoded)[0] == 401
    for minutes in (-6, 6):
        assert agent.send([event()], at=utc_now() + timedelta(minutes=minutes))[0] == 401
    assert agent.send([event()], at=utc_now() + timedelta(minutes=4))[0] == 202


def test_one_answer_for_every_reason(agent, post):
    late = agent.send([event()], at=utc_now() - timedelta(hours=1))
    unknown = Agent(post).send([event()])
    assert (late[0], late[2]) == (unknown[0], unknown[2])


def test_nothing_is_unpacked_before_the_signature_holds(agent, monkeypatch):
    from service.ingest import views

    monkeypatch.setattr(views, "unpack", lambda *_: pytest.fail("unpacked"))
    assert agent.post("/api/v1/events", pack([event()]), {"Content-Encoding": "zstd"})[0] == 401


def test_the_same_batch_twice_is_kept_once(agent):
    batch = [event(), event()]
    assert agent.receipt(batch, key="k").accepted == 2
    again = agent.receipt(batch, key="k")
    assert (again.accepted, again.duplicate) == (0, 2)
    assert agent.receipt([batch[0], batch[0], event()], key="other").accepted == 1
    assert kept() == 3
    assert [one.count for one in incidents()] == [1, 1, 1]


def test_one_bad_event_costs_only_itself(agent):
    good = [event(), event()]
    bad = [b'{"time": 1}', b"7", msgspec.json.encode(event(time=2**62)), b'{"x":"' + b"y" * 70_000 + b'"}']
    receipt = agent.receipt([good[0], bad[0], bad[1], good[1], bad[2], bad[3]])
    assert receipt.accepted == 2
    assert [one.index for one in receipt.refused] == [1, 2, 4, 5]
    assert kept() == 2


@pytest.mark.parametrize("body", [b"[1, 2", b"{}", b"", b"[" * 10_000, b"\xff\xfe"])
def test_what_is_no_batch_is_refused(agent, body):
    packed = zstandard.compress(body)
    assert agent.signed("/api/v1/events", packed, {"Content-Encoding": "zstd"})[0] == 400


def test_what_is_no_zstd_is_refused(agent):
    assert agent.signed("/api/v1/events", b"hello", {"Content-Encoding": "zstd"})[0] == 400
    assert agent.signed("/api/v1/events", b"hello", {"Content-Encoding": "br"})[0] == 400


def test_too_much_is_told_to_come_in_halves(agent):
    assert agent.send([b"{}"] * (MAX_EVENTS + 1))[0] == 413
    assert agent.signed("/api/v1/events", b"x" * (MAX_BODY + 1))[0] == 413
    bomb = zstandard.compress(b"[" + b" " * 2**26 + b"]")
    assert len(bomb) < 2**16
    assert agent.signed("/api/v1/events", bomb, {"Content-Encoding": "zstd"})[0] == 413


def test_a_bomb_is_never_unpacked_beyond_the_limit():
    import tracemalloc

    from service.ingest.unpack import TooLargeError, unpack

    bomb = zstandard.compress(b" " * 2**26)
    tracemalloc.start()
    with pytest.raises(TooLargeError):
        unpack(bomb, "zstd")
    assert tracemalloc.get_traced_memory()[1] < 3 * MAX_UNPACKED
    tracemalloc.stop()


def test_a_full_batch_passes(agent):
    bodies = [msgspec.json.encode(event()) for _ in range(MAX_EVENTS)]
    full = MAX_BYTES // len(bodies[0])
    assert agent.receipt(bodies[:full]).accepted == full > 100
    assert agent.receipt([b"{}"] * MAX_EVENTS).refused[-1].index == MAX_EVENTS - 1


def test_times_of_both_clocks_are_kept(agent):
    from service.ingest.models import Event

    for time in (0, now() + 40 * 365 * 86_400_000):
        agent.receipt([event(time=time)])
        row = Event.objects.latest("pk")
        assert row.time == time
        assert abs(row.received - now()) < 10_000


def test_repeats_of_an_open_incident_are_one_line(agent):
    first = event(done=Done.HELD)
    agent.receipt([first])
    agent.receipt([repeat(first), repeat(first, done=Done.QUARANTINED)])
    (one,) = incidents()
    assert (one.count, one.done, one.first, one.last) == (3, "quarantined", first.time, first.time + 1000)
    assert one.edition == 1  # an agent does not make an officer's form stale


def test_a_repeat_after_the_verdict_is_a_new_incident(agent, officers):
    from service.incidents.services import resolve

    first = event()
    agent.receipt([first])
    resolve(incidents()[0].pk, 1, officers["officer"], "authorised", "")
    agent.receipt([repeat(first)])
    assert [one.state for one in incidents()] == ["resolved", "new"]


def test_agents_do_not_mix(agent, post, token):
    other = Agent(post)
    other.enrol(token)
    same = event()
    agent.receipt([same])
    assert other.receipt([same]).accepted == 1  # nobody can swallow another's event by using its id
    assert [one.agent_id for one in incidents()] == [agent.id, other.id]


def test_the_gravest_of_the_repeats_counts(agent):
    first = event()
    agent.receipt([first, repeat(first, level=Level.TOP_SECRET), repeat(first)])
    assert incidents()[0].level == Level.TOP_SECRET.rank


def test_many_at_once_lose_nothing(agent, home):
    from django.db import connection
    from django.test import Client

    batches = [[event() for _ in range(20)] for _ in range(24)]
    answers = []

    def work(mine):
        client = Client()

        def post(path, body, headers):
            answer = client.post(path, data=body, content_type="application/json", headers=headers)
            return answer.status_code, answer.headers, answer.content

        sender = Agent(post)
        sender.key, sender.id = agent.key, agent.id
        answers.extend(sender.send(batch)[0] for batch in mine)
        connection.close()

    threads = [threading.Thread(target=work, args=(batches[i::6],)) for i in range(6)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert answers == [202] * 24
    assert kept() == 480


def test_a_database_that_cannot_write_says_come_back(agent, monkeypatch, caplog):
    from service.database import BusyError
    from service.ingest import views

    def busy(*_):
        raise BusyError("locked")

    monkeypatch.setattr(views, "store", busy)
    status, headers, _ = agent.send([event(person=("geheim", "机密人员"))])
    assert status == 503
    assert int(headers["Retry-After"]) > 0
    assert "机密人员" not in caplog.text


def test_a_heartbeat_is_answered_with_the_time(agent):
    from service.fleet.models import Agent as Row

    status, _, body = agent.beat(spool=2, time=now() + 300_000)
    assert status == 200
    assert abs(msgspec.json.decode(body, type=Pulse).server_time - now()) < 5000
    row = Row.objects.get(pk=agent.id)
    assert 290_000 < row.clock < 310_000
    assert abs(row.seen - now()) < 5000
    assert agent.signed("/api/v1/heartbeat", b"{}")[0] == 400


def test_a_get_is_no_way_in(home):
    from django.test import Client

    assert Client().get("/api/v1/events").status_code == 405
