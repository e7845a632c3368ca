import pytest

from config.rules import Context, Words
from config.text import Text
from detectors.numbers.check import Check, compact
from detectors.score import LEAST, MOST, Surroundings, together

CONTEXT = Context(Words(("card", "卡号"), 0.3), Words(("order", "订单"), 0.2), before=10, after=5)
CHECK = Check("1", 0.1, Text("digit", "位"))


def score(text, head="", base=0.5, check=None, context=CONTEXT):
    start = text.index("#")
    return Surroundings(context).score(base, check, text, start, start + 1, lambda: head).score


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("#", 0.5),
        ("card #", 0.8),
        ("CARD #", 0.8),
        ("cards #", 0.5),
        ("discard #", 0.5),
        ("银行卡号是 #", 0.8),
        ("# card", 0.8),  # five after
        ("order #", 0.3),
        ("order card#", 0.6),
        ("card123456#", 0.5),
        ("card 12345#", 0.8),  # ten characters before
        ("card 123456#", 0.5),  # eleven
        ("#card. ", 0.8),
        ("#  card", 0.5),  # six
        ("card_no=#", 0.8),
        ("cardNo=#", 0.8),
        ("bankCard=#", 0.8),
        ("bankcard=#", 0.5),
        ("CARDs=#", 0.5),
    ],
)
def test_words_beside(text, value):
    assert score(text) == value


def test_a_check_adds_what_it_says():
    assert score("#", check=CHECK) == 0.6
    assert score("card #", check=CHECK) == 0.9


@pytest.mark.parametrize(
    ("text", "head", "value"),
    [
        ("#", "卡号", 0.8),
        ("#", "订单号", 0.3),
        ("#", "备注", 0.5),
        ("card #", "备注", 0.8),
        ("card #", "订单号", 0.3),
        ("order #", "卡号", 0.8),
        ("#", "订单卡号", 0.6),
    ],
)
def test_a_head_that_speaks_is_heard_alone(text, head, value):
    assert score(text, head) == value


def test_nothing_is_certain():
    assert score("card #", base=0.95) == MOST
    assert score("order #", base=0.1) == LEAST
    assert score("card #", base=0.69) == MOST
    assert score("card #", base=0.68) == 0.98


def test_a_head_is_not_asked_for_without_words():
    def fail():
        raise AssertionError

    assert Surroundings(Context()).score(0.5, None, "#", 0, 1, fail).score == 0.5


def test_words_are_read_as_the_text_is():
    assert score("ИHH #", context=Context(Words(("ИНН",), 0.3))) == 0.8


def test_reasons_name_the_word():
    said = together(Surroundings(CONTEXT).score(0.5, CHECK, "card order#", 10, 11).reasons)
    assert "“card” stands beside" in said.en
    assert "“order” speaks against" in said.en
    assert "位" in said.zh
    (form,) = Surroundings(CONTEXT).score(0.5, None, "#", 0, 1).reasons
    assert form.zh == "符合本规则的形式"


@pytest.mark.parametrize(("text", "plain"), [("ab-1 2.3", "AB123"), ("ab", "AB"), ("", ""), ("（1）", "1")])
def test_compact(text, plain):
    assert compact(text) == plain


@pytest.mark.parametrize("text", ["social security #", "social_security_no=#", "SOCIAL-SECURITY #"])
def test_a_phrase_may_be_the_name_of_a_field(text):
    assert score(text, context=Context(Words(("social security",), 0.3), before=30)) == 0.8
