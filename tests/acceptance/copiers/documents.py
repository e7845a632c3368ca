"""What is copied: documents with a mark and the same without, each with content that no other file has."""

import random
import string

LINE = 64  # bytes of a line of text; each begins with the marker
LINES = 3125
STEP, WINDOW = 256, 64  # where pieces of a binary document are taken, and how long they are
KINDS = {"text": ".txt", "word": ".docx", "excel": ".xlsx", "pdf": ".pdf"}


# The libraries, and the mark, are loaded by the witness alone: who only looks on must not become a reader of marks.
def words(count, length=7):
    """Letters only: no digits, so that no number in it means anything."""
    return ["".join(random.choices(string.ascii_lowercase, k=length)) for _ in range(count)]


ENGLISH = """the of and to in is for that on with as by this be are or which from at an has not have may all its their
more than each when after before only must will other into over between office report year month number person department
people plan work time place part form list name date copy paper letter meeting question answer result measure""".split()


def text(*, marked, marker):
    """200 kB, the mark in its first line only; every line of 64 bytes carries the marker."""
    from tests.documents import MARK

    head = f"{MARK if marked else '公开资料'}\n关于年度介质管理演练的说明\n"
    lines = [f"{marker} {' '.join(random.choices(ENGLISH, k=12))}"[: LINE - 1] for _ in range(LINES)]
    return (head + "\n".join(lines) + "\n").encode()


def make(kind, *, marked, marker=""):
    """The bytes of a document."""
    from tests.documents import MARK, excel, pdf, word

    first = MARK if marked else "公开资料"
    if kind == "text":
        return text(marked=marked, marker=marker)
    if kind == "word":
        return word(first, "关于年度介质管理演练的说明", *(" ".join(words(40)) for _ in range(30)))
    if kind == "excel":
        return excel([[first], *(words(6) for _ in range(200))])
    return pdf([first, *(" ".join(words(8)) for _ in range(30))], *([" ".join(words(8))] * 30 for _ in range(3)))


def needles(kind, data, marker):
    """Pieces by which any part of a document is known, wherever it turns up."""
    if kind == "text":
        return [marker.encode()]
    twin = make(kind, marked=True)  # what two documents have in common says nothing
    pieces = (data[at : at + WINDOW] for at in range(0, len(data) - WINDOW, STEP))
    return [piece for piece in pieces if piece not in twin and len(set(piece)) > 20]
