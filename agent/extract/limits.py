"""How much one file may cost."""

from __future__ import annotations

import msgspec

MIB = 2**20


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds for one file; what lies beyond is left out, and the coverage says so. Counts are for the whole file."""

    # Wall clock. A copy waits for its verdict, so longer is felt; shorter gives up on large honest files on slow disks.
    seconds: float = 60.0
    # Bytes a second below which a large file counts as stuck; a file may take size/pace seconds beyond `seconds`.
    pace: int = 4 * MIB
    # What a worker may map beyond its start. Real files stay under 200 MiB; hostile spreadsheets ask for 8 GiB.
    memory: int = 1024 * MIB
    # Data read from one file (holes are free). Text is read up to here; larger files are rarely text.
    max_bytes: int = 512 * MIB
    # One XML part: lxml takes about eight times as much memory.
    max_part: int = 64 * MIB
    # Everything unpacked from one container. Above the largest honest workbook seen, far below what a bomb wants.
    max_unpacked: int = 2048 * MIB
    # Unpacked : packed, judged above 16 MiB only. Cells of a large sheet reach 60 : 1, a bomb 1000 : 1.
    max_ratio: int = 250
    # Members of one container. 3,000 slides with pictures stay below.
    max_members: int = 20_000
    # Documents inside documents. People nest two or three.
    max_depth: int = 8
    # Pages of one PDF; about a minute of work.
    max_pages: int = 20_000
    # Characters of text from one file, before detection is given up.
    max_text: int = 512 * MIB
    # Characters handed back by `extract`, which hold memory in the caller; `verdict` hands back none.
    max_answer: int = 128 * MIB
