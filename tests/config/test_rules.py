from datetime import date

import pytest

from config import rules
from config.errors import ConfigurationError, RuleError
from config.levels import Level
from config.rules import SHIPPED, Rule, level_for, step_problem
from config.text import Text
from detectors import dialect, prefilter
from detectors.engine import Engine
from detectors.ruleset import load_rules

TODAY = date(2026, 11, 1)

RULE = """rules:
  - id: test.word
    name: {{ en: "a word", zh: "词" }}
    level: internal
    patterns: ['{pattern}']
    hits: ["{hit}"]
    misses: ["{miss}"]
{more}"""


def _write(tmp_path, *, pattern="foo[0-9]", hit="foo1", miss="bar", more=""):
    path = tmp_path / "90-test.yaml"
    path.write_text(RULE.format(pattern=pattern, hit=hit, miss=miss, more=more), encoding="utf-8")
    return path


def test_the_shipped_rules_pass_their_own_examples():
    loaded = load_rules()
    assert {"cn.resident-id", "cn.uscc", "cn.mobile", "finance.bank-card", "mark.cn"} <= loaded.names().keys()
    assert all(name.en and name.zh for name in loaded.names().values())


def test_every_shipped_file_is_a_rule_file():
    assert [path.name[:2] for path in sorted(SHIPPED.glob("*.yaml"))] == sorted(
        path.name[:2] for path in SHIPPED.glob("*.yaml")
    )
    listed = [rule for path in SHIPPED.glob("*.yaml") for rule in rules.read(path)[0].rules if rule.enabled]
    assert len(listed) == len(load_rules(verify=False).rules)


def test_a_rule_of_ones_own(tmp_path):
    (rule,) = load_rules([_write(tmp_path)]).rules
    assert (rule.id, rule.level, rule.confidence.threshold) == ("test.word", Level.INTERNAL, 0.5)


def test_characters_by_number_are_spelled_out(tmp_path):
    path = _write(
        tmp_path, pattern=r"[\u4e00-\u9fff]{2}\u002d\U0001F600foo[\u0030-\u0039]", hit="中文-😀foo1", miss="中文-😀foo"
    )
    ruleset = load_rules([path])
    assert ruleset.rules[0].patterns == (r"[一-鿿]{2}\x2d😀foo[\x30-\x39]",)
    for native in (True, False):
        engine = Engine(ruleset, b"a key for tests", native=native)
        assert engine.native is (native and dialect.hyperscan is not None)
        assert engine.detect("中文-😀foo1", TODAY).findings


def test_a_backslash_before_a_number_is_itself():
    assert dialect.spelled(r"\\u4e00") == r"\\u4e00"
    assert dialect.spelled(r"\\\u4e00") == r"\\一"
    assert dialect.spelled(r"\ud800") == r"\ud800"
    assert dialect.spelled(r"[\u005d\u005e]") == r"[\x5d\x5e]"


@pytest.mark.parametrize("library", [True, False])
@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        ({"pattern": r"foo\R?1"}, 5, r"\R"),
        ({"pattern": r"foo(?|1|2)"}, 5, "(?|"),
        ({"pattern": r"foo\N{DIGIT ONE}"}, 5, r"\N"),
        ({"more": r"    anchors: ['fo\R?o']"}, 8, r"\R"),
    ],
)
def test_what_the_first_pass_does_not_take_is_named(tmp_path, monkeypatch, change, line, words, library):
    if not library:
        monkeypatch.setattr(dialect, "hyperscan", None)
        monkeypatch.setattr(prefilter, "hyperscan", None)
    path = _write(tmp_path, **change)
    with pytest.raises(RuleError) as caught:
        load_rules([path], verify=library)
    assert (caught.value.file, caught.value.line) == (str(path), line)
    assert words in caught.value.text.en


@pytest.mark.skipif(dialect.hyperscan is None, reason="needs Vectorscan")
@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"pattern": "foo[0-9]{1,40000}"}, 5),
        ({"more": "    columns: [{heads: 'a[0-9]{1,40000}', values: b}]"}, 8),
    ],
)
def test_what_only_the_library_refuses_is_named_where_rules_are_proven(tmp_path, change, line):
    path = _write(tmp_path, **change)
    with pytest.raises(RuleError) as caught:
        load_rules([path])
    assert (caught.value.line, "Vectorscan does not take it" in caught.value.text.en) == (line, True)


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        ({"hit": "foo"}, 6, "is not found"),
        ({"miss": "foo7"}, 7, "must not be"),
        ({"pattern": "foo["}, 5, "no regular expression"),
        ({"pattern": "x*"}, 5, "matches the empty text"),
        ({"more": "    validator: lunh"}, 8, "no validator"),
        ({"more": "    columns: [{heads: 'a[', values: b}]"}, 8, "no regular expression"),
        ({"more": "    columns: [{heads: a, values: 'b*'}]"}, 8, "matches the empty text"),
        ({"more": "    columns: [{heads: a, values: b, beside: '(?:c)?'}]"}, 8, "matches the empty text"),
        ({"more": "    columns: [{heads: '', values: b}]"}, 8, "matches the empty text"),
        ({"more": "    filters: [place-holder]"}, 8, "no filter"),
        ({"more": "    treshold: 1"}, 8, "unknown key"),
    ],
)
def test_a_wrong_rule_names_file_line_and_what_is_wrong(tmp_path, change, line, words):
    path = _write(tmp_path, **change)
    with pytest.raises(RuleError) as caught:
        load_rules([path])
    assert (caught.value.file, caught.value.line) == (str(path), line)
    assert words in caught.value.text.en


@pytest.mark.parametrize(
    ("change", "line", "hint"),
    [
        ({"pattern": "(?:foo[0-9]"}, 5, "every ( and [ closed"),
        ({"pattern": "foo(*[0-9]"}, 5, "at “*[0-9]”"),
        ({"pattern": "(?:foo)?"}, 5, "at least once"),
        ({"hit": "fou1"}, 6, "no pattern matches the plain text “fou1”"),
        ({"hit": "ｆｏｕ１"}, 6, "plain text “fou1”"),
        ({"miss": "a foo7"}, 7, "found is “foo7”, 60 %: it has the form of this rule"),
        ({"pattern": "foo[0-9]{40}", "hit": f"foo{1:040}", "more": "    longest: 9"}, 6, "'longest: 43'"),
        ({"more": "    anchors: [fou]"}, 6, "an anchor does not occur"),
        ({"more": "    anchors: ['fo[']"}, 8, "every ( and [ closed"),
        ({"more": "    anchors: [foo, '1']"}, 8, "one for each"),
        ({"more": "    validator: resident-id"}, 6, "'resident-id' refuses “foo1”"),
        ({"more": "    validator: sum:1:26:0-9"}, 8, "one sign for each remainder"),
        ({"more": "    confidence: {base: 0.5, threshold: 0.6}"}, 6, "below the threshold of 60 %"),
        ({"more": "    validator: resident-id\n    confidence: {threshold: 0.7}"}, 6, "right?; its score is"),
        ({"more": "    words: [foo]"}, 8, "'kind: keywords'"),
        ({"more": "    regime: cn"}, 8, "'kind: marks'"),
        ({"more": "    longest: 900"}, 8, "at most 400"),
        ({"more": "    longest: 0"}, 8, "at least 1"),
        ({"more": "    context: {raises: [x]}"}, 8, "keys here: words, by"),
        ({"more": "    filters: uuid"}, 8, "in [ ]"),
        ({"more": "\tlongest: 4"}, 8, "no tabs"),
        ({"more": '    source: "\\d"'}, 8, "single quotes"),
        ({"more": "    source: a: b"}, 8, "in quotes"),
        ({"more": "   longest: 4"}, 8, "column of the keys above"),
    ],
)
def test_a_wrong_rule_says_what_to_do(tmp_path, change, line, hint):
    path = _write(tmp_path, **change)
    with pytest.raises(RuleError) as caught:
        load_rules([path])
    assert caught.value.line == line
    assert hint in caught.value.hint.en
    assert caught.value.hint.zh not in {"", caught.value.hint.en}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        *(({"pattern": "fo(o"}, "缺少“)”"), ({"pattern": "fo[o"}, "未闭合"), ({"pattern": "*foo"}, "没有内容")),
        *(({"pattern": "[z-a]foo"}, "颠倒"), ({"pattern": "foo)"}, "不成对"), ({"pattern": "\\qfoo"}, "转义")),
        *(({"more": "\tlongest: 4"}, "不允许的字符"), ({"more": '    source: "\\d"'}, "转义")),
        *(({"more": "    source: a: b"}, "冒号"), ({"more": "   longest: 4"}, "不一致")),
    ],
)
def test_what_a_parser_says_is_said_in_chinese(tmp_path, change, words):
    with pytest.raises(RuleError) as caught:
        load_rules([_write(tmp_path, **change)])
    assert words in caught.value.text.zh


@pytest.mark.parametrize(
    ("old", "new", "line", "hint"),
    [
        ("    level: internal\n", "", 2, "'level: internal'"),
        ("level: internal", "level: 机密", 4, "'secret'"),
        ("id: test.word", "id: Word", 2, "own.project-number"),
        ('misses: ["bar"]', "misses: []", 7, "at least one"),
        ('{ en: "a word", zh: "词" }', "word", 3, "{ en: … }"),
    ],
)
def test_a_wrong_shape_says_what_to_do(tmp_path, old, new, line, hint):
    path = _write(tmp_path)
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(RuleError) as caught:
        load_rules([path])
    assert caught.value.line == line
    assert hint in caught.value.hint.en
    assert caught.value.hint.zh not in {"", caught.value.hint.en}


LIST = """rules:
  - id: test.words
    name: {en: words, zh: 词}
    kind: keywords
    level: internal
    file: w.txt
    hits: [project falcon]
    misses: [x]
"""


@pytest.mark.parametrize(
    ("data", "more", "at", "hint"),
    [
        (None, "", "90.yaml:6:", "in the folder of its rule file"),
        (b"# none\n\n", "", "90.yaml:6:", "one term a line"),
        ("project falcon\n计划\n".encode("gb18030"), "", "w.txt:2:", "UTF-8"),
        (b"heron", "", "90.yaml:7:", "none of the 1 terms"),
        (b"falco", "", "90.yaml:7:", "whole: false"),
        (b"Project Falcon", "    cased: true\n", "90.yaml:7:", "capitals"),
        (b"falcon", "    near: {words: [plan], within: 7}\n", "90.yaml:7:", "within 7 characters"),
        (b"falcon", "    near: {file: n.txt}\n", "90.yaml:9:", "in the folder of its rule file"),
        (b"falcon", "    at_least: 3\n", "90.yaml:7:", "fewer than 3 different"),
        (b"falcon", "    except: [project falcon]\n", "90.yaml:7:", "phrase of 'except'"),
        (b"falcon", "    longest: 9\n", "90.yaml:9:", "'kind: pattern'"),
    ],
)
def test_a_wrong_list_says_what_to_do(tmp_path, data, more, at, hint):
    (tmp_path / "90.yaml").write_text(LIST + more, "utf-8")
    if data is not None:
        (tmp_path / "w.txt").write_bytes(data)
    with pytest.raises(RuleError) as caught:
        load_rules([tmp_path])
    assert at in caught.value.text.en
    assert hint in caught.value.hint.en
    assert caught.value.hint.zh not in {"", caught.value.hint.en}


def test_an_example_that_a_surer_rule_takes(tmp_path):
    sure = "  - id: test.surer\n    name: {en: a, zh: b}\n    level: secret\n    patterns: ['foo']\n"
    sure += "    confidence: {base: 0.9}\n    hits: [foo]\n    misses: [y]\n"
    with pytest.raises(RuleError) as caught:
        load_rules([_write(tmp_path, more=sure)])
    assert "test.surer" in caught.value.hint.en


def test_marks_that_are_found_in_a_miss(tmp_path):
    path = tmp_path / "90.yaml"
    path.write_text(
        "rules:\n  - id: mark.cn\n    name: {en: a, zh: b}\n    kind: marks\n    regime: cn\n"
        "    hits: ['机密★10年']\n    misses: ['绝密★长期']\n",
        "utf-8",
    )
    with pytest.raises(RuleError) as caught:
        load_rules([path])
    assert caught.value.line == 7
    assert "绝密" in caught.value.hint.zh
    path.write_text(path.read_text("utf-8").replace("'机密★10年'", "一"), "utf-8")
    with pytest.raises(RuleError) as caught:
        load_rules([path])
    assert "no mark" in caught.value.hint.en


def test_a_folder_of_the_other_ending(tmp_path):
    _write(tmp_path).rename(tmp_path / "90.yml")
    assert list(load_rules([tmp_path]).names()) == ["test.word"]


def test_the_same_id_twice(tmp_path):
    path = _write(tmp_path)
    with pytest.raises(RuleError, match="already defined") as caught:
        load_rules([path, path])
    assert "another id" in caught.value.hint.en


def test_examples_are_mandatory(tmp_path):
    path = tmp_path / "90.yaml"
    path.write_text(
        "rules:\n  - id: test.word\n    name: {en: a, zh: b}\n    patterns: ['x']\n    hits: [x]\n", "utf-8"
    )
    with pytest.raises(RuleError, match="misses"):
        load_rules([path])


def test_a_regime_that_does_not_exist(tmp_path):
    path = tmp_path / "90.yaml"
    path.write_text(
        "rules:\n  - id: mark.cm\n    name: {en: a, zh: b}\n    kind: marks\n    regime: comercial\n"
        "    hits: [x]\n    misses: [y]\n",
        "utf-8",
    )
    with pytest.raises(RuleError) as caught:
        load_rules([path])
    assert "commercial" in caught.value.hint.en


def rule(**given):
    return Rule(id="test.word", name=Text("a", "b"), hits=("x",), misses=("y",), **given)


@pytest.mark.parametrize(
    ("count", "level"),
    [
        *((0, Level.PUBLIC), (1, Level.PUBLIC), (9, Level.PUBLIC), (10, Level.INTERNAL), (499, Level.INTERNAL)),
        *((500, Level.CONFIDENTIAL), (10**6, Level.CONFIDENTIAL)),
    ],
)
def test_steps_of_counts(count, level):
    steps = {1: Level.PUBLIC, 10: Level.INTERNAL, 500: Level.CONFIDENTIAL}
    assert level_for(rule(level=Level.INTERNAL, raises_from=10, levels=steps), count) is level
    assert level_for(rule(level=Level.INTERNAL, raises_from=10, levels={500: Level.CONFIDENTIAL}), count) is level


def test_a_rule_without_steps_has_one():
    assert [level_for(rule(level=Level.SECRET, raises_from=2), count) for count in (0, 1, 2, 3)] == [
        *(Level.PUBLIC, Level.PUBLIC, Level.SECRET, Level.SECRET)
    ]


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        ({}, False),
        ({1: Level.PUBLIC, 2: Level.SECRET}, False),
        ({1: Level.SECRET, 2: Level.SECRET}, False),
        ({2: Level.PUBLIC, 1: Level.SECRET}, True),
        ({1: Level.PUBLIC, 5: Level.SECRET, 9: Level.INTERNAL}, True),
    ],
)
def test_more_must_not_give_less(steps, wrong):
    assert (step_problem(steps) is not None) == wrong


def test_steps_in_a_file(tmp_path):
    (loaded,) = load_rules([_write(tmp_path, more="    levels: {500: confidential}")]).rules
    assert loaded.levels == {500: Level.CONFIDENTIAL}
    with pytest.raises(RuleError, match="already give") as caught:
        load_rules([_write(tmp_path, more="    raises_from: 10\n    levels: {500: public}")])
    assert caught.value.line == 9
    with pytest.raises(RuleError):
        load_rules([_write(tmp_path, more="    levels: {0: public}")])
    with pytest.raises(RuleError, match="must be a word"):
        load_rules([_write(tmp_path, more="    levels: {true: public}")])


def test_rules_that_rest(tmp_path):
    path = _write(tmp_path, more="    enabled: false\n")
    assert load_rules([path]).rules == ()
    switch = tmp_path / "95-switch.yaml"
    switch.write_text("enable: [test.word]\n", "utf-8")
    assert list(load_rules([tmp_path]).names()) == ["test.word"]
    (tmp_path / "96-switch.yaml").write_text("disable: [test.word]\n", "utf-8")
    assert load_rules([tmp_path]).rules == ()


def test_resting_rules_must_hold_too(tmp_path):
    with pytest.raises(RuleError, match="is not found"):
        load_rules([_write(tmp_path, hit="foo", more="    enabled: false\n")])


def test_switching_on_what_is_not_there(tmp_path):
    _write(tmp_path)
    (tmp_path / "95-switch.yaml").write_text("enable:\n  - test.word\n  - test.wrod\n", "utf-8")
    with pytest.raises(RuleError, match=r"no rule 'test\.wrod'") as caught:
        load_rules([tmp_path])
    assert caught.value.line == 3
    assert "test.word" in caught.value.hint.en


def test_thresholds_of_a_policy_replace_those_of_a_rule(tmp_path):
    loaded = load_rules([_write(tmp_path, more="    levels: {500: confidential}")])
    (changed,) = loaded.with_thresholds({"test.word": {100: Level.INTERNAL, 900: Level.SECRET}}).rules
    assert [level_for(changed, count).id for count in (1, 99, 100, 500, 899, 900)] == [
        *("public", "public", "internal", "internal", "internal", "secret")
    ]
    assert loaded.with_thresholds({}).rules == loaded.rules
    with pytest.raises(ConfigurationError, match=r"no rule 'test\.wrod'") as caught:
        loaded.with_thresholds({"test.wrod": {1: Level.SECRET}})
    assert "test.word" in caught.value.hint.en
