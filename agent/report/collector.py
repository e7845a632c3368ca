"""The way to the collector: one request at a time over TLS, signed when there is a key to sign with."""

from __future__ import annotations

import http.client
import ipaddress
import ssl
from datetime import timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.errors import ConfigurationError, IdentityError, RejectedError, TransportError
from config.signing import sign, utc_now
from config.text import Text, printable

TIMEOUT = 20.0  # seconds
MAX_ANSWER = 2**20


class TooLargeError(RejectedError):
    """The batch is larger than the collector takes; a smaller one may pass."""

    code = "SM311"


class Collector:
    """One collector. Its clock is learnt from every answer, so that a wrong clock here does not spoil signatures."""

    def __init__(self, url: str, ca: Path | None = None, key: Ed25519PrivateKey | None = None) -> None:
        """Raises ConfigurationError for an address that is not safe to talk to."""
        parts = urlsplit(url)
        self.url = url
        self._host, self._prefix = parts.hostname or "", parts.path.rstrip("/")
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls: ssl.SSLContext | None = None
        self._key = key
        self._connection: http.client.HTTPConnection | None = None
        self.offset = timedelta(0)  # the collector's clock minus ours
        if parts.scheme == "https":
            self._tls = _context(ca)
        elif parts.scheme != "http" or not is_loopback(self._host):
            raise ConfigurationError(
                "agent.yaml",
                0,
                "collector",
                Text(f"'{url}' is not an https address", f"“{url}”不是 https 地址"),
                Text(
                    "beyond this machine, only https with the collector's ca.pem is used",
                    "非本机地址必须使用 https 和收集端的 ca.pem",
                ),
            )

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
        """Send a body, give back the answer's.

        Raises:
            TransportError: no answer, another server's answer, or a wish to wait (``wait`` seconds where it says).
            IdentityError: the collector does not know this agent, or not this token.
            TooLargeError: the body is too large.
            RejectedError: the collector finds the request wrong; the same one will be refused again.
        """
        return self._ask("POST", path, body, {"Content-Type": "application/json", **(headers or {})})

    def get(self, path: str) -> bytes:
        """Ask for something, at most ``MAX_ANSWER`` bytes. ``path`` has the query. Raises as :meth:`post` does."""
        return self._ask("GET", path, b"", {})

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        sent = {"User-Agent": f"shoumi/{version('shoumi')}", **headers}
        if self._key is not None:
            sent |= sign(self._key, method, self._prefix + path, body, utc_now() + self.offset)
        try:
            status, answered, answer = self._exchange(method, self._prefix + path, body, sent)
        except (OSError, http.client.HTTPException) as problem:
            self.close()
            why = str(problem) or type(problem).__name__
            raise TransportError(
                Text(f"the collector at {self.url} does not answer: {why}", f"收集端 {self.url} 无响应：{why}"),
                Text("events wait on this computer until it does", "事件将保存在本机，恢复后自动上报"),
            ) from None
        self._learn_clock(answered.get("Date"))
        if 200 <= status < 300:
            return answer
        raise _error(status, answered, answer)

    def close(self) -> None:
        """Drop the connection; the next request makes a new one."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _exchange(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        for fresh in (False, True):
            if self._connection is None:
                self._connection, fresh = self._open(), True  # noqa: PLW2901 - a new one gets no second chance
            try:
                self._connection.request(method, path, body or None, headers)
                response = self._connection.getresponse()
                return response.status, response.headers, response.read(MAX_ANSWER)
            except (http.client.RemoteDisconnected, ConnectionError):
                self.close()  # a kept connection may have been closed meanwhile; batches may be sent twice
                if fresh:
                    raise
        raise AssertionError("unreachable")

    def _open(self) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)

    def _learn_clock(self, date: str | None) -> None:
        try:
            offset = parsedate_to_datetime(date or "") - utc_now()
        except (ValueError, TypeError):  # none, nonsense, or a date without a zone
            return
        self.offset = offset if abs(offset) > timedelta(seconds=5) else timedelta(0)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or number alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _context(ca: Path | None) -> ssl.SSLContext:
    if ca is None:
        raise ConfigurationError(
            "agent.yaml",
            0,
            "ca",
            Text(
                "is needed for https: only the collector's own authority is trusted",
                "使用 https 时必须提供：只信任收集端自己的证书",
            ),
            Text("copy ca.pem from the collector's home folder", "请从收集端目录复制 ca.pem"),
        )
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_verify_locations(cafile=str(ca))
    except (OSError, ssl.SSLError) as problem:
        text = Text(f"{ca} cannot be used: {problem}", f"无法使用 {ca}：{problem}")
        raise ConfigurationError("agent.yaml", 0, "ca", text) from None
    return context


def _error(status: int, headers: http.client.HTTPMessage, answer: bytes) -> TransportError:
    said = printable(answer[:200].decode("utf-8", "replace")).replace("\n", " ").strip()
    text = Text(f"the collector answers {status}: {said}", f"收集端返回 {status}：{said}")
    if status in {401, 403}:
        return IdentityError(
            text, Text("enrol this agent again, or ask the system admin", "请重新注册本客户端，或联系系统管理员")
        )
    if status == 413:
        return TooLargeError(text)
    if status == 400:
        return RejectedError(text)
    error = TransportError(text)  # also what a proxy or another server says: it never costs an event
    wait = headers.get("Retry-After", "")
    error.wait = float(wait) if wait.isascii() and wait.isdecimal() else None
    return error
