from hypothesis import given
from hypothesis import strategies as st

from detectors import normal
from detectors.gate import Gate
from detectors.normal import Normal

HIDDEN = "\u200b\u00ad\ufeff\u2060\ufe0f\u0335"


def test_reads_what_is_meant():
    assert Normal("機密★１０年").text == "机密★10年"
    assert Normal("ＳＥＣＲＥＴ").text == "SECRET"
    assert Normal("SЕСRЕТ").text == "SECRET"
    assert Normal("𝐒𝐄𝐂𝐑𝐄𝐓").text == "SECRET"
    assert Normal("⽇期").text == "日期"
    assert Normal("机\u200b密\ufeff").text == "机密"


def test_digits_of_every_script_are_digits():
    for zero in "٠۰߀०০੦૦୦௦౦೦൦๐໐༠၀០᠐\U000104a0\U0001d7d8\U0001e950":
        assert Normal("".join(chr(ord(zero) + value) for value in range(10))).text == "0123456789", zero
    assert Normal("①½Ⅷ〇五").text == "①½Ⅷ〇五"  # numbers, and no decimal digits


def test_whatever_is_made_plain_is_looked_for():
    for code in normal._TABLE:
        assert normal._touched(chr(code)), hex(code)


def test_small_capitals_and_variants():
    assert Normal("ꜱᴇᴄʀᴇᴛ").text == "SECRET"
    assert Normal("ᴄᴏɴꜰɪᴅᴇɴᴛɪᴀʟ⁄⁄ɴᴏꜰᴏʀɴ").text == "CONFIDENTIAL//NOFORN"
    assert Normal("机宻★10年").text == "机密★10年"
    assert Normal("SECRET∕∕NOFORN").text == "SECRET//NOFORN"


def test_more_signs_that_show_nothing():
    for sign in "\u2800\ufff9\ufffa\ufffb\ufffc\U0001d173\U0001d176\U0001d17a":
        normal = Normal(f"机{sign}密")
        assert (normal.text, normal.original(1)) == ("机密", 2), hex(ord(sign))


def test_leaves_ordinary_text_alone():
    text = "第一条　为了规范，制定本办法：（一）……"
    assert Normal(text).text is text


@given(st.text(st.sampled_from("机密机密ab1１Ａ機 \n" + HIDDEN), max_size=60))
def test_every_character_is_mapped_back(raw):
    normal = Normal(raw)
    shown = [index for index, sign in enumerate(raw) if sign not in HIDDEN]
    assert [normal.original(position) for position in range(len(normal.text))] == shown
    for start in range(len(normal.text)):
        low, high = normal.span(start, start + 1)
        assert Normal(raw[low:high]).text == normal.text[start]


def test_both_ways_to_see_what_must_be_touched_agree_on_every_character():
    plain = Gate(normal.GATES, native=False)
    for low in range(0, 0x110000, 64):
        text = "".join(chr(code) for code in range(low, low + 64) if not 0xD800 <= code < 0xE000)
        assert normal._touched(text) == plain(text), hex(low)


def test_many_different_signs_come_out_as_few_do():
    signs = "１２３４５６７８９０ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ機絕祕"
    whole = Normal(signs).text
    assert whole == "".join(Normal(sign).text for sign in signs) == "1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ机绝秘"
    assert Normal("\U0001d400x\u200b１").text == "Ax1"
