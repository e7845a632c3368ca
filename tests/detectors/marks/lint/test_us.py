import pytest

from config.verdict import Segment, Zone
from detectors.marks.lint.us import LONG, MOST_PROGRAMS

BLOCK = "Classified By: J. Doe\nDerived From: Multiple Sources\nDeclassify On: 20501231"
LINE = "The convoy left at dawn and came back at dusk, as was reported by the station on the coast."


def page(banner, portion="(U) ", block=BLOCK):
    return f"{banner}\nReport\n1. {portion}{LINE}\n{block}\n{banner}"


def test_a_page_as_it_should_be(advice):
    assert advice(page("SECRET//NOFORN", "(S//NF) ")) == {}
    assert advice("Report\n" + LINE) == {}


@pytest.mark.parametrize(
    ("banner", "portion", "said"),
    [
        ("SECRET//NOFORN", "(TS//NF) ", True),
        ("SECRET//NOFORN", "(S//NF) ", False),
        ("SECRET//NOFORN", "(C//NF) ", False),
        ("CONFIDENTIAL//NOFORN", "(S//NF) ", True),
        ("UNCLASSIFIED", "(S//NF) ", True),
    ],
)
def test_the_banner_is_as_high_as_the_highest_portion(advice, banner, portion, said):
    assert ("us.banner-below-portion" in advice(page(banner, portion))) is said


@pytest.mark.parametrize(
    ("banner", "rule"),
    [
        ("SECRET//NOFORN/REL TO USA, GBR", "us.noforn-with-rel"),
        ("SECRET//NOFORN/RELIDO", "us.noforn-with-rel"),
        ("SECRET//FOUO/NOFORN", "us.fouo-on-classified"),
        ("UNCLASSIFIED//REL TO USA, GBR", "us.control-on-unclassified"),
        ("UNCLASSIFIED//ORCON", "us.control-on-unclassified"),
        ("TOP SECRET//HCS-P//ORCON", "us.hcs-without-noforn"),
        ("TOP SECRET//SI//ORCON", "us.sci-without-release"),
        ("TOP SECRET//SI", "us.sci-without-release"),
        ("SECRET//REL TO USA", "us.release-list"),
        ("SECRET//REL TO AUS, USA", "us.release-list"),
        ("SECRET//REL TO USA, GBR, AUS", "us.release-list"),
        ("SECRET//REL TO USA,AUS", "us.release-list"),
        ("SECRET/NOFORN", "us.single-slash"),
        ("SECRET//NF", "us.short-form"),
        ("SECRET//NOCONTRACT", "us.obsolete-control"),
        ("TOP SECRET//NOFORN//SI", "us.category-order"),
        ("SECRET//TOP SECRET", "us.two-levels"),
        ("SECRET/SENSITIVE", "us.other-term"),
    ],
)
def test_controls(advice, banner, rule):
    assert rule in advice(page(banner, "(S) ") + "\nSECRET")


@pytest.mark.parametrize(
    "banner",
    [
        "SECRET//NOFORN",
        "SECRET//REL TO USA, AUS, GBR",
        "SECRET//RELIDO",
        "TOP SECRET//SI//NOFORN",
        "TOP SECRET//SI//REL TO USA, FVEY",
        "TOP SECRET//HCS-P/SI//ORCON/NOFORN",
        "TOP SECRET//SI/TK//FGI GBR//ORCON/NOFORN//EXDIS",
        "SECRET//SAR-BP/SAR-CC//NOFORN",
        "CONFIDENTIAL//ORCON",
    ],
)
def test_controls_that_are_right(broken, banner):
    assert broken("us", page(banner)) == set()


def test_controls_of_a_portion(advice):
    found = advice(page("SECRET//NOFORN", "(S//NF/REL TO USA, GBR) "))
    assert (set(found), found["us.noforn-with-rel"].where) == ({"us.noforn-with-rel"}, "line 3")
    assert set(advice(page("SECRET//NOFORN", "(S//FOUO) "))) == {"us.fouo-on-classified"}
    assert advice(page("TOP SECRET//SI//NOFORN", "(TS//SI) ")) == {}


def test_more_than_four_programs(broken):
    programs = [f"SAR-A{letter}" for letter in "ABCDE"]
    assert "us.too-many-programs" in broken("us", page(f"SECRET//{'/'.join(programs)}//NOFORN"))
    assert "us.too-many-programs" not in broken("us", page(f"SECRET//{'/'.join(programs[:MOST_PROGRAMS])}//NOFORN"))


def test_what_to_write(advice):
    assert advice(page("SECRET//REL TO GBR, USA, AUS"))["us.release-list"].instead.en == "REL TO USA, AUS, GBR"
    assert advice(page("SECRET//REL TO USA"))["us.release-list"].instead.en == "NOFORN"
    assert advice(page("SECRET//NF"))["us.short-form"].instead.en == "SECRET//NOFORN"
    assert advice(page("SECRET/NOFORN"))["us.single-slash"].instead.en == "SECRET//NOFORN"
    higher = advice(page("SECRET//NOFORN", "(TS//NF) "))["us.banner-below-portion"]
    assert higher.instead.en == "TOP SECRET as the banner"


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("", "Classified By / Derived From, Declassify On"),
        ("Classified By: J. Doe", "Declassify On"),
        ("Declassify On: 20501231", "Classified By / Derived From"),
    ],
)
def test_the_authority_block(advice, block, words):
    assert advice(page("SECRET//NOFORN", block=block))["us.authority-missing"].text.en.endswith(words)
    assert "us.authority-missing" not in advice(page("UNCLASSIFIED", block=block))


def test_every_page_has_its_mark_at_both_ends(advice):
    whole = page("SECRET//NOFORN")
    assert "us.bottom-missing" in advice(whole, "SECRET//NOFORN\nOne\nTwo\nThree")
    assert "us.top-missing" in advice(whole, "One\nTwo\nThree\nSECRET//NOFORN")
    assert advice(whole, "SECRET//NOFORN\nOne\nTwo\nSECRET//NOFORN") == {}
    found = advice(whole, "One\nTwo\nThree", "Four\nFive\nSix")
    assert found["us.top-missing"].text.en == "no mark at the top of page 2 (+1)"
    assert found["us.top-missing"].text.zh == "第2页（另有1页）页首没有密级标志"
    assert found["us.top-missing"].where == "page 2"


def test_a_text_without_pages_is_one(advice):
    found = advice("SECRET//NOFORN\nOne\nTwo\nThree")["us.bottom-missing"]
    assert found.text.en == "no mark at the bottom of the document"
    assert (found.text.zh, found.where) == ("文件页尾没有密级标志", "")


def test_a_header_and_a_footer_serve_all_pages(broken):
    pages = [f"Report\n1. (S//NF) {LINE}\n{BLOCK}", "One\nTwo\nThree"]
    both = [Segment("SECRET//NOFORN", "header", Zone.HEADER), Segment("SECRET//NOFORN", "footer", Zone.FOOTER)]
    assert broken("us", *pages, extra=both) == set()
    assert broken("us", *pages, extra=both[:1]) == {"us.bottom-missing"}
    assert broken("us", *pages, extra=both[1:]) == {"us.top-missing"}


def test_portions_are_missing_only_where_there_are_paragraphs(broken):
    for length, said in ((LONG, True), (LONG - 1, False)):
        text = f"SECRET//NOFORN\n{'x' * length}\n{BLOCK}\nSECRET//NOFORN"
        assert ("us.portions-missing" in broken("us", text)) is said
    assert "us.portions-missing" not in broken("us", page("SECRET//NOFORN"))


def test_a_banner_on_every_page_is_spoken_of_once(draft):
    from detectors.marks.lint import lint

    text = page("SECRET//NF")
    found = [each for each in lint(draft(text, text, text)) if each.rule == "us.short-form"]
    assert [each.where for each in found] == ["page 1 line 1"]


def test_a_document_without_united_states_marks_is_left_alone(broken):
    assert broken("us", f"TOP SECRETS\n{LINE}\nSecret\n") == set()
