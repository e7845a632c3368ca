"""The console's words: what is used, and the catalogue that translates it.

`python -m tests.service.messages` brings service/locale up to date: new words come in
empty, unused ones go, .mo is made.
"""

import ast
import io
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

SERVICE = Path(__file__).parents[2] / "service"
PO = SERVICE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
_CALLS = {"_", "gettext", "gettext_lazy"}


def used():
    """Every message of templates and code: a text, or a pair of singular and plural."""
    found = set()
    for path in SERVICE.rglob("*.html"):
        found |= set(_calls(_code(path)))
    for path in SERVICE.rglob("*.py"):
        found |= set(_calls(ast.parse(path.read_text("utf-8"))))
    return found


def read():
    with PO.open("rb") as file:
        catalog = pofile.read_po(file, locale="zh_Hans")
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)  # the same words, the same file
    return catalog


def compiled(catalog):
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def update():
    """Words that still lack a translation."""
    old = {message.id: message.string for message in read() if message.id} if PO.exists() else {}
    catalog = Catalog(
        locale="zh_Hans", project="shoumi", charset="utf-8", fuzzy=False, header_comment="# The console in Chinese."
    )
    for message in sorted(used(), key=str):
        catalog.add(message, old.get(message, ""), flags=["python-format"] if "%(" in str(message) else [])
    PO.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    pofile.write_po(out, catalog, omit_header=False, width=118)
    unstable = rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Report-|Last-|Language-Team)[^\n]*\n'
    PO.write_bytes(re.sub(unstable, b"", out.getvalue()))  # the same words, the same file
    MO.write_bytes(compiled(read()))
    return [message.id for message in read() if message.id and not _said(message)]


def _said(message):
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def _code(path):
    """A template as the calls Django would make for it; everything else in it is blanked out."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "service.settings")
    from django.utils.translation.template import templatize

    text = templatize(path.read_text("utf-8"), origin=str(path))
    calls = re.findall(r"(?:n?gettext|_)\((?:u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"|[\s,]|count)*\)", text)
    return ast.parse("\n".join(call.strip() for call in calls))


def _calls(tree):
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in _CALLS:
            yield node.args[0].value
        elif name == "ngettext":
            yield node.args[0].value, node.args[1].value


if __name__ == "__main__":
    missing = update()
    sys.stdout.write("".join(f"{message}\n" for message in missing))
    sys.exit(bool(missing))
