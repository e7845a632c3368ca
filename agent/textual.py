"""What kind of text a text is, by its outer shape: mail, web pages, XML of known kinds, calendars, cards."""

from __future__ import annotations

import re

import regex

from agent import media

# The first element of an XML file, past what may stand before it; what its tag says makes the kind. Not ``re``: before
# Python 3.11.5 it loses matches of groups that repeat possessively (CPython issue 106052).
_ROOT = regex.compile(
    rb"(?>\s++|<\?.*?\?>|<!--.*?-->|<!doctype[^>\[]*+(?:\[.*?\]\s*+)?>)*+<([a-z_][\w.:-]*+)([^>]*+)", regex.DOTALL
)
_XML = (  # name of the element, what is in its tag, kind
    (b"svg", b"", "image/svg+xml"),
    (b"document", b":opendocument:xmlns:office:", media.FLAT_ODF),
    (b"worddocument", b"schemas.microsoft.com/office/word/2003/wordml", media.WORD_2003),
    (b"workbook", b"urn:schemas-microsoft-com:office:spreadsheet", media.EXCEL_2003),
    (b"package", b"schemas.microsoft.com/office/2006/xmlpackage", media.FLAT_OPC),
    (b"fictionbook", b"", media.FICTION),
    (b"mxfile", b"", media.DRAWIO),
    (b"mxgraphmodel", b"", media.DRAWIO),
)
# Kinds whose beginning leaves no doubt, whatever bytes come after it.
SURE = ("application/mbox", "message/rfc822", "message/x-emlx", "text/calendar", "text/vcard")
# A header field, perhaps folded (RFC 5322 2.2); a mailbox or Apple's format has a line before the first.
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[^\n]*(?:\n[ \t]+[^\n]*)*(?:\n|\Z)")
_BEFORE_MAIL = re.compile(rb"(?:\d{1,10}[ \t]*\r?\n|>?From [^\n]{1,1000}\n)?")
_OF_PEOPLE = {b"from", b"to", b"cc", b"reply-to", b"sender", b"return-path", b"delivered-to", b"apparently-to"}
_OF_MAIL = _OF_PEOPLE | {
    b"subject",
    b"date",
    b"received",
    b"message-id",
    b"mime-version",
    b"in-reply-to",
    b"references",
}


def _xml(head: bytes) -> str:
    """The kind of an XML file by its first element; empty for what is none."""
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe").lower()
    if not plain.lstrip().startswith(b"<"):
        return ""
    if root := _ROOT.match(plain):
        name = root.group(1).rpartition(b":")[2]
        for wanted, mark, kind in _XML:
            if name == wanted and mark in root.group(2):
                return kind
    declared = plain.lstrip().startswith(b"<?xml") or (root is not None and b"xmlns" in root.group(2))
    return "application/xml" if declared else ""


def kind(head: bytes) -> str:
    """The kind of a text whose outer shape shows it; the words inside are found either way."""
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"begin:vcalendar", b"begin:vcard")):
        return "text/calendar" if start.startswith(b"begin:vcal") else "text/vcard"
    if not start.startswith(b"<") and (letter := _letter(head)):
        return letter
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return "text/html"
    if kind := _xml(head):
        return kind
    return media.TEXT


def _letter(head: bytes) -> str:
    """The kind of mail, when the text begins as mail does: with fields that only mail has together (RFC 5322 3.6)."""
    head = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    before = _BEFORE_MAIL.match(head)
    at = before.end() if before else 0
    first = head[:at]
    names: set[bytes] = set()
    while (field := _FIELD.match(head, at)) and len(names) < 200:
        names.add(field.group(1).lower().lstrip(b">"))
        at = field.end()
    mailbox = first.startswith((b"From ", b">From "))
    ended = not head[at:].strip(b" \t") or head.startswith((b"\n", b"\r\n"), at)
    letter = len(names & _OF_MAIL) >= 3 and bool(names & _OF_PEOPLE or b"received" in names)
    part = b"content-type" in names and bool(names & {b"mime-version", b"content-transfer-encoding"})
    if mailbox:
        return "application/mbox" if names & _OF_MAIL else ""
    if not (letter or part or (b"mime-version" in names and names & _OF_MAIL)):
        return ""
    if not ended and b"mime-version" not in names and not {b"received", b"message-id"} & names:
        return ""  # something that is no field before any empty line: notes, listings
    return "message/x-emlx" if first else "message/rfc822"
