import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.errors import SignatureError, UsageError
from config.events import Enrolled, Pulse
from config.registers import PART, PATH, Listing
from config.signed import seal
from config.signing import sign, utc_now
from tests.service.factory import Agent

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw().hex()


@pytest.fixture
def signed(tmp_path):
    """Makes a signed file."""

    def make(version=1, payload=b"payload", name="plans", kind="fingerprints", key=KEY):
        path = tmp_path / f"{name}.signed"
        path.write_bytes(seal(key, kind, name, version, payload))
        return path

    return make


@pytest.fixture
def trusted(officers):
    from service.registers.services import trust

    trust(PUBLIC, "王某", officers["officer"])
    return officers["officer"]


@pytest.fixture
def get(agent):
    """A function that asks as an agent does: (status, headers, body)."""
    from django.test import Client

    def get(path, headers=None, by=agent, method="GET"):
        signature = sign(by.key, method, path, b"", utc_now())
        answer = Client().get(path, headers=signature | (headers or {}))
        return answer.status_code, answer.headers, answer.content

    return get


def acts():
    from service.audit.models import Record

    return list(Record.objects.filter(actor="officer").order_by("seq").values_list("act", "object"))


def test_a_published_register_is_offered_part_by_part(trusted, signed, get):
    from service.registers.services import publish

    path = signed(payload=bytes(range(256)) * 5000)
    publish(path, trusted)
    status, _, body = get(PATH)
    (listed,) = msgspec.json.decode(body, type=Listing).registers
    assert (status, listed.name, listed.kind, listed.version, listed.size) == (
        200,
        "plans",
        "fingerprints",
        1,
        path.stat().st_size,
    )
    whole = b""
    while len(whole) < listed.size:
        status, headers, part = get(f"{PATH}/plans?version=1&from={len(whole)}")
        assert (status, headers["ETag"]) == (200, f'"{listed.sha256}"')
        assert 0 < len(part) <= PART
        whole += part
    assert whole == path.read_bytes()
    assert get(f"{PATH}/plans?version=1&from=0", {"If-None-Match": f'"{listed.sha256}"'})[0] == 304
    for wrong in ("version=2&from=0", f"version=1&from={listed.size}"):
        assert get(f"{PATH}/plans?{wrong}")[0] == 404
    for wrong in ("", "version=1", "version=-1&from=0", "version=1&from=x", "version=1&from=9999999999999999999"):
        assert get(f"{PATH}/plans?{wrong}")[0] == 400
    assert get(f"{PATH}/other?version=1&from=0")[0] == 404
    assert acts() == [("signer.trusted", PUBLIC), ("register.published", "plans")]


def test_only_agents_are_answered(trusted, signed, get, post, agent):
    from service.registers.services import publish

    publish(signed(), trusted)
    for path in (PATH, f"{PATH}/plans?version=1&from=0"):
        assert get(path, by=Agent(post))[0] == 401
        assert get(path, method="POST")[0] == 401  # a signature for another method
        assert get(path)[0] == 200


def test_heartbeats_tell_of_the_list(trusted, signed, agent):
    from service.registers.services import publish, withdraw

    def told():
        return msgspec.json.decode(agent.beat()[2], type=Pulse).registers

    assert told() == ""
    publish(signed(), trusted)
    first = told()
    assert first
    assert told() == first
    publish(signed(2), trusted)
    assert told() not in ("", first)
    withdraw("plans", trusted)
    assert told() == ""


def test_who_enrols_learns_whom_to_believe(trusted, post, token):
    answer = msgspec.json.decode(Agent(post).enrol(token)[2], type=Enrolled)
    assert answer.signers == (PUBLIC,)


def test_an_answer_of_an_older_collector_still_reads():
    old = b'{"agent_id": "x", "department": "", "recipient": "age1", "server_time": 1}'
    assert msgspec.json.decode(old, type=Enrolled).signers == ()


@pytest.mark.parametrize("role", ["sysadmin", "auditor"])
def test_only_a_secrecy_officer_may(trusted, officers, signed, role):
    from service.registers import services

    for act in (
        lambda by: services.trust("11" * 32, "x", by),
        lambda by: services.distrust(PUBLIC, by),
        lambda by: services.publish(signed(), by),
        lambda by: services.withdraw("plans", by),
    ):
        with pytest.raises(services.ForbiddenError):
            act(officers[role])
    assert services.trusted_signers() == (PUBLIC,)
    assert services.listing() == Listing()


def test_a_signer_nobody_trusts_publishes_nothing(trusted, signed, home):
    from service.registers.services import distrust, listing, publish

    with pytest.raises(SignatureError, match=r"plans\.signed is signed by a key that is not trusted"):
        publish(signed(key=Ed25519PrivateKey.generate()), trusted)
    distrust(PUBLIC, trusted)
    with pytest.raises(SignatureError):
        publish(signed(), trusted)
    assert listing() == Listing()
    assert list((home / "registers").iterdir()) == []


def test_a_damaged_file_is_not_published(trusted, signed):
    from service.registers.services import publish

    path = signed()
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(SignatureError, match="changed"):
        publish(path, trusted)


def test_only_newer_versions_of_the_same_kind_take_its_place(trusted, signed, home):
    from service.registers.services import listing, publish

    publish(signed(3), trusted)
    for wrong in (signed(3), signed(2), signed(4, kind="words")):
        with pytest.raises(UsageError):
            publish(wrong, trusted)
    publish(signed(4, b""), trusted)
    assert [one.version for one in listing().registers] == [4]
    assert [path.name for path in (home / "registers").iterdir()] == ["plans@4.signed"]


def test_a_withdrawn_register_comes_back_only_newer(trusted, signed):
    from service.registers.services import listing, publish, withdraw

    publish(signed(3), trusted)
    withdraw("plans", trusted)
    with pytest.raises(UsageError, match="no register"):
        withdraw("plans", trusted)
    with pytest.raises(UsageError, match="already"):
        publish(signed(3), trusted)
    publish(signed(4), trusted)
    assert [one.version for one in listing().registers] == [4]


@pytest.mark.parametrize("name", ["../evil", "a/b", "Plans", "", "a" * 65])
def test_a_name_that_is_no_name_is_not_published(trusted, tmp_path, name):
    from service.registers.services import publish

    path = tmp_path / "x.signed"
    path.write_bytes(seal(KEY, "fingerprints", name, 1, b"x"))
    with pytest.raises(UsageError, match="header"):
        publish(path, trusted)


def test_too_large_and_no_room_are_said(trusted, signed, monkeypatch):
    from service.registers import services

    monkeypatch.setattr(services, "MAX_BYTES", 10)
    with pytest.raises(UsageError, match="larger"):
        services.publish(signed(), trusted)
    monkeypatch.setattr(services, "MAX_BYTES", 10_000)
    monkeypatch.setattr(services, "RESERVE", 2**60)
    with pytest.raises(UsageError, match="room"):
        services.publish(signed(), trusted)


@pytest.mark.parametrize("key", ["", "zz" * 32, "11" * 31, PUBLIC + "00"])
def test_a_key_that_is_none_is_not_trusted(trusted, key):
    from service.registers.services import trust

    with pytest.raises(UsageError, match="no public key"):
        trust(key, "x", trusted)
    with pytest.raises(UsageError, match="already"):
        trust(PUBLIC, "x", trusted)
