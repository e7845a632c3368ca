import pytest

from config import rules
from config.errors import RuleError
from config.levels import Level
from config.rules import SHIPPED
from detectors.ruleset import load_rules

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
    assert sum(len(rules.read(path)[0].rules) for path in SHIPPED.glob("*.yaml")) == len(load_rules(verify=False).rules)


def test_a_rule_of_ones_own(tmp_path):
    (rule,) = load_rules([_write(tmp_path)]).rules
    assert (rule.id, rule.level, rule.confidence.threshold) == ("test.word", Level.INTERNAL, 0.5)


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        ({"hit": "foo"}, 6, "is not found"),
        ({"miss": "foo7"}, 7, "must not be"),
        ({"pattern": "foo["}, 5, "no regular expression"),
        ({"pattern": "x*"}, 5, "matches the empty text"),
        ({"more": "    validator: lunh"}, 8, "no validator"),
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


def test_the_same_id_twice(tmp_path):
    path = _write(tmp_path)
    with pytest.raises(RuleError, match="already defined"):
        load_rules([path, path])


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
