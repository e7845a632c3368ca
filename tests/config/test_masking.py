from hypothesis import given
from hypothesis import strategies as st

from config.masking import mask_name


def test_examples():
    assert mask_name("关于印发某某工程建设方案的通知.docx") == "关于印发…通知.docx"
    assert mask_name("short.xlsx") == "short.xlsx"
    assert mask_name("6222021234567890123.xlsx") == "62**…23.xlsx"


@given(st.text(st.characters(blacklist_characters="/\0.", blacklist_categories=["Cs"]), min_size=20, max_size=60))
def test_the_middle_of_a_long_name_is_gone(stem):
    assert stem[5:-3] not in mask_name(f"{stem}.docx")
    assert mask_name(f"{stem}.docx").endswith(".docx")
