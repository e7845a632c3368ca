import sys
from datetime import date

import pytest

from config.errors import RuleError
from config.levels import Level
from config.rules import Near, Rule
from config.text import Text
from config.verdict import Segment
from detectors.engine import Engine
from detectors.keywords import Keywords
from detectors.ruleset import RuleSet, load_rules
from detectors.spelling import fold
from detectors.wordlists import pack

TODAY = date(2026, 11, 1)


def _rule(words=(), **more):
    more = {"level": Level.INTERNAL, "hits": ("x",), "misses": ("y",)} | more
    return Rule(id="keyword.test", name=Text("a list", "词表"), kind="keywords", words=tuple(words), **more)


def _engine(*rules):
    return Engine(RuleSet(rules), b"k")


def _found(rule, text):
    return [text[each.start : each.end] for each in _engine(rule).detect(text, TODAY).findings]


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (["Falcon"], "project FALCON and falcon, falcons, gyrfalcon, falcon2", ["FALCON", "falcon"]),
        (["falcon"], "猎鹰falcon计划", ["falcon"]),  # Chinese around it is no letter of an alphabet
        (["秘密"], "国家秘密和秘密", ["秘密", "秘密"]),
        (["秘密", "国家秘密"], "国家秘密和秘密", ["国家秘密", "秘密"]),
        (["国家秘", "秘密"], "国家秘密", ["国家秘"]),  # the one that begins first
        (["trade secret"], "TRADE\u00a0SECRET, trade\nsecret", ["TRADE\u00a0SECRET", "trade\nsecret"]),
        (["foo", "foo ba"], "foo bar", ["foo"]),  # the longer one does not stand alone
        (["falcon"], "ｆａｌｃｏｎ f\u200balcon", ["ｆａｌｃｏｎ", "f\u200balcon"]),
        (["İzmir", "ΣΟΦΟΣ"], "izmir İZMİR σοφος σοφοσ", ["izmir", "İZMİR", "σοφος", "σοφοσ"]),
        (["a"], "\ud800 a", ["a"]),
        (["機密"], "机密 機密", ["机密", "機密"]),
    ],
)
def test_what_a_list_finds(words, text, found):
    assert _found(_rule(words), text) == found


LINE = "经研究决定，现将有关事项通知如下，请按照"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("獵鷹計劃", ["獵鷹計劃"]),
        ("关于" * 9_000 + "獵鹰计劃", ["獵鹰计劃"]),
        (f"{LINE}猎鹰\n计划执行", ["猎鹰\n计划"]),
        (f"前言\n{LINE}猎 \r\n　　鹰计划与{LINE}\n猎鹰计\n划，{LINE}猎鹰计\n划", ["猎 \r\n　　鹰计划", "猎鹰计\n划"]),
        (f"{LINE}獵鷹計\n劃，以及猎鹰计划", ["獵鷹計\n劃", "猎鹰计划"]),
        ("代号：猎鹰\n计划：十月", []),  # two items of a list
        (f"{LINE}猎鹰\n\n计划执行", []),  # two paragraphs
    ],
)
@pytest.mark.parametrize("many", [False, True], ids=["short list", "long list"])
def test_traditional_characters_and_terms_cut_by_the_end_of_a_line(text, found, many):
    words = ["猎鹰计划", *(f"{chr(0x4E00 + n)}{chr(0x5E00 + n % 77)}工程" for n in range(1_500 if many else 3))]
    assert _found(_rule(words), text) == found


def test_a_term_in_any_of_its_forms_is_one_value():
    text = f"猎鹰计划，獵鷹計劃，{LINE}猎鹰\n计划"
    assert len({found.digest for found in _engine(_rule(["猎鹰计划"])).detect(text, TODAY).findings}) == 1


def test_two_paragraphs_are_never_joined():
    segments = [Segment(f"{LINE}猎鹰", ""), Segment("计划执行", "")]
    assert not _engine(_rule(["猎鹰计划"])).each(segments, TODAY).findings


def test_the_gate_of_a_short_list_is_native():
    assert Keywords([_rule(["猎鹰计划"])])._gate._database is not None


def test_parts_of_words_and_spellings_where_they_are_wanted():
    assert _found(_rule(["falcon"], whole=False), "gyrfalcons") == ["falcon"]
    assert _found(_rule(["US", "us-Made"], cased=True), "us US US-MADE us-Made") == ["US", "US", "us-Made"]


def test_small_letters_stand_where_the_capitals_stood():
    assert all(len(fold(chr(code))) == 1 for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)


def test_a_phrase_in_which_the_term_is_harmless():
    rule = _rule(["秘密", "国家秘密"], exceptions=("秘密花园", "最高秘密花园"))
    assert _found(rule, "秘密花园、最高秘密花园和秘密") == ["秘密"]
    assert _found(rule, "国家秘密花园") == ["国家秘密"]  # it begins before the phrase


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("合同" + "字" * 10 + "报价", ["报价"]),
        ("报价" + "字" * 10 + "合同", ["报价"]),
        ("报价" + "字" * 11 + "合同", []),
        ("合同" + "字" * 11 + "报价", []),
        ("报价", []),
        ("报价合同" + "字" * 30 + "报价", ["报价"]),
    ],
)
def test_a_second_list_within_a_distance(text, found):
    assert _found(_rule(["报价"], near=Near(words=("合同",), within=10)), text) == found


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("apart", [20, 21])
def test_distance_is_measured_from_block_to_block(swap, apart):
    one, other = ("合同", "报价") if swap else ("报价", "合同")
    segments = [
        Segment("字" * (65_000 - apart) + "。" + one + "字" * (apart - 1), "a"),
        Segment(other + "字" * 65_000, "b"),
    ]
    found = _engine(_rule(["报价"], near=Near(words=("合同",), within=20))).inspect(segments, TODAY).findings
    assert [each.where for each in found] == ([] if apart == 21 else ["b line 1" if swap else "a line 1"])


def test_what_is_found_near_a_block_s_end_is_found_once():
    segments = [
        Segment("字" * 64_900 + "合同报价", "a"),
        Segment("合同" + "字" * 65_000, "b"),
        Segment("字" * 100_000, "c"),
    ]
    (finding,) = _engine(_rule(["报价"], near=Near(words=("合同",), within=20))).inspect(segments, TODAY).findings
    assert finding.count == 1


@pytest.mark.parametrize("shift", range(-3, 4))
def test_nothing_is_cut_or_doubled_in_a_long_segment(shift):
    text = "字" * (65_536 + shift) + "报价在合同里" + "字" * 70_000
    (finding,) = _engine(_rule(["报价"], near=Near(words=("合同",), within=20))).detect(text, TODAY).findings
    assert text[finding.start : finding.end] == "报价"


def test_different_terms_before_any_is_reported():
    rule = _rule(["甲方", "甲方公司\t\t甲方", "乙方", "丙方"], at_least=3, raises_from=4)
    assert _found(rule, "甲方 乙方 甲方公司 甲方") == []
    (finding,) = _engine(rule).inspect([Segment("甲方 乙方\n甲方公司", "a"), Segment("丙方 丙方", "b")], TODAY).findings
    assert (finding.count, finding.where, finding.level) == (5, "a line 1", Level.PUBLIC)


def test_thousands_of_hits_wait_and_all_are_counted():
    rule = _rule(["甲方", "乙方"], at_least=2)
    (finding,) = _engine(rule).inspect([Segment("甲方 " * 5_000 + "乙方", "a")], TODAY).findings
    assert finding.count == 5_001


def test_weights_and_words_beside_decide_the_score():
    from config.rules import Context, Words

    rule = _rule(["报价\t0.3", "标底\t0.9"], context=Context(raises=Words(("合同",), 0.4)))
    assert _found(rule, "报价；标底") == ["标底"]
    assert _found(rule, "合同报价") == ["报价"]


def test_a_word_and_a_pattern_on_the_same_place_are_both_said(engine, rules):
    both = Engine(RuleSet((*rules.rules, _rule(["13812345670"]))), b"k")
    found = {each.rule for each in both.detect("手机13812345670", TODAY).findings}
    assert found == {"cn.mobile", "keyword.test"}


FILE = """rules:
  - id: keyword.projects
    name: {{en: projects, zh: 项目}}
    level: internal
    kind: keywords
{keys}
    hits: ["猎鹰 at noon"]
    misses: ["海燕"]
"""


def test_words_in_a_file_beside_the_rule(tmp_path):
    (tmp_path / "projects.txt").write_text("\ufeff# code names\n\n猎鹰\t0.9\t falcon \nfalcon\n", "utf-8")
    (tmp_path / "times.txt").write_text("noon\n", "utf-8")
    (tmp_path / "90.yaml").write_text(FILE.format(keys="    file: projects.txt\n    near: {file: times.txt}"), "utf-8")
    loaded = load_rules([tmp_path / "90.yaml"])
    assert loaded.rules[0].words == ("猎鹰\t0.9\t falcon", "falcon")
    (finding,) = Engine(loaded, b"k").inspect([Segment("猎鹰 falcon at noon", "a")], TODAY).findings
    assert (finding.count, finding.confidence) == (2, 0.9)


@pytest.mark.parametrize(
    ("keys", "words", "line"),
    [
        ("", "needs words or a file", 2),
        ("    words: ['', 猎鹰]", "holds no term", 6),
        ("    words: [猎鹰]\n    near: {within: 3}", "needs words or a file", 7),
        ("    words: [猎鹰]\n    except: ['%s']" % ("长" * 101), "more than 100", 7),
        ("    words: ['猎鹰\t2']", "is not from 0 to 1", 6),
        ("    file: none.txt", "there is no file", 6),
        ("    words: [海燕]", "is not found", 7),
        ("    words: [猎鹰]\n    excpet: [x]", "did you mean", 7),
    ],
)
def test_what_is_wrong_with_a_list_is_said(tmp_path, keys, words, line):
    path = tmp_path / "90.yaml"
    path.write_text(FILE.format(keys=keys), "utf-8")
    with pytest.raises(RuleError) as caught:
        load_rules([path])
    assert words in caught.value.text.en + caught.value.hint.en
    assert caught.value.line == line


def test_a_wrong_line_of_a_list_is_named(tmp_path):
    (tmp_path / "w.txt").write_bytes("好\n".encode() + b"\t0.5\n")
    (tmp_path / "90.yaml").write_text(FILE.format(keys="    file: w.txt"), "utf-8")
    with pytest.raises(RuleError) as caught:
        load_rules([tmp_path / "90.yaml"])
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "w.txt"), 2)
    (tmp_path / "w.txt").write_bytes("好".encode("gb18030"))
    with pytest.raises(RuleError, match="is not UTF-8"):
        load_rules([tmp_path / "90.yaml"])


def test_a_list_as_a_signed_register(tmp_path):
    from agent.signer import write_register
    from detectors.registers import load as load_registers

    rule = _rule(["猎鹰"], hits=("猎鹰",), misses=("海燕",), exceptions=("猎鹰犬",))
    write_register(tmp_path, "words", "projects", pack([rule]))
    signers = (tmp_path / "signers").read_text("ascii").split()
    registers = load_registers(tmp_path / "registers", signers)
    assert registers.problems == ()
    found = Engine(RuleSet(()), b"k", detectors=registers.detectors).detect("猎鹰犬和猎鹰", TODAY)
    assert [each.start for each in found.findings] == [4]
    write_register(tmp_path, "words", "projects", b"")
    registers = load_registers(tmp_path / "registers", signers)
    assert (registers.detectors, registers.versions, registers.problems) == ((), {"projects": 2}, ())
    for payload, words in (
        (b"{}", "holds no word lists"),
        (pack([_rule(["猎鹰"], hits=("海燕",), misses=("麻雀",))]), "fails its own example"),
        (pack([_rule(["\t1"])]), "holds no word lists"),
        (pack([_rule(["x"], file="y")]), "is no word list"),
    ):
        write_register(tmp_path, "words", "projects", payload)
        (problem,) = load_registers(tmp_path / "registers", signers).problems
        assert words in problem.en


@pytest.mark.parametrize(
    ("words", "gated"),
    [
        (["涉密会议", "泄密", "机要"], True),
        (["falcon", "涉密"], False),  # letters have two cases
        (["保密 会议"], False),  # its space may be a line break
    ],
)
def test_a_short_list_says_at_once_what_cannot_hold_a_term(words, gated):
    keywords = Keywords([_rule(words)])
    assert bool(keywords.holds("nothing of note 别的")) is not gated
    assert all(keywords.holds(f"某{word}") for word in words)
    near = Keywords([_rule(words, near=Near(words=("合同",)))])
    assert near.holds("合同")  # what stands beside a term of the block before


def test_a_detector_knows_only_its_own_rule():
    one, other = _rule(["猎鹰"]), _rule(["海燕"])
    keywords = Keywords([one, other])
    assert keywords.fires(one, "猎鹰")
    assert not keywords.fires(other, "猎鹰")
