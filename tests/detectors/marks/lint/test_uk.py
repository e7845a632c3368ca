import pytest


def page(mark):
    return f"{mark}\nReport\nText\nMore\n{mark}"


@pytest.mark.parametrize(
    ("mark", "rule"),
    [
        ("OFFICIAL-SENSITIVE", None),
        ("OFFICIAL-SENSITIVE [COMMERCIAL]", None),
        ("UK SECRET", None),
        ("OFFICIAL - SENSITIVE", "uk.spelling"),
        ("OFFICIAL SENSITIVE", "uk.spelling"),
        ("Official-Sensitive", "uk.spelling"),
        ("RESTRICTED - STAFF", "uk.legacy"),
        ("UK CONFIDENTIAL", "uk.legacy"),
        ("PROTECT - COMMERCIAL", "uk.legacy"),
    ],
)
def test_spelling_and_scheme(broken, mark, rule):
    found = broken("uk", page(mark)) - {"uk.top-missing", "uk.bottom-missing"}
    assert found == ({rule} if rule else set())


def test_both_ends_of_the_page(advice):
    assert "uk.bottom-missing" in advice("OFFICIAL-SENSITIVE\nOne\nTwo\nThree")
    assert "uk.top-missing" in advice("One\nTwo\nThree\nOFFICIAL-SENSITIVE")
    assert advice(page("OFFICIAL-SENSITIVE")) == {}
    assert advice("Report\nOne\nTwo") == {}


def test_what_to_write(advice):
    assert (
        advice(page("OFFICIAL - SENSITIVE - COMMERCIAL"))["uk.spelling"].instead.en == "OFFICIAL-SENSITIVE [COMMERCIAL]"
    )


def test_the_policy_is_cited_as_a_whole(advice):
    (found,) = {each.basis.en for each in advice("Official-Sensitive\nOne\nTwo\nThree").values()}
    assert found == "Government Security Classifications Policy (Cabinet Office, August 2024)"
