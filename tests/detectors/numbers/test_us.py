from datetime import date

import pytest

from detectors.numbers import us

TODAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        *(("001-01-0001", True), ("000-01-0001", False), ("665-01-0001", True), ("666-01-0001", False)),
        *(("667-01-0001", True), ("899-01-0001", True), ("900-01-0001", False), ("536-00-0001", False)),
        *(("536-22-0000", False), ("536-22-0001", True), ("536-99-9999", True), ("53622876", False)),
    ],
)
def test_social_security_numbers(text, valid):
    assert (us.check_ssn(text, TODAY) is not None) == valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        *(("912-50-1234", True), ("912-49-1234", False), ("912-65-1234", True), ("912-66-1234", False)),
        *(("912-69-1234", False), ("912-70-1234", True), ("912-88-1234", True), ("912-89-1234", False)),
        *(("912-90-1234", True), ("912-92-1234", True), ("912-93-1234", False), ("912-94-1234", True)),
        *(("912-99-1234", True), ("812-70-1234", False), ("900-70-1234", True), ("999-70-1234", True)),
    ],
)
def test_taxpayer_numbers(text, valid):
    assert (us.check_itin(text, TODAY) is not None) == valid


@pytest.mark.parametrize("check", [us.check_ssn, us.check_itin])
def test_groups_prove_more(check):
    number = "536228765" if check is us.check_ssn else "912701234"
    hyphens = f"{number[:3]}-{number[3:5]}-{number[5:]}"
    assert check(hyphens, TODAY).by == check(hyphens.replace("-", " "), TODAY).by > check(number, TODAY).by


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ITIN 912-70-1234", ["us.itin"]),
        ("taxpayer: 912701234", ["us.itin"]),
        ("ITIN 912-701234", []),
        ("912-70-1234", []),
        ("SSN 536-22-8765", ["us.ssn"]),
        ("SSN 536 22 8765", ["us.ssn"]),
        ("SSN 536-22 8765", []),
        ("phone 536-22-8765", []),
    ],
)
def test_they_need_a_word(findings, text, found):
    assert [rule for rule, _ in findings(text)] == found
