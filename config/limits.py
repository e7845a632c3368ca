"""How much one file may cost. An organisation sets them under ``limits`` in agent.yaml."""

from __future__ import annotations

import msgspec

MIB = 2**20


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds for one file; what lies beyond is left out, and the coverage says so. Counts are for the whole file."""

    # Wall clock. A copy waits for its verdict, so longer is felt; shorter gives up on large honest files on slow disks.
    seconds: float = 60.0
    # Bytes a second, stored or unpacked, below which a file counts as stuck: it may take bytes/pace seconds beyond
    # `seconds`. Lower waits longer for slow disks and sticks.
    pace: int = 4 * MIB
    # Wall clock for recognising text in pictures, beyond the other seconds; a page takes one to six. What is left then
    # is named. More reads longer scans, and keeps a processor busy.
    ocr_seconds: float = 300.0
    # What a worker may map beyond its start. Real files stay under 200 MiB; hostile spreadsheets ask for 8 GiB.
    memory: int = 1024 * MIB
    # Data read from one file (holes are free). Text is read in windows, so that this costs time, not memory.
    max_bytes: int = 64 * 1024 * MIB
    # A document inside an archive is held in memory while it is read, if it is not a text or a stream of its own.
    max_held: int = 256 * MIB
    # One XML part: lxml takes about eight times as much memory.
    max_part: int = 64 * MIB
    # Everything unpacked from one file. Above the largest honest workbook or log seen, far below what a bomb wants.
    max_unpacked: int = 8 * 1024 * MIB
    # Unpacked : packed, judged above 16 MiB only. Cells of a large sheet reach 60 : 1, a bomb 1000 : 1.
    max_ratio: int = 250
    # Members of one file, those of archives inside it too. 3,000 slides with pictures stay below.
    max_members: int = 100_000
    # Documents inside documents. People nest two or three.
    max_depth: int = 8
    # Pages of one PDF or picture; about a minute of work.
    max_pages: int = 20_000
    # Characters handed back by `extract`, which hold memory in the caller; `verdict` hands back none.
    max_answer: int = 128 * MIB
