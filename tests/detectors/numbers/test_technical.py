import base64
from datetime import date

import pytest

from detectors.numbers import technical

TODAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        *(
            ("3C:22:FB:0A:1B:2C", True),
            ("3D:22:FB:0A:1B:2C", False),
            ("3C22.FB0A.1B2C", True),
            ("00:00:00:00:00:00", False),
        ),
        *(
            ("AA:AA:AA:AA:AA:AC", False),
            ("AA:AA:AA:AA:AB:AC", True),
            ("3C:22:FB:0A:1B", False),
            ("02:00:00:00:00:10", True),
        ),
    ],
)
def test_network_cards(text, valid):
    assert (technical.check_mac(text, TODAY) is not None) == valid


def test_dots_prove_less():
    assert technical.check_mac("3C22.FB0A.1B2C", TODAY).by < technical.check_mac("3C:22:FB:0A:1B:2C", TODAY).by


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3C:22:FB:0A:1B:2C", ["net.mac"]),
        ("mac 3c22.fb0a.1b2c", ["net.mac"]),
        ("3c22.fb0a.1b2c", []),
        ("3C:22:FB:0A:1B:2C:11", []),
        ("host 2001:db8::8a2e:370:7334", ["net.ip"]),
        ("host fe80::1", ["net.ip"]),
        ("add::face", []),
        ("fade::beef", []),
        ("std::vector", []),
        ("ip 203.0.113.7", ["net.ip"]),
        ("version 203.0.113.7", []),
    ],
)
def test_in_text(findings, text, found):
    assert [rule for rule, _ in findings(text)] == found


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        *(("203.0.113.77", True), ("127.0.0.1", False), ("0.1.2.3", False), ("255.1.2.3", False), ("254.1.2.3", True)),
        *(
            ("224.0.0.1", False),
            ("223.0.0.1", True),
            ("10.0.0.0", False),
            ("10.0.1.0", True),
            ("::1", False),
            ("::", False),
        ),
    ],
)
def test_addresses_a_machine_can_have(text, valid):
    check = technical.check_ip(text, TODAY)
    assert (check is not None) == valid


def test_small_numbers_are_rather_a_heading():
    assert technical.check_ip("30.30.30.30", TODAY).by < 0 < technical.check_ip("30.30.30.31", TODAY).by


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("3.23.91.1", True),
        ("23.40.9.99", True),
        ("24.40.9.99", False),
        ("3.40.10.99", False),
        ("10.2.154.26", False),
        ("1.1.1.1", True),
    ],
)
def test_what_may_be_a_version_wants_a_word_beside_it(text, version):
    assert (technical.check_ip(text, TODAY).by < 0) is version


def test_a_token_says_how_it_is_signed():
    assert technical.check_jwt("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln", TODAY)
    assert technical.check_jwt("eyJub3BlIjoxfQ.eyJhIjoxfQ", TODAY) is None


@pytest.mark.parametrize(
    ("plain", "holds"),
    [
        ("lili:k8Tq", True),
        ("lili:k8T", False),
        ("lili:", False),
        (":k8Tqw2", False),
        ("lili k8Tqw2", False),
        ("lili:password", False),
        ("lili:Secret", False),
        ("lili:password2", True),
        ("lili:k8T\x07q", False),
    ],
)
def test_a_name_and_a_password_in_base64(plain, holds):
    assert (technical.check_basic(base64.b64encode(plain.encode()).decode(), TODAY) is not None) is holds
