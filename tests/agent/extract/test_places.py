from config.verdict import Segment, column_name


def test_lines_are_counted_from_the_first():
    segment = Segment("one\ntwo", "page 2", first=5)
    assert [segment.at(0), segment.at(3), segment.at(4)] == ["page 2 line 5", "page 2 line 5", "page 2 line 6"]
    assert Segment("one\ntwo", "").at(5) == "line 2"
    assert Segment("one\ntwo", "property:Title", lines=False).at(5) == "property:Title"


def test_cells_step_on_at_every_tab():
    segment = Segment("a\t\tb\nc\td", "S!Z9", lines=False, cells=((0, "S!Z9"), (5, "S!A10")))
    assert [segment.at(at) for at in (0, 3, 5, 7)] == ["S!Z9", "S!AB9", "S!A10", "S!B10"]


def test_names_of_columns():
    assert [column_name(index) for index in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
