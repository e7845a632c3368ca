from tests.documents import slides, slides_everywhere

PLACES = {
    "title": "slide 1 line 1",
    "table": "slide 1 line 3",
    "group": "slide 1 line 2",
    "notes": "slide 1 notes line 1",
    "hidden": "slide 2 line 1",
    "category": "slide 2 chart line 2",
    "series": "slide 2 chart line 1",
    "master": "master line 1",
    "author": "property:Creator",
}


def say(place):
    return f"机密★《{place}》"


def test_every_place_of_a_presentation_is_read_and_named(extract):
    extraction = extract(slides_everywhere(say), "a.pptx")
    found = {}
    for place in PLACES:
        found[place] = next(
            (
                segment.at(segment.text.index(say(place)))
                for segment in extraction.segments
                if say(place) in segment.text
            ),
            None,
        )
    assert found == PLACES
    assert extraction.coverage.inspected


def test_slides_come_in_their_order(extract):
    extraction = extract(slides("one", "two", "three"))
    assert [(s.where, s.text) for s in extraction.segments if s.page] == [
        ("slide 1", "one"),
        ("slide 2", "two"),
        ("slide 3", "three"),
    ]
