import unicodedata
from datetime import date

import pytest

from config.levels import Level
from config.verdict import Outcome, Segment, Zone

GRADES = [
    ("Особой важности", Level.TOP_SECRET),
    ("Совершенно секретно", Level.SECRET),
    ("Секретно", Level.CONFIDENTIAL),
    ("Для служебного пользования", Level.INTERNAL),
]


@pytest.mark.parametrize(("text", "level"), GRADES)
@pytest.mark.parametrize("form", [str, str.upper, "{} Экз. № 1".format, "Гриф: {}".format, "- {} -".format])
def test_reads_a_mark(mark, text, level, form):
    found = mark(form(text))
    assert (found.regime, found.level, found.original) == ("ru", level, text.upper())


@pytest.mark.parametrize("text", ["Гриф секретности: секретно", "ГРИФ СЕКРЕТНОСТИ: СЕКРЕТНО", "Гриф: секретно"])
def test_reads_the_field_that_names_it(mark, text):
    assert mark(text).level is Level.CONFIDENTIAL


@pytest.mark.parametrize("text", ["Гриф: ДСП", "Пометка: ДСП Экз. № 12", "Для служебного пользования (ДСП) Экз. N 3"])
def test_reads_the_abbreviation_of_official_use(mark, text):
    assert (mark(text).level, mark(text).text) == (Level.INTERNAL, text)


def test_a_letter_in_two_parts_is_the_same_letter(mark):
    assert mark(unicodedata.normalize("NFD", "Особой важности")).level is Level.TOP_SECRET


@pytest.mark.parametrize(
    "text",
    [
        "Не секретно",
        "Несекретно",
        "НЕСЕКРЕТНО",
        "секретно",
        "совершенно секретно",
        "СЕКРЕТНОСТЬ",
        "Совершенно секретно: новый роман",
        "Секретно, но не очень",
        "Гриф секретности: секретно / совершенно секретно",
        "Гриф: несекретно",
        "Гриф секретности: ________",
        "ДСП",
        "ДСП 16 мм",
        "Пометка: ДСП 16 мм, шлифованная",
        "Инструкция для служебного пользования автомобилем",
        "Вопросы особой важности",
    ],
)
def test_is_no_mark(engine, text):
    assert engine.inspect([Segment(text, "body")], date(2026, 1, 1)).marks == ()


@pytest.mark.parametrize("text", ["«Секретно»", "«Совершенно секретно»"])
def test_in_quotation_marks_it_is_spoken_of(engine, text):
    found = engine.inspect([Segment(text, "body")], date(2026, 1, 1))
    assert (list(found.marks), [mention.outcome for mention in found.mentions]) == ([], [Outcome.EXAMPLE])


def test_a_lone_word_deep_in_the_text_is_none_and_its_field_is_one(engine):
    deep = "Слово.\n" * 40
    found = engine.inspect([Segment(f"{deep}Секретно\n{deep}Гриф: секретно\n{deep}", "body")], date(2026, 1, 1))
    assert [mark.text for mark in found.marks] == ["Гриф: секретно"]


def test_reads_a_footer(engine):
    footer = [Segment("Секретно", "footer", Zone.FOOTER)]
    assert [mark.regime for mark in engine.inspect(footer, date(2026, 1, 1)).marks] == ["ru"]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("СОВ. СЕКРЕТНО\nЭкз. единственный", Level.SECRET),
        ("КОНФИДЕНЦИАЛЬНО\nПротокол совещания", Level.CONFIDENTIAL),
        ("Строго конфиденциально", Level.CONFIDENTIAL),
        ("Коммерческая тайна\nООО «Ромашка»", Level.CONFIDENTIAL),
    ],
)
def test_the_short_form_and_the_words_of_companies(mark, text, level):
    assert mark(text).level == level


@pytest.mark.parametrize("text", ["Коммерческая тайна: понятие и виды", "Конфиденциальность", "конфиденциально"])
def test_words_about_trade_secrets_are_none(marks, text):
    assert marks(text) == ()
