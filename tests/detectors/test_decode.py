"""Marks and numbers are found in every form, layer by layer, at their own characters; hostile text costs little."""

import base64
import bz2
import gzip
import hashlib
import json
import lzma
import random
import time
import zlib

import pytest
import zstandard

from config.levels import Level
from config.verdict import Segment
from detectors import decode
from tests.detectors.conftest import TODAY

MARK = "机密★10年"
ID = "110101199003070134"
LETTER = f"{MARK}\n\n关于开展检查工作的通知\n各部门：\n身份证号{ID}，请保存好。\n"


def pairs(sign, before=""):
    return lambda data: sign.join(f"{before}{byte:02x}" for byte in data)


BYTES = {
    "base64": lambda data: base64.b64encode(data).decode(),
    "base64url": lambda data: base64.urlsafe_b64encode(data).decode(),
    "mime": lambda data: base64.encodebytes(data).decode(),
    "base32": lambda data: base64.b32encode(data).decode(),
    "hex": lambda data: data.hex(),
    "HEX": lambda data: "0x" + data.hex().upper(),
    "pairs": pairs(" "),
    "colons": pairs(":"),
    "array": pairs(", ", "0x"),
    "\\x": pairs("", "\\x"),
    "octal": lambda data: "".join(f"\\{byte:03o}" for byte in data),
    "percent": pairs("", "%"),
    "quoted": lambda data: "".join(f"={byte:02X}" for byte in data),
}
SIGNS = {
    "&#": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "&#x": lambda text: "".join(f"&#x{ord(sign):X};" for sign in text),
    "\\u": lambda text: "".join(f"\\u{ord(sign):04x}" for sign in text),
    "\\u{": lambda text: "".join(f"\\u{{{ord(sign):x}}}" for sign in text),
    "%u": lambda text: "".join(f"%u{ord(sign):04X}" for sign in text),
    "U+": lambda text: " ".join(f"U+{ord(sign):04X}" for sign in text),
}
PACKED = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "zstd": zstandard.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.fixture
def kinds(engine):
    """The regimes of the marks and the rules of the findings of a text; every span lies in it."""

    def of(text):
        found = engine.detect(text, TODAY)
        assert all(0 <= each.start < each.end <= len(text) for each in (*found.marks, *found.findings))
        return {mark.regime for mark in found.marks} | {finding.rule for finding in found.findings}

    return of


WIDE = ("utf-16", "utf-16-le", "utf-16-be")
SINGLE = ("\\x", "octal", "percent", "quoted")  # escapes of one byte each are read as UTF-8 or Chinese


@pytest.mark.parametrize(
    ("form", "encoding"),
    [(form, code) for form in BYTES for code in ("utf-8", *WIDE, "gb18030") if not (code in WIDE and form in SINGLE)],
)
def test_bytes(kinds, form, encoding):
    assert "cn" in kinds(BYTES[form](MARK.encode(encoding)))
    assert "cn.resident-id" in kinds("号码 " + BYTES[form](ID.encode(encoding)))
    assert {"cn", "cn.resident-id"} <= kinds(f"前言\n{BYTES[form](LETTER.encode(encoding))}\n结束")


@pytest.mark.parametrize("form", SIGNS)
def test_signs(kinds, form):
    assert "cn" in kinds(f"first\nsecond\n{SIGNS[form](MARK)}\n")
    assert "cn.resident-id" in kinds(SIGNS[form](ID))


@pytest.mark.parametrize("packer", PACKED)
@pytest.mark.parametrize("form", ["base64", "mime", "base32", "hex", "pairs"])
def test_packed(kinds, packer, form):
    for text in (MARK, ID, LETTER):
        assert kinds(BYTES[form](PACKED[packer](text.encode()))) & {"cn", "cn.resident-id"}


@pytest.mark.parametrize("inner", ["base64", "mime", "base32", "hex", "pairs", "percent", "\\x", "quoted"])
@pytest.mark.parametrize("middle", ["base64", "base64url", "base32", "HEX", "colons", "percent", "array"])
@pytest.mark.parametrize("outer", ["base64", "mime", "hex", "percent", "octal"])
def test_three_layers(kinds, inner, middle, outer):
    text = LETTER
    for form in (inner, middle, outer):
        text = BYTES[form](text.encode())
    assert {"cn", "cn.resident-id"} <= kinds(f"数据：\n{text}\n完")


def test_a_fourth_layer_is_left(engine):
    text = LETTER
    for _ in range(4):
        text = BYTES["base64"](text.encode())
    assert engine.detect(text, TODAY).level is Level.PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "机密%E2%98%8510年",
        "&#26426;密★10年",
        "机=E5=AF=86★10年",
        "机\\u5bc6★10年",
        "+ZzpbxiYF-10+XnQ-",
        "机=\n密★10年",
        "%26#26426;%26#23494;★10年",
        "%25E6%259C%25BA%25E5%25AF%2586★10年",
        "https://example.org/up/5py65a+G4piFMTDlubQ=",
    ],
)
def test_a_mark_of_which_only_a_part_is_escaped(kinds, text):
    assert "cn" in kinds(text)


def test_a_number_after_an_escape(kinds):
    assert "cn.resident-id" in kinds(f"https://example.org/?q=%20{ID}")
    assert "cn.resident-id" in kinds(f"%22{ID}%22")


def test_words_and_mail_addresses_too(kinds):
    assert "contact.email" in kinds(base64.b64encode("请寄 zhang.wei@corp.cn 收".encode()).decode())
    assert "us" in kinds(base64.b64encode(b"TOP SECRET//SI//NOFORN").decode())


def test_the_place_says_how_it_was_written_and_the_span_is_that_of_the_code(engine):
    code = base64.b64encode(f"首行\n身份证 {ID}".encode()).decode()
    text = f"第一行\n附：{code} 完"
    (finding,) = engine.detect(text, TODAY).findings
    assert text[finding.start : finding.end] == code.rstrip("=")
    assert finding.where == "line 2 base64 line 2"
    assert ID not in repr(finding)
    escaped = "编号 " + "".join(f"%{ord(sign):02X}" for sign in ID) + " 完"
    (finding,) = engine.detect(escaped, TODAY).findings
    assert escaped[finding.start : finding.end].startswith("%31%31")
    assert finding.where == "line 1 escaped"


def test_the_words_before_a_number_count(engine):
    code = base64.b64encode(b"6222021234567890128").decode()
    assert [each.rule for each in engine.detect(f"银行卡号：{code}", TODAY).findings] == ["finance.bank-card"]


@pytest.mark.parametrize("before", ["附件如下：\n", "示例：", "例如"])
def test_the_words_before_a_document_do_not(kinds, before):
    assert "cn" in kinds(before + base64.b64encode(LETTER.encode()).decode())
    assert "cn" in kinds(before + base64.b64encode(MARK.encode()).decode())


def test_what_stands_plainly_beside_a_code_is_found_once(engine):
    found = engine.detect(f"身份证 {ID}，{base64.b64encode('另一个无关的说明文字'.encode()).decode()}", TODAY)
    assert len(found.findings) == 1
    found = engine.detect(f"{MARK}\n标题 %E5%85%B3%E4%BA%8E\n", TODAY)
    assert len(found.marks) == 1


@pytest.mark.parametrize("width", [16, 20, 24, 64, 76])
def test_lines_of_any_width(kinds, width):
    code = base64.b64encode(LETTER.encode()).decode()
    folded = "\n".join(code[at : at + width] for at in range(0, len(code), width))
    assert {"cn", "cn.resident-id"} <= kinds(f"begin\n{folded}\nend of it\n")


def test_a_code_among_numbers_that_are_none(kinds):
    code = base64.b64encode("身份证号：110101199003070134".encode()).decode()
    assert "cn.resident-id" in kinds(f"订单号 2026112900001234567，流水 6222021234567890128。\n附件：{code}\n")


def test_a_list_of_short_codes(engine):
    lines = "\n".join(base64.b64encode(ID.encode()).decode() for _ in range(5))
    assert [each.rule for each in engine.detect(lines, TODAY).findings].count("cn.resident-id") >= 5


def test_a_run_longer_than_a_block_is_read_whole_and_once(engine):
    code = base64.b64encode(("无关内容，" * 20_000 + f"\n{LETTER}" + "其他内容。" * 20_000).encode()).decode()
    for text in (code, base64.encodebytes(base64.b64decode(code)).decode()):
        found = engine.inspect([Segment(f"前言\n{text}\n完", "body")], TODAY)
        assert [mark.text for mark in found.marks] == [MARK]
        assert [each.count for each in found.findings if each.rule == "cn.resident-id"] == [1]


def test_segments_of_a_file(engine):
    segments = [Segment("无", "page 1", page=1), Segment(f"正文\n{BYTES['base64'](MARK.encode())}", "page 2", page=2)]
    (mark,) = engine.inspect(segments, TODAY).marks
    assert (mark.segment, mark.where) == (1, "page 2 line 2 base64")


def test_invisible_characters_within_a_code(kinds):
    code = base64.b64encode(MARK.encode()).decode()
    assert "cn" in kinds("\u200b".join(code))


@pytest.mark.parametrize("seed", range(5))
def test_noise_holds_nothing(engine, seed):
    noise = random.Random(seed)
    lines = [hashlib.sha256(noise.randbytes(8)).hexdigest() for _ in range(200)]
    lines += [base64.encodebytes(noise.randbytes(2_000)).decode(), noise.randbytes(3_000).hex(" ")]
    lines += [base64.b32encode(noise.randbytes(100)).decode() for _ in range(50)]
    lines += ["".join(f"%{noise.randrange(256):02X}" for _ in range(500)), json.dumps({"k": noise.randbytes(64).hex()})]
    found = engine.detect("\n".join(lines), TODAY)
    assert (found.marks, found.mentions, found.findings) == ((), (), ())


def test_a_bomb_is_cut_and_told(engine):
    bomb = base64.b64encode(gzip.compress(b"0" * 50_000_000)).decode()
    begin = time.perf_counter()
    found = engine.inspect([Segment(bomb, "body")], TODAY)
    assert found.cut == ("base64",)
    assert time.perf_counter() - begin < 20
    small = base64.b64encode(gzip.compress(LETTER.encode())).decode()
    assert engine.inspect([Segment(small, "body")], TODAY).cut == ()


@pytest.mark.parametrize(
    "bait",
    [
        "A", "%41", "%25", "61", "61 ", "0x ", "=", "a=\n", "\\", "\\x41", "\\u0041", "&#", "&#65;", "+", "+AAAAAA ",
        "AAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAA\n", "U+0041 ", "%", "=3D", "4\t", "1101\t", "1\n", "\t", "12345678\n",
        "1 ", "1.",
    ],
)  # fmt: skip
def test_bait_costs_no_more_than_its_length(bait):
    """Twice the text may cost little more than twice the time."""

    def cost(size):
        text = bait * (size // len(bait))
        best = 9.0
        for _ in range(3):
            decoder = decode.Decoder()
            begin = time.process_time()
            _all(decoder, [Segment(text, "")], 0)
            best = min(best, time.process_time() - begin)
        return best

    small, large = cost(100_000), cost(400_000)
    assert large < 12 * small + 0.1
    assert large < 3


def _all(decoder, segments, first):
    from detectors.block import blocks

    for block in blocks(segments, first):
        number = decoder.number
        _all(decoder, decoder.read(block), number)
        decoder.forget(number)


def test_nothing_is_kept_of_what_was_read():
    decoder = decode.Decoder()
    _all(decoder, [Segment(f"{BYTES['base64'](LETTER.encode())}\n" * 50, "")], 0)
    assert not decoder._origins
