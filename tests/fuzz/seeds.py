"""What the fuzzers begin with: the shared corpus where it is, else documents made here, one and more of each format."""

import bz2
import gzip
import io
import lzma
import os
import re
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from reportlab import rl_config

from tests import documents, old_documents

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("SHOUMI_CORPUS", ROOT.parent / "shared" / "corpus"))
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
LARGEST = 600_000  # bytes; larger ones only make each run slower


class Seed(NamedTuple):
    """A whole document to mutate."""

    name: str
    kind: str  # files of one kind exchange their parts
    data: bytes


def seeds(*, corpus=True):
    """Every seed, in an order that never changes."""
    found = list(_stored()) if corpus and CORPUS.is_dir() else []
    return found or list(made())


def _stored():
    for part in ("real", "evasion", "marking"):
        paths = sorted(path for path in (CORPUS / part).rglob("*") if path.is_file() and not path.is_symlink())
        for path in paths[:: 1 if part != "marking" else 10]:  # the marked ones are much alike
            if path.stat().st_size <= LARGEST:
                yield Seed(f"{part}/{path.name}", path.suffix.lower(), path.read_bytes())


def made():
    """Documents that need no corpus."""
    rl_config.invariant = 1  # no dates and random numbers in PDF
    rl_config.useA85 = 0  # streams packed as most programs pack them
    for kind, number, data in _made():
        yield Seed(f"{kind}-{number}", kind, _timeless(data) if data.startswith(b"PK\3\4") else data)


def _timeless(package):
    """A zip without the time at which it was made, so that a run is the same tomorrow."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    return documents.zipped(
        (zipfile.ZipInfo(name), _TIME.sub(b"2026-01-01T00:00:00Z", _timeless(data) if data[:4] == b"PK\3\4" else data))
        for name, data in parts
    )


def _made():
    def say(place):
        return f"机密★10年 {place}"

    yield "docx", 1, documents.word("第一段", "second", header=say("header"), footer="页脚", properties={"a": "b"})
    yield "docx", 2, documents.word_everywhere(say)
    yield "xlsx", 1, documents.excel([[1, "客户", 2.5], ["x", say("cell")]], header="head", hidden=[["secret"]])
    yield "xlsx", 2, documents.excel_everywhere(say)
    yield "pptx", 1, documents.slides("one", "二", notes=say("notes"))
    yield "pptx", 2, documents.slides_everywhere(say)
    yield "pdf", 1, documents.pdf(["机密★10年", "text"], ["second page"])
    yield "pdf", 2, documents.pdf(["x"], title="标题")
    yield "doc", 1, old_documents.doc("正文\r机密★10年", header="头", footnote="注")
    yield "doc", 2, old_documents.doc("A plain text " * 200)
    yield "ppt", 1, old_documents.ppt("outline 提纲", "box", "notes")
    yield "xls", 1, documents.ole({"Workbook": old_documents.biff(header="机密", box="框" * 30)})
    about = old_documents.property_set({"密级": "机密", "Company": "x"})
    yield "xls", 2, documents.ole({"Workbook": old_documents.biff(box="x"), "\x05DocumentSummaryInformation": about})
    yield "ole", 1, documents.ole({"\x01Ole10Native": _native(_timeless(documents.word("inner")))})
    yield "ole", 2, documents.sealed_office()
    yield "msg", 1, documents.ole(_message("body 正文", "a.txt", "机密★10年".encode()))
    yield "odt", 1, old_documents.odf("text", "<office:text><text:p>机密★10年</text:p></office:text>", meta="<x>y</x>")
    yield "ods", 1, old_documents.odf("spreadsheet", "<table:table><table:table-row/></table:table>")
    yield "ofd", 1, old_documents.ofd(("机密", 10, 10), ("★10年", 30, 10), template=[("页眉", 5, 5)])
    yield (
        "rtf",
        1,
        b"{\\rtf1\\ansicpg936 {\\fonttbl{\\f0 x;}}\\b \\u26426?\\u23494?\\'b5\\'c4 {\\*\\x y}\\par\\bin3 abc}",
    )
    yield "html", 1, "<html><meta charset=utf-8><body><p>机密<b>★</b>10年<!-- x --><script>y</script></html>".encode()
    yield "xml", 1, '<?xml version="1.0"?><a b="c"><d>机密★10年</d><![CDATA[x]]></a>'.encode()
    yield "txt", 1, ("一段中文文字，机密★10年。\n" * 50).encode("gb18030")
    yield "txt", 2, ("wide 宽 text\r\n" * 50).encode("utf-16")
    yield "txt", 3, ("繁體中文機密\n" * 50).encode("big5")
    yield "csv", 1, "编号,姓名\n1,张三\n".encode() * 20
    yield "eml", 1, _mail()
    yield "mbox", 1, b"From a@b.c Thu Jan  1 00:00:00 2026\nReceived: x\n" + _mail() + b"\n\nFrom d@e.f\n" + _mail()
    packed = documents.zipped(
        {"a.txt": "机密★10年", "b/c.docx": documents.word("in a zip"), "d.zip": b"PK\5\6" + bytes(18)}
    )
    yield "zip", 1, packed
    yield "zip", 2, documents.zipped({"inner.zip": packed})
    yield "gz", 1, gzip.compress(_timeless(documents.word("x")), mtime=0)
    yield "bz2", 1, bz2.compress("机密★10年".encode() * 9)
    yield "xz", 1, lzma.compress(b"plain text " * 99)
    yield "tar", 1, _tape({"a.txt": b"text", "b.docx": _timeless(documents.word("in a tar"))})
    yield "png", 1, documents.png(20, 20)


def _native(data):
    name = b"\x02\0inner.docx\0C:\\inner.docx\0\0\0\3\0\4\0\0\0abc\0"
    body = name + len(data).to_bytes(4, "little") + data
    return len(body).to_bytes(4, "little") + body


def _message(body, name, content):
    return {
        "__properties_version1.0": bytes(32),
        "__substg1.0_0037001F": "subject".encode("utf-16-le"),
        "__substg1.0_1000001F": body.encode("utf-16-le"),
        "__substg1.0_3707001F": name.encode("utf-16-le"),
        "__substg1.0_37010102": content,
    }


def _mail():
    return (
        "MIME-Version: 1.0\nFrom: =?gb18030?B?1cXI/Q==?= <a@b.c>\nSubject: =?utf-8?Q?=E6=9C=BA=E5=AF=86?=\n"
        'Content-Type: multipart/mixed; boundary="zz"\n\n--zz\nContent-Type: text/plain; charset=utf-8\n\n机密★10年\n'
        "--zz\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPGI+eDwvYj4=\n"
        '--zz\nContent-Type: application/octet-stream; name="a.txt"\nContent-Disposition: attachment\n\nabc\n--zz--\n'
    ).encode()


def _tape(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
