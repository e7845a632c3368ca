"""What PCs and the collector say to each other about lendings."""

import json
import logging
import secrets
import stat

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from config import events, lending
from config.events import Enrolled, Pulse
from config.levels import Level
from config.signing import sign, utc_now
from tests.service.factory import DEVICES, STICKS, Agent
from tests.service.lendings import DAY, acted, asked, decisions, now_ms, opened, tell


@pytest.fixture
def other(post, token):
    """A second enrolled agent."""
    made = Agent(post, DEVICES[1])
    assert made.enrol(token)[0] == 200
    return made


def row(uid):
    from service.approvals.models import Lending

    return Lending.objects.get(uid=uid)


def yes(uid, by, days=2, **more):
    from service.approvals.services import approve

    one = row(uid)
    return approve(one.pk, one.edition, by, days, **more)


def test_a_request_is_kept_once_whatever_is_told_how_often(agent):
    one = asked()
    assert tell(agent, one) == (200, lending.Heard((one.id,)))
    changed = msgspec.structs.replace(one, reason="another reason", days=1)
    assert tell(agent, one, changed, one)[1] == lending.Heard((one.id,))
    kept = row(one.id)
    assert (kept.reason, kept.days, kept.state, kept.department) == (one.reason, 2, "requested", "研发一部")
    assert decisions(agent) == {one.id: lending.Decided(one.id, lending.State.REQUESTED)}


def test_a_grant_is_what_was_asked_and_no_more(agent, officers, home):
    one = asked(uses=3)
    tell(agent, one)
    before = now_ms()
    assert yes(one.id, officers["officer"], note="注意保管") == "approved"
    decided = decisions(agent)[one.id]
    header, grant = opened(decided, home)
    assert (decided.state, decided.note) == (lending.State.APPROVED, "注意保管")
    assert (header.kind, header.name, header.version) == ("grant", f"grant-{one.id[:12]}", 1)
    assert before <= grant.since <= now_ms()
    assert grant == lending.Grant(
        id=one.id,
        agent=agent.id,
        user="lixm",
        sha256=one.sha256,
        level=Level.SECRET,
        serial=one.medium.serial,
        uuid=one.medium.uuid,
        since=grant.since,
        until=grant.since + 2 * DAY,
        uses=3,
        approved_by=("officer",),
    )
    assert grant.fits(one.medium)
    assert not grant.fits(STICKS[0])


def test_a_revoked_grant_has_a_higher_version(agent, officers, home):
    from service.approvals.services import revoke

    one = asked()
    tell(agent, one)
    yes(one.id, officers["officer"])
    revoke(row(one.id).pk, row(one.id).edition, officers["officer"], "任务取消")
    decided = decisions(agent)[one.id]
    header, grant = opened(decided, home)
    assert (decided.state, decided.note, header.version, grant.revoked) == ("revoked", "任务取消", 2, True)
    assert grant.until <= now_ms()


def test_one_agent_neither_sees_nor_touches_what_is_anothers(agent, other, officers, caplog):
    from service.approvals.models import Lending, Step

    one = asked()
    tell(agent, one)
    yes(one.id, officers["officer"])
    assert decisions(other) == {}
    with caplog.at_level(logging.WARNING, "service"):
        for act in ("used", "returned", "withdrawn"):
            bad = acted(one.id, act)
            assert tell(other, bad)[1] == lending.Heard((), {bad.id: "there is no such request"})
    assert tell(other, one)[1].refused == {one.id: "there is no such request"}  # nor takes its id
    unknown = acted(secrets.token_hex(16), "used")
    assert tell(other, unknown)[1].refused == {unknown.id: "there is no such request"}  # no difference to be seen
    assert row(one.id).state == "approved"
    assert Lending.objects.get().agent_id == agent.id
    assert not Step.objects.filter(agent=other.id).exists()


def test_the_same_act_id_of_another_agent_hides_nothing(agent, other, officers):
    first, second = asked(), asked()
    tell(agent, first)
    tell(other, second)
    yes(first.id, officers["officer"])
    yes(second.id, officers["officer"])
    act = acted(first.id, "used")
    tell(agent, act)
    assert tell(other, msgspec.structs.replace(act, grant=second.id))[1].kept == (act.id,)
    assert row(second.id).state == "out"


def test_only_signed_requests_are_answered(agent, post, token):
    body = msgspec.json.encode(lending.Told((asked(),)))
    stranger = Agent(post)
    assert stranger.signed(lending.PATH, body)[0] == 401
    assert post(lending.PATH, body, {})[0] == 401
    assert Client().get(lending.PATH).status_code == 401
    forged = sign(Ed25519PrivateKey.generate(), "POST", lending.PATH, body, utc_now())
    real = sign(agent.key, "POST", lending.PATH, body, utc_now())
    mixed = forged | {"Signature-Input": real["Signature-Input"]}  # the agent's name over another's signature
    assert post(lending.PATH, body, mixed)[0] == 401
    assert post(lending.PATH, body.replace(b'"days":2', b'"days":9'), real)[0] == 401
    assert Client().get(lending.PATH, headers=real).status_code == 401  # a signature for another method
    assert Client().delete(lending.PATH, headers=real).status_code == 405
    assert post(lending.PATH, body, real)[0] == 200


def test_a_revoked_agent_is_heard_no_more(agent, officers):
    from service.fleet.models import Agent as Row
    from service.fleet.services import revoke

    revoke(Row.objects.get(), officers["sysadmin"])
    assert tell(agent, asked())[0] == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "x"},
        {"id": "A" * 32},
        {"time": -1},
        {"time": 10**30},
        {"time": "now"},
        {"sha256": "00"},
        {"size": -1},
        {"size": 2**63},
        {"level": "ultra"},
        {"marks": ["x"] * 9},
        {"marks": ["x" * 501]},
        {"reason": ""},
        {"reason": " \n"},
        {"reason": "x" * 501},
        {"file": ""},
        {"days": 0},
        {"days": 31},
        {"uses": 0},
        {"uses": 101},
        {"user": {"name": " "}},
        {"user": {"name": "x" * 201}},
        {"medium": {"bus": "usb", "label": "no number"}},
        {"medium": {"serial": "x" * 301}},
        {"medium": None},
        {"hostname": "x" * 40_000},
    ],
)
def test_a_bad_request_is_refused_by_name_and_blocks_nothing(agent, changes):
    before, after = asked(), asked()
    bad = msgspec.to_builtins(asked()) | changes
    items = [msgspec.to_builtins(before), bad, msgspec.to_builtins(after)]
    status, heard = tell(agent, raw=json.dumps({"asked": items}).encode())
    assert (status, heard.kept) == (200, (before.id, after.id))
    assert list(heard.refused) == ["asked[1]" if "id" in changes else bad["id"]]
    assert all(heard.refused.values())


def test_a_bad_act_is_refused_by_name_and_blocks_nothing(agent):
    one = asked()
    bad = [msgspec.to_builtins(acted(one.id, "used")) | change for change in ({"act": "burnt"}, {"left": -1})]
    body = {"asked": [msgspec.to_builtins(one)], "acted": [*bad, 7]}
    status, heard = tell(agent, raw=json.dumps(body).encode())
    assert (status, heard.kept) == (200, (one.id,))
    assert list(heard.refused) == [bad[0]["id"], bad[1]["id"], "acted[2]"]


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"asked": 7}', b"\xff\xfe", b'{"asked": [{"id": "\xff"}]}'])
def test_what_is_no_message_is_refused(agent, raw):
    status, answer = tell(agent, raw=raw)
    assert status == 400 or answer.kept == ()


def test_sizes_are_bounded(agent, monkeypatch):
    from service.approvals import services, unpack

    items = [asked() for _ in range(51)]
    assert tell(agent, *items)[0] == 413
    assert tell(agent, *items[:50])[1].kept == tuple(one.id for one in items[:50])
    monkeypatch.setattr(services, "MAX_OPEN", 50)
    assert "too many" in tell(agent, items[50])[1].refused[items[50].id]
    assert tell(agent, items[0])[1].kept == (items[0].id,)  # what is here is here
    huge = b'{"asked": []' + b" " * unpack.MAX_BODY + b"}"
    assert tell(agent, raw=huge)[0] == 413


def test_acts_of_one_lending_are_bounded(agent, officers, monkeypatch):
    from service.approvals import services

    one = asked()
    tell(agent, one)
    yes(one.id, officers["officer"])
    monkeypatch.setattr(services, "MAX_STEPS", 3)
    acts = [acted(one.id, "seen") for _ in range(3)]
    assert [len(tell(agent, act)[1].refused) for act in acts] == [0, 1, 1]


def test_a_busy_database_keeps_nothing_and_says_when_to_come_back(agent, monkeypatch):
    from django.db import OperationalError

    from service.approvals import services
    from service.approvals.models import Lending

    def full(*_, **__):
        raise OperationalError("disk is full")

    monkeypatch.setattr(services, "append", full)
    status, headers, _ = agent.signed(lending.PATH, msgspec.json.encode(lending.Told((asked(),))))
    assert (status, headers["Retry-After"]) == (503, "30")
    assert not Lending.objects.exists()


def test_the_pulse_changes_with_every_decision_and_with_the_clock(agent, other, officers, monkeypatch):
    from service.approvals import services

    def pulse(by=agent):
        return msgspec.json.decode(by.beat()[2], type=Pulse).lending

    seen = [pulse()]
    assert seen == [""]
    one = asked()
    steps = [
        lambda: tell(agent, one),
        lambda: yes(one.id, officers["officer"]),
        lambda: tell(agent, acted(one.id, "used")),
        lambda: monkeypatch.setattr(services, "now", lambda: now_ms() + 3 * DAY),
        lambda: tell(agent, acted(one.id, "returned")),
    ]
    for step in steps:
        step()
        assert pulse() not in seen
        seen.append(pulse())
        assert pulse() == seen[-1]
    assert pulse(other) == ""


def test_closed_ones_are_told_for_thirty_days(agent, officers, monkeypatch):
    from service.approvals import services

    one, two = asked(), asked()
    tell(agent, one, two)
    services.deny(row(one.id).pk, 1, officers["officer"], "不同意")
    assert set(decisions(agent)) == {one.id, two.id}
    monkeypatch.setattr(services, "now", lambda: now_ms() + 31 * DAY)
    assert set(decisions(agent)) == {two.id}


def test_who_enrols_learns_whose_grants_to_believe(post, token, home):
    from service.approvals.keys import lenders
    from service.home import find

    answer = msgspec.json.decode(Agent(post).enrol(token)[2], type=Enrolled)
    assert answer.lenders == lenders(find(home))
    assert len(bytes.fromhex(answer.lenders[0])) == 32
    assert set(answer.lenders).isdisjoint(answer.signers)
    assert stat.S_IMODE((home / "approvals.key").stat().st_mode) == 0o600


def test_an_older_collector_makes_its_key_when_it_is_needed(post, token, home):
    (home / "approvals.key").unlink()
    answer = msgspec.json.decode(Agent(post).enrol(token)[2], type=Enrolled)
    again = msgspec.json.decode(Agent(post).enrol(token)[2], type=Enrolled)
    assert answer.lenders == again.lenders
    assert stat.S_IMODE((home / "approvals.key").stat().st_mode) == 0o600


def test_a_damaged_key_is_never_replaced_silently(post, token, home, agent, officers):
    from service.approvals.keys import GrantKeyError
    from service.fleet.models import Token

    one = asked()
    tell(agent, one)
    (home / "approvals.key").write_text("not a key")
    status, _, answer = Agent(post).enrol(token)
    assert status == 503
    assert b"key" not in answer
    assert Token.objects.order_by("-pk").first().used == 1  # only the agent of this test
    with pytest.raises(GrantKeyError):
        yes(one.id, officers["officer"])
    assert (home / "approvals.key").read_text() == "not a key"
    assert row(one.id).state == "requested"


def test_every_request_decision_and_act_is_in_the_chain_and_no_content(agent, officers):
    from service.approvals.services import deny
    from service.audit.models import Record
    from service.audit.services import verify

    one, two = asked(), asked()
    tell(agent, one, two)
    yes(one.id, officers["officer"])
    tell(agent, acted(one.id, "used"), acted(one.id, "erased"))
    deny(row(two.id).pk, 1, officers["officer"], "不同意")
    records = list(Record.objects.filter(act__startswith="lending.").order_by("seq"))
    assert [(one.actor, one.act) for one in records] == [
        (DEVICES[0], "lending.asked"),
        (DEVICES[0], "lending.asked"),
        ("officer", "lending.approved"),
        (DEVICES[0], "lending.told"),
        (DEVICES[0], "lending.told"),
        ("officer", "lending.denied"),
    ]
    assert json.loads(records[3].detail) == {"state": "out", "told": "used"}
    everything = "".join(record.detail + record.object for record in records)
    assert [bad for bad in (one.reason, one.file, "不同意", one.medium.serial) if bad in everything] == []
    assert verify().broken is None


def test_a_long_absent_name_is_compared_too(agent, officers):
    """A domain account names the same person."""
    from service.approvals.names import is_own

    for name in ("DOMAIN\\officer", "officer@example.cn", "Officer", "ｏｆｆｉｃｅｒ"):
        one = asked(user=events.User(name))
        tell(agent, one)
        assert is_own(row(one.id), officers["officer"]), name
    one = asked(user=events.User("officer2"))
    tell(agent, one)
    assert not is_own(row(one.id), officers["officer"])
