from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from config.errors import SignatureError
from config.signing import agent_id, sign, utc_now, verify

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
ME = agent_id(PUBLIC)


def known(name):
    return PUBLIC if name == ME else None


def signed(body=b"body", path="/api/v1/events?a=1", now=None):
    return sign(KEY, "POST", path, body, now or utc_now())


@given(st.binary(max_size=200))
def test_what_was_signed_verifies(body):
    assert verify("POST", "/x", signed(body, "/x"), body, known) == ME


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/api/v1/events?a=1", b"body"),
        ("POST", "/api/v1/events", b"body"),
        ("POST", "/api/v1/events?a=2", b"body"),
        ("POST", "/api/v1/events?a=1", b"Body"),
        ("POST", "/api/v1/events?a=1", b""),
    ],
)
def test_any_change_is_refused(method, path, body):
    with pytest.raises(SignatureError):
        verify(method, path, signed(), body, known)


@pytest.mark.parametrize("name", ["Signature", "Signature-Input", "Content-Digest"])
def test_each_header_is_needed(name):
    headers = signed()
    del headers[name]
    with pytest.raises(SignatureError):
        verify("POST", "/api/v1/events?a=1", headers, b"body", known)


@pytest.mark.parametrize(("seconds", "good"), [(-290, True), (290, True), (-310, False), (310, False)])
def test_five_minutes_either_way(seconds, good):
    headers = signed(now=utc_now() + timedelta(seconds=seconds))
    if good:
        assert verify("POST", "/api/v1/events?a=1", headers, b"body", known) == ME
    else:
        with pytest.raises(SignatureError):
            verify("POST", "/api/v1/events?a=1", headers, b"body", known)


def test_an_unknown_or_other_key_is_refused():
    other = Ed25519PrivateKey.generate()
    headers = sign(other, "POST", "/x", b"", utc_now())
    with pytest.raises(SignatureError):
        verify("POST", "/x", headers, b"", known)
    with pytest.raises(SignatureError):
        verify("POST", "/x", headers, b"", lambda _: PUBLIC)


@given(st.dictionaries(st.sampled_from(["Signature", "Signature-Input", "Content-Digest"]), st.text(max_size=80)))
def test_nonsense_is_refused_and_never_crashes(headers):
    with pytest.raises(SignatureError):
        verify("POST", "/x", headers, b"", known)
