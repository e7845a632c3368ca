"""Messages (RFC 5322, MIME): headers, bodies, and every attachment as a document of its own."""

from __future__ import annotations

import email.policy
import io
from collections.abc import Iterator
from email import message_from_binary_file
from email.message import EmailMessage, Message
from typing import BinaryIO

from agent.extract.encoding import decide, decode
from agent.extract.reading import NotReadError, Reading
from agent.extract.text import web
from config.verdict import Reason, Segment, Zone

_SHOWN = (
    "Subject",
    "From",
    "To",
    "Cc",
    "Bcc",
    "Reply-To",
    "Date",
    "Keywords",
    "Comments",
    "Sensitivity",
    "msip_labels",
)


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Headers as ``property:Subject`` and so on, text bodies as lines, the rest under the names of the attachments.

    Raises:
        NotReadError: larger than allowed, or more parts than allowed.
    """
    if file.seek(0, 2) > reading.limits.max_part * 2:
        raise NotReadError(Reason.TOO_LARGE)
    file.seek(0)
    message = message_from_binary_file(file, _class=EmailMessage, policy=email.policy.default)
    yield from _message(message, reading)


def _message(message: Message, reading: Reading) -> Iterator[Segment]:
    for shown in _SHOWN:
        if value := _header(message, shown):
            zone = Zone.LABEL if shown == "msip_labels" else Zone.PROPERTY
            yield Segment(value, f"property:{shown}", zone, lines=False)
    bodies = 0
    for number, part in enumerate(message.walk()):
        reading.ledger.members += 1
        if reading.ledger.members > reading.limits.max_members:
            raise NotReadError(Reason.TOO_LARGE, f"{number} parts")
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            continue
        if part.get_content_type() == "message/rfc822":
            yield from _headers_of_inner(part)
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes) or not content:
            continue
        reading.unpack(len(content), f"part {number}")
        name = str(part.get_filename() or "")
        if part.get_content_maintype() == "text" and not name:
            bodies += 1
            yield from _body(part, content, bodies)
        else:
            yield from reading.inner(name or f"attachment {number}", io.BytesIO(content))


def _body(part: Message, content: bytes, number: int) -> Iterator[Segment]:
    text = _text(part, content)
    if part.get_content_subtype() == "html":
        yield from web.page(text)
    else:
        yield Segment(text.replace("\r\n", "\n"), "body" if number == 1 else f"body {number}")


def _headers_of_inner(part: Message) -> Iterator[Segment]:
    """The parts of a forwarded message are walked with its outer one; its subject is not."""
    payload = part.get_payload()
    for inner in payload if isinstance(payload, list) else []:
        if isinstance(inner, Message) and (value := _header(inner, "Subject")):
            yield Segment(value, "property:Subject", Zone.PROPERTY, lines=False)


def _header(message: Message, name: str) -> str:
    try:
        value = str(message.get(name) or "")
    except Exception:  # noqa: BLE001 - the library fails in many ways on headers that no program should write
        return ""
    try:
        raw = value.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return value
    return decode(raw, decide(raw)[0])


def _text(part: Message, content: bytes) -> str:
    names = decide(content)
    declared = str(part.get_content_charset() or "")
    if names[0] != "utf-8" and declared.lower() not in ("", "us-ascii", "utf-8"):
        try:
            return content.decode("gb18030" if declared.lower() in ("gb2312", "gbk") else declared)
        except (LookupError, UnicodeDecodeError):
            return decode(content, names[0])
    return decode(content, names[0])
