from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as other

from detectors.numbers import uscc


@given(
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8), st.text("0123456789", min_size=8, max_size=8)
)
def test_the_check_character_is_the_one_that_another_library_finds(letters, digits):
    body = "91" + digits[:6] + letters + digits[6:7]
    right = [last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if uscc.holds(body + last)]
    assert right == [other.calc_check_digit(body)]
    assert not uscc.holds(body + "I")
