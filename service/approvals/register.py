"""The register of lendings (台账): one line each, for paper and for spreadsheets."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import datetime

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from config.lending import Act
from config.levels import Level
from service.approvals.models import Lending, State
from service.clock import moment
from service.officers.language import language

LINES = 10_000  # of one workbook; some seconds of one worker
LEVELS = list(Level)
_FORMULA = frozenset("=+-@\t\r")  # how spreadsheets know one
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_WIDTHS = (14, 34, 16, 10, 12, 14, 16, 22, 20, 34, 17, 16, 17, 17, 17, 8, 17, 20, 24, 66)


class Row(msgspec.Struct, frozen=True):
    """One lending in the words of the register."""

    lending: Lending
    approvers: str
    uses: int  # how often it was copied
    how: str  # in which way it came back

    @property
    def level(self) -> Level:
        """Of the document."""
        return LEVELS[self.lending.level]


def rows(lendings: Iterable[Lending]) -> list[Row]:
    """The register's lines; the lendings' approvals and steps are best fetched before."""
    ways = {Act.RETURNED.value: _("medium checked"), Act.ERASED.value: _("copy erased")}
    found = []
    for one in lendings:
        steps = sorted(one.steps.all(), key=lambda step: step.told or step.time)
        back = [ways[step.act] for step in steps if step.act in ways and step.source == "agent" and not step.other]
        approvers = "、".join(str(approval.officer) for approval in one.approvals.all())
        uses = sum(step.act == Act.USED.value for step in steps)
        found.append(Row(one, approvers, uses, back[-1] if back and one.state == State.RETURNED else ""))
    return found


def workbook(lines: Iterable[Row], title: str) -> bytes:
    """The same as XLSX. Whatever a person typed is text there, also where it looks like a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "C2"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    for number, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    heads = [_text(sheet, head) for head in _heads()]
    for cell in heads:
        cell.font = Font(bold=True)
    sheet.append(heads)
    count = 1
    for line in lines:
        sheet.append([_cell(sheet, value) for value in _values(line)])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_WIDTHS))}{count}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _heads() -> list[str]:
    return [
        _("Lending no."),
        _("Document"),
        _("Marks"),
        _("Level"),
        _("Person"),
        _("Department"),
        _("PC"),
        _("Medium"),
        _("Serial no."),
        _("Purpose"),
        _("Requested"),
        _("Approved by"),
        _("Approved"),
        _("Due"),
        _("Taken out"),
        _("Copies"),
        _("Returned"),
        _("State"),
        _("Note"),
        "SHA-256",
    ]


def _values(line: Row) -> list[str | int | datetime | None]:
    one = line.lending
    back = _date(one.gone) if line.how else None
    return [
        one.number,
        one.file,
        "；".join(one.marks),
        line.level.text.zh if language() == "zh" else f"{line.level.text.zh} {line.level.text.en}",
        f"{one.full_name} ({one.user})" if one.full_name else one.user,
        one.department,
        one.hostname,
        one.stick.name,
        one.serial or one.uuid,
        one.reason,
        _date(one.received),
        line.approvers,
        _date(one.approved),
        _date(one.until),
        _date(one.used),
        line.uses,
        back,
        str(one.get_state_display()),
        one.note,
        one.sha256,
    ]


def _date(milliseconds: int | None) -> datetime | None:
    """Local, as spreadsheets have no zones."""
    if milliseconds is None:
        return None
    return timezone.localtime(moment(milliseconds)).replace(tzinfo=None, microsecond=0)


def _cell(sheet: WriteOnlyWorksheet, value: str | int | datetime | None) -> Cell:
    if isinstance(value, str):
        return _text(sheet, value)
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    return cell


def _text(sheet: WriteOnlyWorksheet, value: str) -> Cell:
    """Text that stays text, also when somebody edits it (quotePrefix); what XML cannot hold is replaced."""
    cell = WriteOnlyCell(sheet, _NO_XML.sub("\N{REPLACEMENT CHARACTER}", value))
    cell.data_type = "s"
    if value[:1] in _FORMULA:
        cell.quotePrefix = True
    return cell
