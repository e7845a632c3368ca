from datetime import date

import pytest

from detectors.numbers import papers

TODAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        *(
            ("H12345608", "H12345608"),
            ("M1234560801", "M12345608"),
            ("HA1234560", "HA1234560"),
            ("MA1234560", "MA1234560"),
        ),
        *(
            ("C12345608", "C12345608"),
            ("CA1234560", "CA1234560"),
            ("CZ1234560", "CZ1234560"),
            ("W12345608", "W12345608"),
        ),
        *(("L12345608", "L12345608"), ("T12345608", "T12345608"), ("01234568", "01234568"), ("0123456801", "01234568")),
        *(("K1234568", "K1234568"), ("99990101", "99990101"), ("20261301", "20261301"), ("18991231", "18991231")),
        *(("H1234567", "H1234567"), ("21000101", "21000101")),
    ],
)
def test_permits(text, plain):
    assert papers.check_permit(text, TODAY).plain == plain


@pytest.mark.parametrize(
    "text",
    [
        *("H123456", "H123456789", "C123456", "C1234560801", "CI1234560", "CO1234560", "X12345608", "1234567"),
        *("123456789", "20261231", "19000101", "20991231", "2026123101", "12345678901"),
    ],
)
def test_no_permits(text):
    assert papers.check_permit(text, TODAY) is None


def test_a_letter_proves_more_than_digits():
    assert papers.check_permit("H12345608", TODAY).by > papers.check_permit("01234568", TODAY).by


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("往来港澳通行证：C12345608", ["cn.hk-macau-permit"]),
        ("回乡证号 H1234560801", ["cn.hk-macau-permit"]),
        ("台胞证号：0123456801", ["cn.hk-macau-permit"]),
        ("台胞证 有效期 20261231", []),
        ("型号 C12345608", []),
        ("护照号码：E12345608", ["cn.passport"]),
        ("护照：KJ1234560", ["cn.passport"]),
        ("护照：141234568", ["cn.passport"]),
        ("编号 EA1234560", []),
        ("军官证：军字第1234568号", ["cn.military-id"]),
        ("军官证号 北字第20123456号", ["cn.military-id"]),
        ("士兵证：士1234568", ["cn.military-id"]),
        ("文职人员证号：文12345689", ["cn.military-id"]),
        ("冀军1234568 军官", []),
        ("军字第1234568号", []),
        ("军官证：军字第1111111号", []),
        ("士兵证：士123456", []),
        ("士兵证：士123456789", []),
    ],
)
def test_papers_need_their_word(findings, text, found):
    assert [rule for rule, _ in findings(text)] == found


def test_the_word_of_a_service_in_full_proves_more():
    full, short = (papers.check_military(text, TODAY) for text in ("军字第1234568号", "军1234568"))
    assert full.by > short.by
    assert full.plain == short.plain == "军1234568"
