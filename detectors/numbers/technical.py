"""Technical values: addresses of machines, JSON web tokens, names and passwords in base64."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from datetime import date

import msgspec

from config.text import Text
from detectors.numbers.check import Check, compact

SECTION = 30  # four numbers up to this are more often a heading or a version than a machine
VERSION = 23  # the first number of most versions; another of theirs has one digit: 3.23.91.1
_WRITTEN = re.compile(r"(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe80):", re.IGNORECASE)  # nets that are routed (RFC 4291)

SHORT = 4  # characters a password has at least
STAND_INS = frozenset({"pass", "passwd", "password", "pwd", "secret", "token", "username", "user", "open sesame"})


def check_ip(text: str, _today: date) -> Check | None:
    """An address that a machine can have; loopback, broadcast, nets and the addresses for manuals have none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or text.startswith(("0.", "255."))
        or text.endswith(".0.0")
    ):
        return None
    if address.version == 6:
        if "::" in text and not _WRITTEN.match(text):  # as add::face is, in a programme
            return None
        return Check(str(address), 0.3, Text("eight groups of an IPv6 address", "完整的 IPv6 地址"))
    first, *others = map(int, text.split("."))
    version = max(first, *others) <= SECTION or (first <= VERSION and min(others) <= 9 and not address.is_private)
    return Check(text, -0.15 if version else 0.1, Text("four numbers of an IPv4 address", "IPv4 地址"))


def check_mac(text: str, _today: date) -> Check | None:
    """An address of one network card (IEEE 802): no group address, and not all alike."""
    digits = compact(text)
    if len(digits) != 12 or int(digits[:2], 16) & 1 or len(set(digits)) < 3:
        return None
    dotted = -0.1 if "." in text else 0.0  # weights and versions are written so too
    return Check(digits, dotted, Text("six bytes of a network card's address", "由六个字节组成的网卡地址"))


def check_jwt(text: str, _today: date) -> Check | None:
    """The first part must decode to a JSON object that names an algorithm or a type (RFC 7519 section 5)."""
    head = text.partition(".")[0]
    try:
        header = msgspec.json.decode(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (binascii.Error, msgspec.DecodeError, ValueError):
        return None
    if not isinstance(header, dict) or not ({"alg", "typ"} & header.keys()):
        return None
    return Check(text, 0.1, Text("its header decodes to JSON and names an algorithm", "头部可解码为 JSON 并写明算法"))


def check_basic(text: str, _today: date) -> Check | None:
    """Base64 of a name, a colon and a password in printable characters (RFC 7617 section 2), no placeholder for one."""
    try:
        name, colon, password = base64.b64decode(text, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    if not colon or not name or len(password) < SHORT or not (name + password).isprintable():
        return None
    if password.lower() in STAND_INS:
        return None
    return Check(text, 0.1, Text("it decodes to a name and a password", "可解码为用户名和密码"))
