"""Calendars and cards: a mark is whole however it was folded and coded."""

import base64

from tests.documents import MARK, word


def places(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


def test_folded_lines_and_escapes(extract):
    raw = f"DESCRIPTION:一行\\n{MARK}\\, 内部".encode()
    folded = b"\r\n ".join(raw[at : at + 17] for at in range(0, len(raw), 17))  # folds within characters, as many do
    extraction = extract(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + folded + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    assert extraction.media_type == "text/calendar"
    assert places(extraction) == ["body line 4"]
    assert any(f"{MARK}, 内部" in segment.text for segment in extraction.segments)


def test_quoted_values_of_old_cards(extract):
    quoted = "".join(f"={byte:02X}" for byte in MARK.encode("gbk"))
    note = f"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=GBK:{quoted[:12]}=\n{quoted[12:]}"
    card = f"BEGIN:VCARD\nVERSION:2.1\n{note}\nEND:VCARD\n"
    extraction = extract(card.encode())
    assert extraction.media_type == "text/vcard"
    assert places(extraction) == ["body line 3"]


def test_documents_in_a_calendar(extract):
    packed = base64.b64encode(word(MARK)).decode()
    lines = "\n ".join(packed[at : at + 74] for at in range(0, len(packed), 74))
    data = f"BEGIN:VCALENDAR\nATTACH;VALUE=BINARY;ENCODING=BASE64;FILENAME=a.docx:{lines}\nSUMMARY:x\nEND:VCALENDAR\n"
    extraction = extract(data.encode())
    assert places(extraction) == ["a.docx > page 1 line 1"]
    assert places(extraction, "SUMMARY:x") == ["body line 3"]
