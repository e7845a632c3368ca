import unicodedata
from datetime import date

import pytest

from config.levels import Level
from config.verdict import Outcome, Segment, Zone

GRADES = [
    ("Ⅰ급비밀", Level.TOP_SECRET),
    ("Ⅱ급비밀", Level.SECRET),
    ("Ⅲ급비밀", Level.CONFIDENTIAL),
    ("대외비", Level.INTERNAL),
]
NUMERALS = {"Ⅰ": "Ⅰ ⅰ I 1 １", "Ⅱ": "Ⅱ ⅱ II ⅠⅠ 2 ２", "Ⅲ": "Ⅲ ⅲ III ⅠⅠⅠ 3 ３"}
FORMS = [
    "{}",
    "군사{}",
    "군사 {}",
    "- {} -",
    "[{}]",
    "< {} >",
    "{} 사본번호 2/5",
    "비밀등급: {}",
    "보안 구분 : {}",
    "[{}] 협상 계획",
]


def read(engine, text, zone=Zone.BODY):
    return engine.inspect([Segment(text, "page 1", zone)], date(2026, 1, 1))


@pytest.mark.parametrize(("text", "level"), GRADES)
@pytest.mark.parametrize("form", FORMS)
def test_reads_a_mark(mark, text, level, form):
    found = mark(form.format(text))
    assert (found.regime, found.level, found.original) == ("kr", level, text)


@pytest.mark.parametrize(
    ("numeral", "level"),
    [(sign, level) for level, signs in NUMERALS.items() for sign in signs.split()],
)
@pytest.mark.parametrize("rest", ["급비밀", " 급 비 밀", "급 비밀"])
def test_reads_the_numeral_as_it_is_typed(mark, numeral, level, rest):
    assert mark(numeral + rest).original == f"{level}급비밀"


@pytest.mark.parametrize("text", ["비밀등급: Ⅱ급", "비밀구분：2급", "보안등급 : II 급"])
def test_reads_the_field_that_names_it(mark, text):
    assert (mark(text).level, mark(text).text) == (Level.SECRET, text)


@pytest.mark.parametrize("text", ["Ⅱ급비밀", "대 외 비", "비밀등급: Ⅲ급", unicodedata.normalize("NFD", "2급 비밀")])
def test_reads_the_same_without_vectorscan(engine, slow_engine, text):
    assert read(slow_engine, text).marks == read(engine, text).marks != ()


@pytest.mark.parametrize("text", ["군사 Ⅱ급비밀(SECRET)", "Ⅱ급비밀 / SECRET 사본번호 3", "비밀등급: Ⅱ급비밀 (SECRET)"])
def test_reads_the_english_word_beside_it(mark, text):
    assert (mark(text).regime, mark(text).level, mark(text).text) == ("kr", Level.SECRET, text)


def test_reads_the_brackets_before_a_sentence(mark):
    assert mark("[대외비] 이 문서는 대외비로 지정되었습니다.").text == "[대외비]"


@pytest.mark.parametrize("text", ["군사\nⅡ급비밀\nSECRET", "군사Ⅱ급비밀\nSECRET"])
def test_a_stamp_of_several_lines(marks, text):
    assert [(found.regime, found.level) for found in marks(text)] == [("kr", Level.SECRET), ("us", Level.SECRET)]


@pytest.mark.parametrize(("text", "level"), GRADES)
def test_a_syllable_in_parts_is_the_same_syllable(mark, text, level):
    assert mark(unicodedata.normalize("NFD", text)).level is level


@pytest.mark.parametrize(
    "name", ["(대외비) 예산안.hwp", "2026 예산안(대외비).hwp", "[대외비]예산안.hwp", "예산안_대외비.hwp"]
)
def test_reads_a_file_name(engine, name):
    assert [found.level for found in read(engine, name, Zone.NAME).marks] == [Level.INTERNAL]


@pytest.mark.parametrize("zone", [Zone.HEADER, Zone.FOOTER, Zone.TEXTBOX, Zone.WATERMARK])
def test_reads_the_places_of_marks(engine, zone):
    assert [found.regime for found in read(engine, "Ⅲ급비밀", zone).marks] == ["kr"]


@pytest.mark.parametrize(
    "text",
    [
        "비밀은 Ⅰ급비밀, Ⅱ급비밀 및 Ⅲ급비밀로 구분한다.",
        "Ⅰ급비밀 / Ⅱ급비밀",
        "비밀등급: Ⅱ급비밀 / Ⅲ급비밀",
        "Ⅰ급비밀\tⅡ급비밀\tⅢ급비밀\t대외비",
        "1. Ⅰ급비밀\n2. Ⅱ급비밀\n3. Ⅲ급비밀",
        "가. 대외비\n\nⅢ급비밀",
        "Ⅱ급비밀\n나. 대외비",
        "Ⅱ급비밀\n군사Ⅲ급비밀",
        "□ 대외비",
        "대외비 □",
        "비밀등급: □ 대외비",
        "비밀등급: ______",
        "비밀등급: 일반",
        "비밀등급: Ⅱ급지",
        "비밀등급: Ⅱ급비밀취급인가",
        "비밀등급: Ⅱ급비밀 이상",
        "Ⅱ급비밀취급인가",
        "Ⅱ급비밀 취급 인가자 명단",
        "제Ⅱ급비밀",
        "VⅡ급비밀",
        "12급비밀",
        "4급비밀",
        "비대외비",
        "대외비밀",
        "대외비 해제",
        "대외비로 분류한 문서의 관리",
        "(대외비) 자료는 따로 보관한다.",
        "다음은 (대외비) 자료",
        "영화 <대외비>",
        "2급",
    ],
)
def test_is_no_mark(engine, text):
    assert read(engine, text).marks == ()


@pytest.mark.parametrize("text", ["“대외비”", "'Ⅱ급비밀'", "「대외비」"])
def test_in_quotation_marks_it_is_spoken_of(engine, text):
    found = read(engine, text)
    assert (list(found.marks), [mention.outcome for mention in found.mentions]) == ([], [Outcome.EXAMPLE])


def test_a_sentence_below_that_names_another_grade_takes_nothing_from_the_mark(mark):
    assert mark("Ⅲ급비밀\n이 문서는 Ⅱ급비밀 보고서를 인용한다.").level is Level.CONFIDENTIAL


def test_the_same_grade_twice_is_still_a_mark(marks):
    assert {found.level for found in marks("Ⅲ급비밀\nⅢ급비밀")} == {Level.CONFIDENTIAL}


@pytest.mark.parametrize("text", ["대외비", "[대외비] 회의록", "군사Ⅱ급비밀"])
def test_lone_words_deep_in_the_text_are_none_and_their_field_is_one(engine, text):
    deep = "글.\n" * 40
    found = read(engine, f"{deep}{text}\n{deep}비밀등급: Ⅲ급\n{deep}").marks
    assert [each.text for each in found] == ["비밀등급: Ⅲ급"]


@pytest.mark.parametrize(("text", "regime"), [("SECRET", "us"), ("SECRET//REL TO USA, ROK", "us"), ("机密★10年", "cn")])
def test_leaves_the_marks_of_others_alone(mark, text, regime):
    assert mark(text).regime == regime
