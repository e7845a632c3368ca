"""Text in other forms is found on its own line."""

import base64
import json

import pytest

from tests.documents import MARK


def places(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


@pytest.mark.parametrize(
    "form",
    [
        json.dumps({"title": f"关于{MARK}\n的通知"}),
        "".join(f"\\u{ord(char):04X}" for char in MARK),
        "".join(f"&#{ord(char)};" for char in MARK),
        "".join(f"&#x{ord(char):x};" for char in MARK),
        "".join(f"%{byte:02X}" for byte in MARK.encode()),
        "q=" + "".join(f"%{byte:02x}" for byte in MARK.encode("gbk")) + "&x=1",
        "https://example.org/?q=%E6%9C%BA%E5%AF%86%E2%98%8510%E5%B9%B4",
        "".join(f"={byte:02X}" for byte in MARK.encode()),
        "".join(f"\\x{byte:02x}" for byte in MARK.encode()),
    ],
)
def test_a_mark_in_disguise(extract, form):
    assert places(extract(f"first\nsecond\n{form}\nlast\n".encode())) == ["line 3"]


def test_quoted_signs_over_a_soft_break(extract):
    quoted = "".join(f"={byte:02X}" for byte in MARK.encode())
    extraction = extract(f"first\n{quoted[:15]}=\n{quoted[15:]}\nlast =E6=9C=BA\n".encode())
    assert places(extraction) == ["line 2"]
    assert places(extraction, "last 机") == ["line 4"]


@pytest.mark.parametrize("plain", ["C:\\users\\x", "a \\u0041 b", "100%25 sure", "x==y =20", "&#65;&amp;", "a\\nb"])
def test_what_says_nothing_more_is_given_once(extract, plain):
    assert len(extract(plain.encode()).segments) == 2


def test_surrogates(extract):
    assert places(extract(rb'{"a": "\ud842\udfb7\u91ce\u5bb6"}'), "𠮷野家") == ["line 1"]


def test_more_runs_of_base64_than_are_tried_are_said(extract):
    run = base64.b64encode(bytes(range(256))).decode()
    assert extract(f"{run}\n\n".encode() * 1000).coverage.inspected
    assert extract(f"{run}\n\n".encode() * 1001).coverage.reasons == ("too large: line 2001 base64",)
