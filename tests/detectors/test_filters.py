import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import entropy
from detectors.filters import FILTERS

HEX, LETTERS = "0123456789abcdef", string.ascii_letters + string.digits


def drops(name, value, before="", after=""):
    return FILTERS[name](before + value + after, len(before), len(before) + len(value))


def test_a_row_of_a_hex_dump_holds_no_number():
    card = "6222 0212 3456 7890 128"[:19]
    row = f"00000010: 6b6b {card} 7061 6763 6b6b  kk......pagckk\n"
    at = row.index(card)
    assert FILTERS["inside-longer"](row, at, at + len(card))
    for other in (f"00000010: {card}\n", f"20260101: 工资卡 {card}\n", f"1234 {card} 7061\n"):
        at = other.index(card)
        assert not FILTERS["inside-longer"](other, at, at + len(card)), other


def test_entropy_is_shannons():
    assert entropy.bits("aaaa") == 0
    assert entropy.bits("abab") == 1
    assert entropy.bits("abcd") == 2
    assert entropy.share("0123456789abcdef") == 1
    assert entropy.share("a") == 0
    assert entropy.share("aaaaaaaa") == 0


@pytest.mark.parametrize(("letters", "length"), [(HEX, 32), (HEX, 40), (LETTERS, 20), (LETTERS, 40), (LETTERS, 64)])
def test_random_keys_look_drawn(letters, length):
    draw = random.Random(f"{letters} {length}")
    kept = sum(entropy.drawn("".join(draw.choices(letters, k=length))) for _ in range(2_000))
    assert kept >= 1_990


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("ghp_1234567890abcdefghijklmnopqrstuvwxyz", True),
        ("npm_000000000000000000000000000000000000", True),
        ("AKIA1234567890ABCDEF", True),
        ("0123456789abcdef0123456789abcdef", True),
        ("AKIAZZZZZZZZZZZZZZZZ", False),  # letters of one kind: the tests of scanners take them for a key
        ("abc123456", False),  # short enough for a password
        ("ghp_q8Zk1Yb3nW7xR2tL5vC9mP4sJ6dH0gFaEuTi", False),
        ("AAAAAAAAAAAAAAAAAAAAARkniMKaqC99AAAAAA6Go3nsF4l8xR3mGtNBenvpJQrAOkLr1", False),
    ],
)
def test_long_values_that_count_up_are_examples(value, typed):
    assert drops("example", value, "key = ") == typed


def test_half_of_a_string_must_count():
    assert entropy.counted("123456xyqwrt")
    assert not entropy.counted("123456xyqwrtz")
    assert not entropy.counted("12345aklq")
    assert entropy.counted("000000654321xyqwkm")
    assert not entropy.counted("")


@pytest.mark.parametrize("prefix", ["sk-", "SEC", "v1.0-", "key-"])
def test_a_prefix_does_not_make_a_key_look_typed(prefix):
    draw = random.Random(prefix)
    assert all(entropy.drawn(prefix + "".join(draw.choices(HEX, k=32))) for _ in range(200))


@pytest.mark.parametrize(
    "value",
    [
        "1234567890abcdefghij",
        "aaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "qwertyuiop1234567890",
        "f0f0f0f0f0f0f0f0f0f0f0",
    ],
)
def test_typed_values_do_not_look_drawn(value):
    assert drops("low-entropy", value)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 1),
        ("a", 1),
        ("ab", 2),
        ("az", 1),
        ("abc", 3),
        ("xabcdx", 4),
        ("cba", 3),
        ("aabb", 2),
        ("aaab", 3),
        ("12321", 3),
    ],
)
def test_steps_count_the_longest_run(text, length):
    assert entropy.steps(text) == length


def test_six_steps_are_too_many():
    assert entropy.drawn("Kx7" + "34567" + "Qm2Zt9Rw4Lp8")
    assert not entropy.drawn("Kx7" + "345678" + "Qm2Zt9Rw4Lp8")


@pytest.mark.parametrize(
    ("text", "walks"),
    [
        ("xxQWERTYxx", True),
        ("ytrewq", True),
        ("xxzxcvbn", True),
        ("1qaz2wsx", True),
        ("qwert", False),
        ("qwzerty", False),
    ],
)
def test_a_walk_needs_six_keys_in_a_row(text, walks):
    assert entropy.walks(text) is walks


@pytest.mark.parametrize(
    ("text", "wordy"),
    [
        ("my-secret-password", True),
        ("SomeClientSecret", True),
        ("required1", True),
        ("abcd", True),
        ("abc1", False),
        ("Huawei@2024", False),
        ("welcome@home", True),
        ("k8Tq-w2Lz9", False),
        ("hunter2hunter2", False),
    ],
)
def test_words_have_long_runs(text, wordy):
    assert entropy.wordy(text) is wordy


@given(st.text(string.ascii_letters + string.digits + "-_.", max_size=60))
def test_measures_hold_for_any_text(text):
    assert 0 <= entropy.share(text) <= 1
    assert 0 < entropy.steps(text) <= max(len(text), 1)


EXAMPLES = [
    ("example", "AKIAIOSFODNN7EXAMPLE", True),
    ("example", "xxxxxxxxxxxxxxxx", True),
    ("example", "XXXX-YYYY", True),
    ("example", "********", True),
    ("example", "your-api-key", True),
    ("example", "<token>", True),
    ("example", "Changeme1", True),
    ("example", "change_me_1", True),
    ("example", "k8Tqw2Lz9xxx", False),
    ("typed", "my_secret_value", True),
    ("typed", "password_here1", True),
    ("typed", "dummy-1", True),
    ("typed", "123456789", True),
    ("typed", "1qaz2wsx", True),
    ("typed", "12345678abc", True),
    ("typed", "Admin@123456", False),
    ("typed", "Admi@123456", True),
    ("typed", "a1b2a1b2a1b2", True),
    ("typed", "hunter2hunter2", False),
    ("typed", "k8Tqw2Lz9", False),
    ("reference", "${DB_PASSWORD}", True),
    ("reference", "$(cat_file)", True),
    ("reference", "{{vault_pw}}", True),
    ("reference", "%(password)s", True),
    ("reference", "{password}", True),
    ("reference", "$DB_PASSWORD", True),
    ("reference", "%DB_PASSWORD%", True),
    ("reference", "os.environ['A1']", True),
    ("reference", "process.env.TOKEN_1", True),
    ("reference", "vault:kv/db#pw1", True),
    ("reference", "arn:aws:secretsmanager:1", True),
    ("reference", "pa$$w0rdQ", False),
    ("reference", "k8Tq%w2Lz9", False),
    ("code", "get_token(1)", True),
    ("code", "self.config2.token", True),
    ("code", "Config::token2", True),
    ("code", "k8Tq-w2Lz9", False),
    ("uuid", "743b294a-cd03-11ec-9d64-0242ac120002", True),
    ("uuid", "743b294a-cd03-11ec-9d64-0242ac1200021", False),
    ("uuid", "743b294acd0311ec9d640242ac120002", False),
    ("wordy", "database-password", True),
    ("wordy", "k8Tqw2Lz9", False),
]


@pytest.mark.parametrize(("name", "value", "dropped"), EXAMPLES)
def test_what_is_no_value_is_dropped(name, value, dropped):
    assert drops(name, value) is dropped


@pytest.mark.parametrize("before", ["${", "{{", "$(", "%(", "<", "$", "@@"])
def test_a_reference_shows_before_the_value_too(before):
    assert drops("reference", "DB_PASSWORD_1", before=before)
    assert not drops("reference", "k8Tqw2Lz9", before="= ")


def test_quoted_text_is_no_code():
    assert not drops("code", "f(k8Tqw2Lz9)", before='"', after='"')
    assert drops("code", "f(k8Tqw2Lz9)", before="= ")
    assert drops("code", "get_token2", before="= ", after="(x)")


@pytest.mark.parametrize(
    ("before", "dropped"),
    [
        ("sha256:", True),
        ('"integrity": "sha512-', True),
        ("commit ", True),
        ("commit: ", True),
        ("checksum = ", True),
        ("MD5=", True),
        ("文件指纹：", True),
        ("--hash=sha256:", True),
        ("street: ", False),
        ("prev = ", False),
        ("secret = ", False),
        ("sha256 of the file is known\nkey = ", False),
    ],
)
def test_a_checksum_is_no_key(before, dropped):
    assert drops("digest", "9f86d081884c7d659a2feaa0c55ad015", before=before) is dropped
