import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc as other

from detectors.numbers import uscc

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BORN = re.compile(r"[0-9]{6}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]")


@given(st.text(SIGNS, min_size=8, max_size=8), st.text("0123456789", min_size=8, max_size=8))
def test_the_check_character_is_the_one_that_another_library_finds(letters, digits):
    body = "91" + digits[:6] + letters + digits[6:7]
    right = [last for last in SIGNS if uscc.holds(body + last)]
    assert right == [other.calc_check_digit(body)]
    assert not uscc.holds(body + "I")


def _code(body):
    return body + next(last for last in SIGNS if uscc.holds(body + last))


@given(st.sampled_from(sorted(uscc.KINDS)), st.text("0123456789", min_size=6, max_size=6), st.data())
@settings(deadline=None)
def test_a_code_is_found_without_a_word_beside_it(findings, kind, region, data):
    organisation = data.draw(st.text(data.draw(st.sampled_from(["0123456789", SIGNS])), min_size=9, max_size=9))
    number = _code(kind + region + organisation)
    assume(not BORN.match(number) and len(set(number[:-1])) > 2)
    assert ("cn.uscc", number) in findings(f"乙方代号 {number}，")
    grouped = f"{number[:2]} {number[2:8]}-{number[8:].lower()}"
    assert ("cn.uscc", grouped) in findings(f"乙方代号 {grouped}，")


@pytest.mark.parametrize("number", ["121101199802281005", "913201199903011004", "521101200012054020"])
def test_one_with_a_date_of_birth_in_it_is_a_code_only_where_it_is_called_one(findings, number):
    assert uscc.holds(number)
    assert BORN.match(number)
    assert "cn.uscc" not in [rule for rule, _ in findings(f"编号 {number}，")]
    assert ("cn.uscc", number) in findings(f"统一社会信用代码：{number}，")
