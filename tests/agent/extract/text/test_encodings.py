"""Encodings decided by evidence, with sentences of our own; and texts that change in the middle."""

import pytest

from agent.extract import encoding
from tests.documents import MARK

CHINESE = "各县人民政府：现将有关事项通知如下，请认真贯彻执行。本办法自发布之日起施行，原规定同时废止。"
TEXTS = {
    CHINESE: ["gb18030", "utf-16-le", "utf-16-be", "hz"],
    "各縣市政府：茲訂定本辦法，並自發布日施行。機密文件應由專人保管，不得攜出。": ["big5", "utf-16-le", "utf-16-be"],
    "極秘文書の取り扱いについては、次のとおり定めるものとする。関係者以外の閲覧を禁じます。": [
        "cp932",
        "euc_jp",
        "iso2022_jp",
    ],
    "이 문서는 대외비이므로 관계자 외에는 열람할 수 없습니다. 보관 기간은 다음과 같이 정한다.": ["cp949", "iso2022_kr"],
    "Совершенно секретно. Настоящий документ содержит сведения, не подлежащие разглашению.": [
        "cp1251",
        "koi8-r",
        "cp866",
        "iso8859-5",
        "utf-16-le",
    ],
    "Цілком таємно. Цей документ містить відомості, що не підлягають розголошенню.": ["cp1251", "koi8-u"],
    "Ściśle tajne. Zażółć gęślą jaźń; dokument zawiera informacje, których nie wolno ujawniać.": [
        "cp1250",
        "iso8859-2",
    ],
    "Přísně tajné. Příliš žluťoučký kůň úpěl ďábelské ódy o důvěrných záležitostech.": ["cp1250", "iso8859-2"],
    "Streng geheim: Verschlußsache, nur für den Dienstgebrauch – Weitergabe außer Haus unzulässig.": ["windows-1252"],
    "Très secret : diffusion restreinte aux seuls intéressés, à détruire après lecture, même périmé.": ["windows-1252"],
    "Çok gizli: bu belge yetkisiz kişilere gösterilemez, çoğaltılamaz ve dışarı çıkarılamaz.": ["cp1254"],
    "Άκρως απόρρητο. Το έγγραφο αυτό δεν επιτρέπεται να κοινοποιηθεί σε τρίτους.": ["cp1253", "iso8859-7"],
    "סודי ביותר. מסמך זה מכיל מידע שאין להעבירו לאחרים ללא אישור בכתב מראש.": ["cp1255"],
    "سري للغاية. هذه الوثيقة تحتوي على معلومات لا يجوز إفشاؤها دون إذن كتابي مسبق.": ["cp1256", "iso8859-6"],
    "ลับที่สุด เอกสารนี้มีข้อมูลที่ห้ามเปิดเผยแก่บุคคลภายนอกโดยไม่ได้รับอนุญาต": ["cp874"],
}
CASES = [(text, name) for text, names in TEXTS.items() for name in names]


@pytest.mark.parametrize("times", [1, 40])
@pytest.mark.parametrize(("text", "name"), CASES, ids=[f"{name}-{text[:4]}" for text, name in CASES])
def test_the_letters_tell_the_encoding(text, name, times):
    text = "\n".join([text] * times)
    data = text.encode("cp1252" if name == "windows-1252" else name)
    assert encoding.decode(data, encoding.decide(data)[0]) == text


@pytest.mark.parametrize("name", ["gb18030", "utf-16-le", "utf-16-be"])
def test_every_piece_of_chinese_is_decided_right(name):
    for at in range(len(CHINESE) - 20):
        data = CHINESE[at : at + 20].encode(name)
        assert encoding.decode(data, encoding.decide(data)[0]) == CHINESE[at : at + 20]


def test_a_claim_decides_between_readings_that_are_about_as_good():
    word = "Тайна".encode("koi8-r")
    assert encoding.decide(word, "koi8-r") == ("koi8-r",)
    assert encoding.decide(CHINESE.encode("gbk"), "iso-8859-1")[0] == "gb18030"
    assert encoding.decide(CHINESE.encode("gbk"), "no such thing")[0] == "gb18030"
    assert encoding.decide(b"caf\xe9 noir", "unicode_escape")[0] == "windows-1252"


@pytest.mark.parametrize(
    "text", ["call +8613800000000- or +44/20/7946", "a ~{ b ~} c", "\x1b$ sudo \x1b[0m", "C++, x+y+z-1"]
)
def test_ascii_that_looks_like_switches_stays_what_it_is(text):
    assert encoding.decide(text.encode()) == ("utf-8",)


def test_text_of_mainframes(extract):
    text = "TOP SECRET: THE ANNUAL REPORT IS NOT FOR RELEASE. KEEP IT IN THE SAFE. " * 3
    assert text in extract(text.encode("cp037")).segments[1].text


def body(extraction):
    return "".join(segment.text for segment in extraction.segments[1:])


def test_lines_of_another_encoding_in_a_log(extract):
    lines = [f"2026-01-01 服务启动完成，第{number}次\n".encode() for number in range(200)]
    lines[50] = f"本地程序：{MARK}文件已打开\n".encode("gbk")
    lines[51] = "损坏的一行：服务\n".encode()[:-3] + b"\n"
    said = body(extract(b"".join(lines)))
    assert f"本地程序：{MARK}文件已打开" in said
    assert "损坏的一行：服" in said
    assert "第199次" in said
    other = [line.decode("utf-8", "replace").encode("gbk", "replace") for line in lines]
    other[50] = f"远程程序：{MARK}文件已打开\n".encode()
    assert f"远程程序：{MARK}文件已打开" in body(extract(b"".join(other)))


def test_another_alphabet_after_much_ascii(extract):
    data = b"plain words\n" * 150_000 + "極秘文書の取り扱い\n".encode("iso2022_jp")
    assert "極秘文書の取り扱い" in body(extract(data))
    data = b"caf\xe9 cr\xe8me\n" * 150_000 + f"{CHINESE}\n".encode("gbk") * 20
    assert CHINESE in body(extract(data))


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-8", "gb18030"])
def test_nul_bytes_at_either_end(extract, name):
    text = f"Notes: {CHINESE}\n{MARK}\n"
    assert MARK in body(extract(bytes(4096) + text.encode(name) + bytes(4096)))
    assert MARK in body(extract("\U00020bb7".encode(name)[2:] + text.encode(name)))  # from within a character


def test_every_kind_of_line_end(extract):
    for end in ("\r", "\n", "\r\n", "\x85", "\x0b", "\x0c", "\u2028"):
        extraction = extract(f"one{end}two{end}{MARK}".encode())
        assert extraction.segments[1].at(extraction.segments[1].text.index(MARK)) == "line 3"


def test_nul_bytes_among_ascii():
    assert encoding.decide(b"a\0b\0\0c words" * 3)


def test_xml_says_its_encoding(extract):
    data = '<?xml version="1.0" encoding="KOI8-R"?><a>Тайна</a>'.encode("koi8-r")
    assert "Тайна" in body(extract(data))
