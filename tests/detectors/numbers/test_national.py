import subprocess
import sys
import textwrap

import pytest
import regex

from config.rules import SHIPPED, read
from detectors.engine import Engine
from detectors.numbers.national import GROUPED, MODULES, NATIONAL
from detectors.ruleset import EXAMPLE_DAY, RuleSet, load_rules

RULES = read(SHIPPED / "45-national.yaml")[0].rules


def test_at_least_thirty_numbers_of_twenty_countries():
    countries = {rule.validator.removeprefix("stdnum:").partition(".")[0] for rule in RULES}
    assert len(RULES) >= 30
    assert len(countries) >= 20


def test_every_module_has_its_rule():
    assert {f"stdnum:{name}" for name, _ in MODULES} == {rule.validator for rule in RULES} & NATIONAL.keys()


def test_noisy_ones_rest_until_an_organisation_wants_them(tmp_path):
    resting = {rule.id for rule in RULES if not rule.enabled}
    assert "national.de-vat" in resting
    assert not resting & load_rules(verify=False).names().keys()
    (tmp_path / "60-ours.yaml").write_text("enable: [national.de-vat]\ndisable: [national.us-rtn]\n", "utf-8")
    ours = load_rules([SHIPPED, tmp_path], verify=False).names()
    assert "national.de-vat" in ours
    assert "national.us-rtn" not in ours


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_one_digit_changed_is_refused_or_needs_a_word(rule):
    """Numbers without a check digit must rest or need a word; the others must notice most changes."""
    number = regex.search(rule.patterns[-1], _plain(rule.hits[0])) or regex.search(
        rule.patterns[0], _plain(rule.hits[0])
    )
    text = number["hit"] if "hit" in number.groupdict() else number[0]
    engine = Engine(RuleSet((rule,)), b"a key for tests")
    digits = [at for at, sign in enumerate(text) if sign.isdigit()]
    wrong = [text[:at] + str((int(text[at]) + by) % 10) + text[at + 1 :] for at in digits for by in (1, 3, 7)]
    word = rule.hits[0].partition(":")[0]
    found = [text for text in wrong if engine.fires(rule, f"{word}: {text}", EXAMPLE_DAY)]
    assert len(found) <= len(wrong) / 4 or not any(engine.fires(rule, text, EXAMPLE_DAY) for text in wrong)


def _plain(text):
    from detectors.normal import Normal

    return Normal(text).text


def test_the_first_row_below_a_head_is_found(findings):
    assert findings("name\tBSN\nJan\t111222333\n") == [("national.nl-bsn", "111222333")]
    assert findings("name\tcode\nJan\t111222333\n") == []


def test_groups_add_to_the_score():
    bare, grouped = (NATIONAL["stdnum:br.cpf"](text, EXAMPLE_DAY) for text in ("11144477735", "111.444.777-35"))
    assert (bare.by, grouped.by) == (0.0, GROUPED)
    assert bare.plain == grouped.plain


def test_nothing_is_read_once_the_rules_are_loaded():
    """In the sandbox no file can be opened: every module must have loaded what it needs."""
    script = """
        import sys
        from config.rules import SHIPPED, read
        from detectors.engine import Engine
        from detectors.ruleset import EXAMPLE_DAY, RuleSet, load_rules
        rules = read(SHIPPED / "45-national.yaml")[0].rules
        engine = Engine(RuleSet(rules), b"a key for tests")
        shut = False
        def hook(event, arguments):
            if shut and event in ("open", "import"):
                raise PermissionError(event, arguments[:1])
        sys.addaudithook(hook)
        shut = True
        print(sum(engine.fires(rule, rule.hits[0], EXAMPLE_DAY) for rule in rules) == len(rules))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "True", done.stderr
