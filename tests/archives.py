"""Archives that tests read; those that no library here writes are put together by hand, their members stored as is."""

import io
import struct
import zlib

from agent.extract.archive import library  # noqa: F401 - names the library for the binding


def written(members, form, compression=None, options=""):
    """An archive by libarchive: ``form`` is 7zip, cpio, ar_svr4, iso9660, ustar, warc ..."""
    from libarchive import custom_writer

    out = io.BytesIO()
    with custom_writer(out.write, form, compression, options=options) as archive:
        for name, content in members.items():
            archive.add_file_from_memory(name, len(content), content)
    return out.getvalue()


def sealed(members, form, password, *, names=False):
    """An archive with a password by 7-Zip: ``form`` is SevenZip or Zip; ``names`` hides the names too."""
    import pybit7z

    with pybit7z.lib7zip_context() as found:
        writer = pybit7z.BitArchiveWriter(found, getattr(pybit7z, f"Format{form}"))
        writer.set_password(password, getattr(pybit7z.EncryptionScope, "DataAndHeaders" if names else "DataOnly"))
        for name, content in members.items():
            writer.add_file(content, name)
        return bytes(writer.compress_to())


def rar(members):
    """RAR 5 with stored members (RAR 5.0 archive format)."""
    out = b"Rar!\x1a\x07\x01\x00" + _block(_vint(1) + _vint(0) + _vint(0))
    for name, content in members.items():
        raw = name.encode()
        fields = (
            _vint(2) + _vint(2) + _vint(len(content)) + _vint(4) + _vint(len(content)) + _vint(0o644)
            + struct.pack("<I", zlib.crc32(content)) + _vint(0) + _vint(1) + _vint(len(raw)) + raw
        )  # fmt: skip
        out += _block(fields) + content
    return out + _block(_vint(5) + _vint(0) + _vint(0))


def _block(fields):
    body = _vint(len(fields)) + fields
    return struct.pack("<I", zlib.crc32(body)) + body


def _vint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def cab(members):
    """A cabinet with one stored folder ([MS-CAB] 2)."""
    data = b"".join(members.values())
    files, offset = b"", 0
    for name, content in members.items():
        files += struct.pack("<IIHHHH", len(content), offset, 0, 0, 0, 0x80) + name.encode() + b"\0"
        offset += len(content)
    pieces = [data[at : at + 32768] for at in range(0, len(data), 32768)]
    block = b"".join(struct.pack("<IHH", 0, len(piece), len(piece)) + piece for piece in pieces)
    start = 36 + 8 + len(files)
    head = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, start + len(block), 0, 44, 0, 3, 1, 1, len(members), 0, 1, 0)
    return head + struct.pack("<IHH", start, len(pieces), 0) + files + block


def lzh(members):
    """LHA with -lh0- members and level 0 headers."""
    out = b""
    for name, content in members.items():
        raw = name.encode()
        body = struct.pack("<5sIIIBB", b"-lh0-", len(content), len(content), 0, 0x20, 0)
        body += bytes([len(raw)]) + raw + struct.pack("<H", _crc16(content))
        out += bytes([len(body), sum(body) & 0xFF]) + body + content
    return out + b"\0"


def _crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def arj(members):
    """ARJ with stored members."""
    out = _arj_header(struct.pack("<BBBBBBBBIIIIHHH", 30, 11, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0), b"a.arj")
    for name, content in members.items():
        fields = struct.pack(
            "<BBBBBBBBIIIIHHH", 30, 11, 1, 0, 0, 0, 0, 0, 0, len(content), len(content), zlib.crc32(content), 0, 0, 0
        )
        out += _arj_header(fields, name.encode()) + content
    return out + b"\x60\xea\0\0"


def _arj_header(fields, name):
    body = fields + name + b"\0\0"
    return b"\x60\xea" + struct.pack("<H", len(body)) + body + struct.pack("<I", zlib.crc32(body)) + b"\0\0"


def old_tar(members):
    """Tar as it was before POSIX, without a magic number."""
    out = b""
    for name, content in members.items():
        head = bytearray(512)
        head[: len(name)] = name.encode()
        head[100:148] = b"0000644\0" + b"0000000\0" * 2 + b"%011o\0" % len(content) + b"00000000000\0"
        head[148:156] = b" " * 8
        head[148:156] = b"%06o\0 " % sum(head)
        out += bytes(head) + content + bytes(-len(content) % 512)
    return out + bytes(1024)
