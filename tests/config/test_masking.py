from hypothesis import given
from hypothesis import strategies as st

from config.masking import mask_name, mask_place, mask_reason


def test_examples():
    assert mask_name("关于印发某某工程建设方案的通知.docx") == "关于印发…通知.docx"
    assert mask_name("short.xlsx") == "short.xlsx"
    assert mask_name("6222021234567890123.xlsx") == "62**…23.xlsx"


@given(st.text(st.characters(blacklist_characters="/\0.", blacklist_categories=["Cs"]), min_size=20, max_size=60))
def test_the_middle_of_a_long_name_is_gone(stem):
    assert stem[5:-3] not in mask_name(f"{stem}.docx")
    assert mask_name(f"{stem}.docx").endswith(".docx")


def test_a_name_that_is_all_suffix_is_masked_too():
    assert mask_name("card.6222021234567890123") == "card…23"
    assert "重点工程" not in mask_name("1.关于某某重点工程秘密建设方案的请示")


def test_names_inside_places_and_reasons():
    long = "关于某某重点工程建设方案-110101199003071233.docx"
    assert "重点工程" not in mask_place(f"archive.zip > sub/{long} > page 1 line 2")
    assert mask_place(f"{long} > page 1 line 2").endswith("> page 1 line 2")
    assert mask_place("Sheet1!B7") == "Sheet1!B7"
    assert mask_place("某某重点工程建设资金明细!B7") == "某某重点…明细!B7"
    assert mask_place("property:Company") == "property:Company"
    assert "重点工程" not in mask_reason(f"encrypted: {long}")
    assert mask_reason("timeout") == "timeout"
