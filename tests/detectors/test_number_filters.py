import pytest

from detectors.filters import FILTERS


def drops(name, text):
    start, end = text.index("["), text.index("]") - 1
    return FILTERS[name](text.replace("[", "").replace("]", ""), start, end)


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        *(
            ("[123]", False),
            ("1[123]", True),
            ("a[123]", True),
            ("_[123]", False),
            ("-[123]", False),
            ("1-[123]", True),
        ),
        *(
            ("1.[123]", True),
            ("a.[123]", True),
            ("Tel.[123]", False),
            ("1,[123]", False),
            ("1234567/[123]", False),
            ("123456/[123]", True),
            ("[123]/1234567", False),
            ("[123]/123456", True),
            ("[123],50", True),
            ("[123],50,", False),
            ("[12345678901],50", False),
            ("1 -[123]", True),
            ("1 [123]", False),
            ("1/[123]", True),
            ("1:[123]", True),
        ),
        *(
            (":[123]", False),
            ("号[123]", False),
            ("[123]4", True),
            ("[123]a", True),
            ("[123]_", False),
            ("[123]号", False),
        ),
        *(
            ("[123].5", True),
            ("[123].", False),
            ("[123]. 5", False),
            ("[123]-5", True),
            ("[123]-x", False),
            ("[123],5", True),
        ),
        *(("[123]:5", True), ("[123]/5", True), ("[123];5", False), ("[123] 5", False)),
    ],
)
def test_inside_something_longer(text, dropped):
    assert drops("inside-longer", text) == dropped


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        *(("[111111]", True), ("[11111]", False), ("[111112]", True), ("[111122]", False), ("[123456]", True)),
        *(("[12345]", False), ("[654321]", True), ("[1234567890123]", True), ("[11-11-11]", True), ("[135246]", False)),
    ],
)
def test_placeholders(text, dropped):
    assert drops("placeholder", text) == dropped


@pytest.mark.parametrize(
    ("text", "dropped"), [("[E00000000]", True), ("[E12345678]", False), ("[AB]", False), ("[7]", True)]
)
def test_alike(text, dropped):
    assert drops("alike", text) == dropped


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        *(
            ("http://a.b/[123]", True),
            ("see [123]", False),
            ("http://a.b/ [123]", False),
            ("http://a.b/\n[123]", False),
        ),
        *(("www.a.b/[123]", True), ("xwww.a/[123]", False), ("http://" + "a" * 193 + "[1]", True)),
        *(("http://" + "a" * 200 + "[1]", False),),
    ],
)
def test_web_addresses(text, dropped):
    assert drops("in-url", text) == dropped


@pytest.mark.parametrize(
    ("text", "dropped"),
    [("[xxxx]", True), ("[xxx]", False), ("[****]", True), ("[your-pin]", True), ("[<a]", True), ("[Qw3rty]", False)],
)
def test_examples(text, dropped):
    assert drops("example", text) == dropped


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        *(("[a@example.com]", True), ("[a@x.example.org]", True), ("[a@myexample.com]", False), ("[a@b.test]", True)),
        *(("[icon@2x.png]", True), ("[a@b.cn]", False)),
    ],
)
def test_reserved_addresses(text, dropped):
    assert drops("example-address", text) == dropped
