import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.automaton import MANY, Automaton

LETTERS = st.text("ab密秘 ", min_size=1, max_size=5)


@settings(max_examples=400)
@given(st.lists(LETTERS, unique=True, max_size=12), st.text("abc密秘 \ud800😀", max_size=60))
def test_both_ways_find_every_place_of_every_term(terms, text):
    wanted = sorted(
        (number, at, at + len(term))
        for number, term in enumerate(terms)
        for at in range(len(text))
        if text.startswith(term, at)
    )
    assert sorted(Automaton(terms, native=True).find(text)) == wanted
    assert sorted(Automaton(terms, native=False).find(text)) == wanted


@pytest.mark.parametrize("native", [True, False])
def test_more_terms_than_the_small_tables_hold(native):
    terms = [f"项目{number}" for number in range(MANY + 5)]
    found = Automaton(terms, native=native).find("在项目17中")
    assert {terms[number] for number, _, _ in found} == {"项目1", "项目17"}


def test_without_the_wheel_the_same_is_found():
    code = (
        "import sys; sys.modules['ahocorasick_rs'] = None\n"
        "from detectors.automaton import Automaton\n"
        "a = Automaton(['机密', '密'])\n"
        "print(a.native, sorted(a.find('机密')))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False [(0, 0, 2), (1, 1, 2)]"
