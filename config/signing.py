"""Signed requests: who sent this, and is it what they sent.

Source: RFC 9421 (HTTP Message Signatures) with Ed25519, over exactly ``@method @path @query content-digest`` and the
parameters created, nonce and keyid; RFC 9530 for the digest. ``@authority`` is left out because proxies change it.
Requests older or newer than five minutes are refused; repeating one inside that time is harmless, because batches
carry their own id.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)

from config.errors import SignatureError
from config.text import Text

COVERED = ("@method", "@path", "@query", "content-digest")
WINDOW = timedelta(minutes=5)


class _Message:
    def __init__(self, method: str, path: str, headers: dict[str, str]) -> None:
        self.method = method
        self.url = "https://collector" + path  # only the path and the query of it are signed
        self.headers = headers


class _Keys(HTTPSignatureKeyResolver):
    def __init__(
        self, key: Ed25519PrivateKey | None = None, known: Callable[[str], bytes | None] | None = None
    ) -> None:
        self._key, self._known = key, known

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey | None:  # noqa: ARG002 - there is one
        return self._key

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        raw = self._known(key_id) if self._known else None
        return Ed25519PublicKey.from_public_bytes(raw) if raw else None


class _Verifier(HTTPMessageVerifier):
    max_clock_skew = WINDOW


def agent_id(public_key: bytes) -> str:
    """The name of an agent: the first half of the SHA-256 of its raw public key, 32 hex digits."""
    return hashlib.sha256(public_key).hexdigest()[:32]


def sign(key: Ed25519PrivateKey, method: str, path: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that make a request a signed one. ``path`` has the query; ``body`` is what goes on the wire."""
    message = _Message(method, path, {})
    HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(key)).sign(
        message,
        key_id=agent_id(key.public_key().public_bytes_raw()),
        created=now,
        nonce=secrets.token_urlsafe(12),
        label="shoumi",
        include_alg=False,
        covered_component_ids=COVERED,
        body=body,
    )
    return message.headers


def verify(
    method: str, path: str, headers: Mapping[str, str], body: bytes, known: Callable[[str], bytes | None]
) -> str:
    """Check a request before anything in it is unpacked; the id of the agent that signed it.

    ``known`` gives the raw public key of an agent, or None for one that is unknown or revoked.

    Raises:
        SignatureError: no signature, a wrong one, one too old, or an agent nobody knows. One answer for all of them.
    """
    kept = {name: headers[name] for name in ("Signature", "Signature-Input", "Content-Digest") if name in headers}
    try:
        results = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(known=known)).verify(
            _Message(method, path, kept), max_age=timedelta(0), require_components=COVERED, body=body
        )
    except (InvalidSignature, ValueError) as problem:
        raise SignatureError(
            Text("the request's signature does not hold", "请求签名无效"),
            Text("check the agent's clock and enrolment", "请检查客户端的时钟和注册状态"),
        ) from problem
    return str(results[0].parameters["keyid"])


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)
