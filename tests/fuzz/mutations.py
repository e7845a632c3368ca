"""One step of damage after another: each takes bytes and gives bytes, and says in a word or two what it did.

A mutation that knows the container works behind it: members of a zip are packed anew, so that damage is met by the
reader of the member and not by the check sum.
"""

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib

import olefile

_EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63, 2**64 - 1)
_NUMBERS = (
    b"0",
    b"-1",
    b"1",
    b"65536",
    b"2147483648",
    b"99999999999999999999",
    b"1e308",
    b"NaN",
    b"",
    b"x",
    b"\xef\xbc\x91",
)
_GARBAGE = (
    b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    b"&a;&b;&#0;&#xFFFFFFFF;&#xD800;&lt",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"<?xml version='1.0' encoding='utf-7'?>",
    b"<x:y z='",
    b"</w:p></w:body>",
    b"<w:p>" * 300,
    b"<a " * 300,
    b" xmlns:w='x' ",
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
)
_STREAM = re.compile(rb"stream\r?\n(.*?)(?:\r?\n)?endstream", re.DOTALL)
_MEMBERS = 4000  # of a zip that is unpacked to be mutated
_UNPACKED = 8 * 2**20


def flip(rng, data, _other):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data), "bits flipped"


def overwrite(rng, data, _other):
    at, size = _span(rng, data)
    fill = rng.choice((rng.randbytes(size), bytes(size), b"\xff" * size, rng.randbytes(1) * size))
    return data[:at] + fill + data[at + size :], f"{size} bytes replaced at {at}"


def cut(rng, data, _other):
    at, size = _span(rng, data)
    if rng.random() < 0.5:
        return data[:at], f"cut off at {at}"
    return data[:at] + data[at + size :], f"{size} bytes taken out at {at}"


def repeat(rng, data, _other):
    at, size = _span(rng, data)
    times = rng.choice((1, 1, 2, 10, 100))
    times = min(times, max(1, 200_000 // size))
    return data[:at] + data[at : at + size] * times + data[at:], f"{size} bytes at {at} again {times} times"


def length(rng, data, _other):
    """A number somewhere set to an extreme, or off by one: many of those hit are counts, offsets and lengths."""
    data = bytearray(data)
    done = []
    for _ in range(rng.choice((1, 1, 1, 3, 10))):
        size, order = rng.choice((1, 2, 2, 4, 4, 4, 8)), rng.choice(("little", "little", "big"))
        at = rng.randrange(max(1, len(data) - size))
        at -= at % rng.choice((1, 2, 4))
        old = int.from_bytes(data[at : at + size], order)
        new = rng.choice((*_EXTREMES, old + 1, old - 1, old * 2, len(data), len(data) - at)) % 256**size
        data[at : at + size] = new.to_bytes(size, order)
        done.append(f"{at}: {new:#x}")
    return bytes(data), f"numbers set {', '.join(done[:3])}"


def splice(rng, data, other):
    """A block of another file of the same kind, at its own place or elsewhere."""
    at, size = _span(rng, other)
    block = other[at : at + size]
    into = at if rng.random() < 0.5 and at < len(data) else rng.randrange(len(data) + 1)
    skipped = size if rng.random() < 0.5 else 0
    return data[:into] + block + data[into + skipped :], f"{size} bytes of another file at {into}"


def halves(rng, data, other):
    at = rng.randrange(min(len(data), len(other)) + 1)
    return data[:at] + other[at:], f"another file from {at} on"


PLAIN = (flip, overwrite, cut, repeat, length, length, splice, halves)


def markup(rng, data, _other):
    """Garbage in XML, HTML or the like: entities, nesting, attributes, numbers, tags."""
    tags = [match.start() for match in re.finditer(rb"[<>\"]", data)] or [0]
    kind = rng.randrange(6)
    if kind == 0:
        at = rng.choice(tags)
        return data[:at] + rng.choice(_GARBAGE) + data[at:], f"garbage at {at}"
    if kind == 1:
        numbers = list(re.finditer(rb"(?<=[\"'>])-?\d+(?=[\"'<])", data))
        if numbers:
            hit = rng.choice(numbers)
            new = rng.choice(_NUMBERS)
            return data[: hit.start()] + new + data[
                hit.end() :
            ], f"{hit.group().decode()} set to {new!r} at {hit.start()}"
    if kind == 2:
        closing = list(re.finditer(rb"</?[\w:.]+[^<>]*>", data))
        if closing:
            hit = rng.choice(closing)
            return data[: hit.start()] + data[hit.end() :], f"tag {hit.group()[:30]!r} gone at {hit.start()}"
    if kind == 3:
        at, again = rng.choice(tags), rng.choice((2, 50, 3000))
        to = data.find(b">", at) + 1 or len(data)
        piece = data[at:to][:200]
        return data[:at] + piece * again + data[at:], f"{piece[:30]!r} {again} times at {at}"
    if kind == 4:
        first, last = sorted(rng.choice(tags) for _ in range(2))
        target = rng.choice(tags)
        return data[:target] + data[first:last][:50_000] + data[target:], f"{first} to {last} again at {target}"
    at = rng.choice(tags)
    return data[:at] + b"".join(b"<n%d>" % n for n in range(rng.choice((100, 5000)))) + data[at:], f"deep at {at}"


def damage(rng, data, other):
    """One mutation of bytes whose kind is seen from their beginning."""
    if not data:
        return rng.randbytes(rng.randrange(1, 64)), "bytes from nothing"
    known = _known(data)
    if known and rng.random() < 0.75:
        try:
            done = known(rng, data, other)
        except Exception:
            done = None  # too damaged for its container to be opened
        if done:
            return done
    return rng.choice(PLAIN)(rng, data, other or data)


def _known(data):
    if data.startswith(b"PK\x03\x04"):
        return _member
    if data.startswith(olefile.MAGIC):
        return _stream
    if data.startswith(b"%PDF"):
        return _flate
    for start, (opener, pack) in _PACKERS.items():
        if data.startswith(start):
            return lambda rng, data, other: _packed(rng, data, other, opener, pack)
    return markup if data.lstrip()[:1] == b"<" or data[:3] == b"\xef\xbb\xbf" else None


_PACKERS = {
    b"\x1f\x8b": (gzip.GzipFile, lambda data: gzip.compress(data, mtime=0)),
    b"BZh": (bz2.BZ2File, bz2.compress),
    b"\xfd7zXZ": (lzma.LZMAFile, lzma.compress),
}


def _packed(rng, data, other, opener, pack):
    unpack = opener(fileobj=io.BytesIO(data)) if opener is gzip.GzipFile else opener(io.BytesIO(data))
    inner, what = damage(rng, unpack.read(_UNPACKED), b"")
    return pack(inner), f"unpacked: {what}"


def _member(rng, data, other):
    members = _unpack(data)
    if not members:
        return None
    at = rng.randrange(len(members))
    name, content = members[at]
    twins = (
        [inner for theirs, inner in _unpack(other) if theirs.rpartition("/")[2] == name.rpartition("/")[2]]
        if other
        else []
    )
    kind = rng.randrange(12)
    if kind == 0:
        del members[at]
        what = f"{name} left out"
    elif kind == 1:
        members.append((rng.choice(members)[0], content))
        what = f"{name} under another name as well"
    elif kind == 2 and twins:
        members[at] = (name, rng.choice(twins))
        what = f"{name} of another file"
    else:
        twin = rng.choice(twins) if twins else b""
        content, what = damage(rng, content, twin)
        what = f"{name}: {what}"
        members[at] = (name, content)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.NameToInfo.clear()  # names may come twice; zipfile would only warn
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 1)
    return buffer.getvalue(), what


def _unpack(data):
    members, total = [], 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist()[:_MEMBERS]:
                total += member.file_size
                if total > _UNPACKED:
                    break
                if not member.is_dir():
                    members.append((member.filename, archive.read(member)))
    except Exception:
        return members
    return members


def _stream(rng, data, other):
    """A stream of a compound file changed where it stands, its length kept."""
    with olefile.OleFileIO(io.BytesIO(data)) as storage:
        names = storage.listdir()
        if not names:
            return None
        name = rng.choice(names)
        content = storage.openstream(name).read()
        places = list(_sectors(storage, name, len(data)))
    if not content or not places:
        return None
    changed, what = rng.choice((flip, overwrite, length, length, length, cut, splice))(rng, content, content)
    changed = changed[: len(content)].ljust(len(content), b"\0")
    whole = bytearray(data)
    at = 0
    for place, size in places:
        piece = changed[at : at + size]
        whole[place : place + len(piece)] = piece
        at += len(piece)
    return bytes(whole), f"{'/'.join(name)!r}: {what}"


def _sectors(storage, name, most):
    """Where the sectors of a stream lie in the file, and their length; olefile writes too, but never ends on damage."""
    entry = storage.direntries[storage._find(name)]
    if entry.size >= storage.minisectorcutoff:
        for sector in _chain(storage.fat, entry.isectStart, most // 512):
            yield storage.sectorsize * (sector + 1), storage.sectorsize
        return
    outer = list(_chain(storage.fat, storage.root.isectStart, most // 512))
    for sector in _chain(storage.minifat, entry.isectStart, most // 64):
        index, at = divmod(sector * storage.minisectorsize, storage.sectorsize)
        if index < len(outer):
            yield storage.sectorsize * (outer[index] + 1) + at, storage.minisectorsize


def _chain(table, sector, most):
    for _ in range(most):
        if not 0 <= sector < len(table):
            return
        yield sector
        sector = table[sector]


def _flate(rng, data, other):
    """A packed stream of a PDF changed behind its packing."""
    hits = list(_STREAM.finditer(data))
    if not hits:
        return None
    hit = rng.choice(hits)
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(hit.group(1), _UNPACKED)
    content, what = rng.choice(PLAIN)(rng, content or b"x", content or b"x")
    packed = zlib.compress(content)
    return data[: hit.start(1)] + packed + data[hit.end(1) :], f"stream at {hit.start(1)}: {what}"


def _span(rng, data):
    """A place and a length, short ones more often."""
    size = min(len(data), rng.choice((1, 2, 4, 8, 16, 64, 256, 1024, max(1, len(data) // 4))))
    size = max(1, size)
    return rng.randrange(max(1, len(data) - size + 1)), size
