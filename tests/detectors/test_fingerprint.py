import random
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.errors import SignatureError
from config.levels import Level
from config.signed import seal
from config.verdict import Segment
from detectors import prints, traditional
from detectors.block import blocks
from detectors.engine import Engine
from detectors.fingerprint import Fingerprints, load
from detectors.prints import Index, Print, fingerprint, pack
from detectors.registers import load as load_registers
from detectors.ruleset import RuleSet
from detectors.shingles import passages, strands

TODAY = date(2026, 11, 1)
KEY = b"a key for tests"
HAN = [
    bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA)
]  # GB 2312, part 1
HAN += list("这为们来后经动无实关进从种体学点") * 30
ENGLISH = """
vessel quarry kettle junction marker review oxide zenith walker brake value keeper quota jacket exit
maze river basket over knee axis query joke lazy five weekly divide work expect seize
table orange window garden paper signal distant hollow purple engine bottle candle marble frozen sudden
animal planet silver copper finger mother
""".split()
_BACK = {new: chr(old) for old, new in traditional._TABLE.items()}


def chinese(seed, size=600):
    choose = random.Random(seed)
    text = ""
    while len(text) < size:
        text += "".join(choose.choices(HAN, k=choose.randint(6, 16))) + choose.choice("，，，。")
    return text


def english(seed, size=400):
    choose = random.Random(seed)
    return " ".join(choose.choice(ENGLISH) + choose.choice(ENGLISH) * (choose.random() < 0.5) for _ in range(size))


def make(texts, public=frozenset(), levels=None):
    """An index of named texts."""
    levels = levels or {}
    return Index(
        pack(
            KEY,
            [Print(name, levels.get(name, Level.SECRET), prints_of(text)) for name, text in texts.items()],
            public,
        )
    )


def prints_of(text):
    return fingerprint(KEY, [block.text for block in blocks([Segment(text, "")])])


def found(index, *texts):
    search = Fingerprints(index, "x").open(TODAY)
    for block in blocks([Segment(text, f"page {number}") for number, text in enumerate(texts, 1)]):
        assert not list(search.read(block))
    names = index.names()
    return {names[match.document][0]: round(search.share(match), 2) for match in search.matches()}


DOCUMENTS = {f"zh{n}": chinese(n) for n in range(20)} | {f"en{n}": english(n) for n in range(20)}


@pytest.fixture(scope="module")
def index():
    return make(DOCUMENTS)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: "\n".join(text[at : at + 37] for at in range(0, len(text), 37)),
        lambda text: "\n".join("> " + text[at : at + 60] for at in range(0, len(text), 60)),
        lambda text: text.replace("，", "").replace("。", "; "),
        str.upper,
        lambda text: text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
        lambda text: "".join(_BACK.get(char, char) for char in text),
        lambda text: text[len(text) // 2 :] + text[: len(text) // 2],
        "\u200b".join,
    ],
    ids=["plain", "lines", "quoted", "punctuation", "capitals", "full width", "traditional", "order", "zero width"],
)
@pytest.mark.parametrize("name", ["zh3", "en3"])
def test_a_whole_copy_is_recognised_however_it_is_written(index, name, change):
    around = chinese(90), english(90)
    assert found(index, around[0], change(DOCUMENTS[name]), around[1]).get(name, 0) > 0.9


@pytest.mark.parametrize("name", ["zh", "en"])
def test_a_passage_is_recognised_in_the_midst_of_another_text(index, name):
    hits = 0
    for number in range(20):
        text = DOCUMENTS[f"{name}{number}"]
        size = 120 if name == "zh" else 500
        seen = found(index, chinese(90) + text[100 : 100 + size] + english(91))
        assert set(seen) <= {f"{name}{number}"}
        hits += bool(seen)
    assert hits >= 19


def test_other_texts_share_nothing(index):
    for seed in range(100, 140):
        assert not found(index, chinese(seed, 3000), english(seed, 1500))


def test_a_sentence_is_no_passage(index):
    for number in range(20):
        assert not found(index, chinese(90) + DOCUMENTS[f"zh{number}"][100:122] + chinese(91))
        words = DOCUMENTS[f"en{number}"].split()[50:57]
        assert not found(index, " ".join([english(90), *words, english(91)]))


def test_a_passage_lies_across_the_end_of_a_block(index):
    long = chinese(90, 65_536 - 90)[: 65_536 - 90]
    assert "zh5" in found(index, long, DOCUMENTS["zh5"][:300])
    assert "zh5" in found(index, long + DOCUMENTS["zh5"][:300] + long)


def test_what_stands_in_many_unrelated_documents_does_not_count():
    letterhead = chinese(70, 200)
    texts = {f"d{n}": letterhead + "\n" + chinese(200 + n) for n in range(6)}
    assert not found(make(texts), letterhead + chinese(99))
    few = dict(list(texts.items())[: prints.MANY - 1])
    assert len(found(make(few), letterhead + chinese(99))) == prints.MANY - 1
    assert set(found(make(texts), texts["d2"])) == {"d2"}


def test_versions_of_one_document_are_not_unrelated():
    text = chinese(70, 1500)
    versions = {f"v{n}": text + chinese(300 + n, 100) for n in range(8)}
    assert set(found(make(versions), text[200:500])) == set(versions)


def test_public_text_never_counts(index):
    law = DOCUMENTS["zh1"][:300]
    quiet = make(DOCUMENTS, frozenset(prints_of(law)))
    assert "zh1" in found(index, law)
    assert not found(quiet, law)
    assert found(quiet, DOCUMENTS["zh1"])["zh1"] == 1.0  # of what counts
    assert Index(pack(KEY, quiet.prints(), quiet.public())).public() == quiet.public()


def test_a_short_document_is_recognised_when_most_of_it_stands_there():
    text = next(text for seed in range(900) if len(prints_of(text := chinese(seed, 34)[:34])) == 3)
    index = make({"short": text})
    assert passages(text) < 0.6
    assert found(index, chinese(90) + text + chinese(91)) == {"short": 1.0}


def test_documents_survive_a_rebuild(index):
    again = Index(pack(KEY, index.prints(), index.public()))
    assert again.names() == index.names()
    assert found(again, DOCUMENTS["en4"]) == found(index, DOCUMENTS["en4"])
    fewer = Index(pack(KEY, [one for one in index.prints() if one.id != "en4"], frozenset()))
    assert not found(fewer, DOCUMENTS["en4"])
    assert found(fewer, DOCUMENTS["en5"]) == {"en5": 1.0}


@pytest.fixture
def engine(tmp_path):
    def build(payload, begin=False):
        key = Ed25519PrivateKey.generate()
        (tmp_path / "plans.signed").write_bytes(seal(key, "fingerprints", "plans", 1, payload))
        loaded = load_registers(tmp_path, {key.public_key().public_bytes_raw().hex()})
        return Engine(RuleSet(()), b"k", detectors=loaded.detectors), loaded

    return build


def test_a_finding_says_how_much_and_where_and_shows_nothing(engine):
    levels = {"zh1": Level.TOP_SECRET, "zh2": Level.INTERNAL}
    texts = {name: DOCUMENTS[name] for name in ("zh1", "zh2", "zh3")}
    prints_made = [Print(name, levels.get(name, Level.SECRET), prints_of(text)) for name, text in texts.items()]
    read, loaded = engine(pack(KEY, prints_made, frozenset()))
    assert loaded.versions == {"plans": 1}
    copy = chinese(80, 100) + "\n" + texts["zh2"] + "\n" + texts["zh1"][:200]
    done = read.inspect([Segment("nothing", "page 1"), Segment(copy, "page 2")], TODAY)
    (one,) = done.findings
    assert (one.rule, one.level, one.count, one.excerpt) == ("fingerprint.plans", Level.TOP_SECRET, 2, "")
    assert done.level is Level.TOP_SECRET
    assert one.where == "page 2 line 3"
    assert "zh1" in one.reason.en
    assert "%" in one.reason.en
    assert "登记文件“zh1”" in one.reason.zh
    assert copy[one.start : one.end] in texts["zh1"]
    assert not any(text[at : at + 4] in str(one) for text in texts.values() for at in range(len(text)))


def test_the_index_holds_no_text(index, tmp_path):
    payload = pack(KEY, index.prints(), index.public())
    for text in DOCUMENTS.values():
        for coded in (text.encode(), text.encode("utf-16-le")):
            assert not any(coded[at : at + 8] in payload for at in range(0, len(coded) - 8, 8))
        for strand in strands(text):
            assert not any(shingle[:8] in payload for shingle in strand.shingles)


def test_an_empty_payload_registers_nothing(engine):
    read, loaded = engine(b"")
    assert (loaded.versions, loaded.problems) == ({"plans": 1}, ())
    assert read.inspect([Segment(DOCUMENTS["zh1"], "")], TODAY).findings == ()


@pytest.mark.parametrize(
    "spoil", [lambda data: data[: len(data) // 2], lambda data: b"SMFP9999" + data[8:], lambda _: b"x" * 40]
)
def test_a_payload_that_is_no_index_is_said_to_be_none(index, tmp_path, spoil):
    path = tmp_path / "x"
    path.write_bytes(spoil(pack(KEY, index.prints()[:3], frozenset())))
    with pytest.raises(SignatureError, match="index of fingerprints"):
        load(path, 0, "x")


def test_hostile_text_costs_no_more_than_text(index):
    for text in ("k" * 300_000, "\u4e81" * 300_000, "jkqvxz \n" * 50_000, "\U0001d400" * 70_000, "\ud800" * 1000):
        assert not found(index, text)


def test_a_shingle_that_stands_everywhere_costs_no_more():
    line = "k" + "abcdefghilmnoprstuwyabcdefgh"
    index = make({f"d{n}": line * 4 + chinese(n, 200) for n in range(3)})
    search = Fingerprints(index, "x").open(TODAY)
    for block in blocks([Segment(line * 5000, "")]):
        search.read(block)
        assert sum(map(len, search._open.values())) <= 3 * 4 * prints.REPEATED * 2


def test_a_file_that_is_all_one_shingle_over_and_over():
    text = ("k" + "abcdefghilmnoprstuwyabcdefgh" + " ") * 40
    assert found(make({"loop": text}), text * 50).keys() == {"loop"}
