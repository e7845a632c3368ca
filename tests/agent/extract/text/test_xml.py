"""XML of any kind, and drawings written in it: what tags part is read in one piece."""

import base64

import pytest

from agent.extract.sandbox.pool import Sandbox, Setup
from config.limits import Limits
from tests.documents import MARK, word
from tests.xml_documents import deflated


def found(extraction, text=MARK):
    return [segment.at(segment.text.index(text)) for segment in extraction.segments if text in segment.text]


@pytest.mark.parametrize(
    "inner",
    [
        "<w:p><w:r><w:t>机</w:t></w:r>\n <w:r><w:t>密</w:t></w:r><w:r><w:t>★10年</w:t></w:r></w:p>",
        "<block>机密<b>★10</b>年</block>",
        "<row><run>机</run><run>密</run><run>★10年</run></row>",
        "<v>&#26426;&#23494;★10年</v>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_text_parted_by_tags_is_joined(extract, inner, encoding):
    data = f'<?xml version="1.0" encoding="{encoding}"?><x xmlns:w="w">{inner}<y>alone</y></x>'
    extraction = extract(data.encode(encoding))
    assert extraction.media_type == "application/xml"
    assert found(extraction) == ["body line 1"]
    assert sum("alone" in segment.text for segment in extraction.segments) <= 2


def test_numbers_of_neighbours_are_not_joined(extract):
    extraction = extract(b'<?xml version="1.0"?><x><a>1380013</a><a>8000</a><b>12</b></x>')
    assert not found(extraction, "13800138000")


def test_references_in_attributes(extract):
    assert found(extract(b'<?xml version="1.0"?><x y="&#26426;&#23494;"/>'), "机密") == ["property:hidden"]


def test_xml_that_is_none_is_still_text(extract):
    extraction = extract(f'<?xml version="1.0"?><x><p>{MARK}<p></y>&&'.encode())
    assert found(extraction)[0] == "line 1"


def test_deep_and_wide_xml_ends(extract):
    assert extract(b'<?xml version="1.0"?>' + b"<a>x" * 200_000).ms < 10_000
    assert extract(b'<?xml version="1.0"?><a>' + b"<b>x</b>" * 200_000 + b"</a>").ms < 10_000


def svg(inner, more=""):
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {spaces} {more}>{inner}</svg>".encode()


def test_texts_of_a_drawing_are_lines(extract):
    text = '<text x="10" y="50">机密<tspan>★10</tspan>年<tspan x="10" y="80">次行</tspan></text>'
    low = '<g transform="translate(0 100)"><text x="10" y="20">下</text></g>'
    extraction = extract(svg(low + text + '<text x="10" y="20">上</text><title>机密题</title><!-- 机密藏 -->'))
    body = next(segment.text for segment in extraction.segments if segment.where == "body")
    assert body == f"上\n{MARK}\n次行\n下"
    assert found(extraction, "机密题") == ["property:description"]
    assert found(extraction, "机密藏") == ["property:hidden"]


def test_letters_placed_one_by_one(extract):
    letters = "".join(f'<text x="{10 + 16 * at}" y="50">{char}</text>' for at, char in enumerate("绝密★启用前"))
    assert found(extract(svg(letters)), "绝密★启用前") == ["body line 1"]


def test_documents_within_a_drawing(extract):
    data = base64.b64encode(word(MARK)).decode()
    extraction = extract(svg(f'<image xlink:href="data:x/y;base64,{data}"/>'))
    assert found(extraction) == ["picture 1 > page 1 line 1"]
    assert not extract(svg("<text>a</text>")[:-8]).coverage.inspected


def test_diagrams_packed_or_not(extract):
    model = '<mxGraphModel><root><mxCell value="&lt;b&gt;机密&lt;/b&gt;★10年"/></root></mxGraphModel>'
    packed = base64.b64encode(deflated(model)).decode()
    pages = f'<diagram name="一">{model}</diagram><diagram name="二">{packed}</diagram><diagram>!!</diagram>'
    data = f"<mxfile>{pages}</mxfile>"
    extraction = extract(data.encode())
    assert extraction.media_type == "application/vnd.jgraph.mxfile"
    assert found(extraction) == ["page 1 line 2", "page 2 line 2"]


def test_a_file_too_large_for_a_tree_is_read_in_windows(tmp_path):
    path = tmp_path / "a.fodt"
    head = '<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0">'
    path.write_text(head + "<text:p>x</text:p>" * 100 + "<text:p>机密<text:span>★10</text:span>年</text:p>")
    with Sandbox(Setup(Limits(max_part=1000), key=b"k" * 32)) as sandbox:
        extraction = sandbox.extract(path)
    assert found(extraction) == ["line 101"]
    assert extraction.coverage.inspected
