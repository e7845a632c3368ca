import pytest
import regex

from detectors import families
from detectors.families import TRIGGERS, family
from detectors.prefilter import Pattern, Prefilter, necessary
from detectors.ruleset import load_rules


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (r"\d{6}", "digits"),
        (r"\d{5}", ""),
        (r"\d{3}[ -]?\d{3}", "digits"),
        (r"\d{3}[ -]{0,2}\d{3}", ""),  # two joints may stand together
        (r"\d{3}[/]?\d{3}", ""),
        (r"(?:18|19)\d{2}(?:0[1-9]|1[0-2])", "digits"),
        (r"(?:1|\d{9})", ""),
        (r"(?:[A-Z]\d{8}|[HM]\d{6})", "digits"),
        (r"[A-Z]\d{6}", "digits"),
        (r"\d{5}[\dX]", ""),
        (r"x?\d{6}", "digits"),
        (r"(?<![0-9])\d{6}(?![0-9])", "digits"),
        (r"\d{1,90}\d{6}", "digits"),
        (r"\d{6}[^\n]{0,95}", ""),  # too long to be looked for near the run
        (r"ghp_[A-Za-z0-9]{36}", "key"),
        (r"[a-f0-9]{19}", ""),
        (r"[a-f0-9]{20}", "key"),
        (r"[^ ]{30}", ""),
        (r"密码[A-Za-z0-9]{20,300}", "key"),
        (r"a{1,3}+b", ""),
    ],
)
def test_a_family_is_what_a_pattern_cannot_do_without(source, name):
    assert family(source) == name


def test_every_example_of_a_member_has_the_run_of_its_family():
    for rule in load_rules(verify=False).rules:
        for source in rule.patterns:
            name = family(necessary(source))
            for example in rule.hits if name else ():
                if regex.search(source, example, regex.ASCII | regex.MULTILINE):
                    assert regex.search(TRIGGERS[name], example, regex.MULTILINE), (rule.id, example)


@pytest.mark.parametrize("far", [0, 50, 300, 5_000])
def test_members_are_met_wherever_they_stand(far):
    prefilter = Prefilter([Pattern(r"(?<![0-9])\d{9}(?![0-9])", 9), Pattern("zebra", 5), Pattern("[a-f0-9]{32}", 32)])
    text = "字" * far + "123456789" + "é" * far + "zebra" + "密" * far + "0123456789abcdef" * 2 + "x" * far
    windows = prefilter.windows(text)
    assert set(windows) == {0, 1, 2}
    for number, plain in ((0, "123456789"), (1, "zebra"), (2, "0123456789abcdef" * 2)):
        assert any(plain in text[low:high] for low, high in windows[number])


def test_without_the_parser_nothing_is_in_a_family(monkeypatch):
    monkeypatch.setattr(families, "_parser", None)
    assert family(r"\d{9}") == ""
    assert Prefilter([Pattern(r"\d{9}", 9)]).windows("x 123456789 x")[0]


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("password[:=]", {"password"}),
        ("(?i:AWS|amazon)[:=]", {"aws", "amazon"}),
        ("(?:aws|[0-9])x", set()),
        ("(?:密码|口令)[:：]", {"密码", "口令"}),
        ("[绝机秘]密", {"密"}),
        (r"\d{9}", set()),
        ("a[bc]d", set()),  # single letters are everywhere
        ("(?:token)?secret", {"secret"}),
        ("(?:token)+x", {"token"}),
    ],
)
def test_the_words_a_pattern_cannot_do_without(source, needed):
    assert families.words(source) == needed


def test_every_example_has_a_word_of_its_pattern():
    for rule in load_rules(verify=False).rules:
        for source in rule.patterns:
            needed = families.words(necessary(source))
            for example in rule.hits if needed else ():
                if regex.search(source, example, regex.ASCII | regex.MULTILINE):
                    assert any(word in example.casefold() for word in needed), (rule.id, example)
