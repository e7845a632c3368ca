"""What a file is, told by its content; the name is never asked."""

from __future__ import annotations

import re
import zipfile
from typing import BinaryIO

import msgspec
import olefile

from agent.extract import encoding
from agent.extract import members as directory
from agent.extract.database import fields
from agent.extract.ole.compound import Compound

HEAD = 8192
TEXT = "text/plain"
BINARY = "application/octet-stream"
_OPEN = "application/vnd.openxmlformats-officedocument."
WORD, WORD_MACRO = _OPEN + "wordprocessingml.document", "application/vnd.ms-word.document.macroenabled.12"
EXCEL, EXCEL_MACRO = _OPEN + "spreadsheetml.sheet", "application/vnd.ms-excel.sheet.macroenabled.12"
EXCEL_BINARY = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
SLIDES, SLIDES_MACRO = (
    _OPEN + "presentationml.presentation",
    "application/vnd.ms-powerpoint.presentation.macroenabled.12",
)
PDF, ZIP, OLE = "application/pdf", "application/zip", "application/x-ole-storage"
PROTECTED = "application/x-ooxml-protected"  # an office file sealed with a password; its kind is inside
OFD, XPS = "application/ofd", "application/vnd.ms-xpsdocument"
FLAT_ODF = "application/vnd.oasis.opendocument.flat+xml"
WORD_2003, EXCEL_2003 = "application/vnd.ms-wordml", "application/vnd.ms-spreadsheetml"
FLAT_OPC, FICTION, DRAWIO = (
    "application/vnd.ms-opc.flat+xml",
    "application/x-fictionbook+xml",
    "application/vnd.jgraph.mxfile",
)
EPUB = "application/epub+zip"
IWORK = "application/vnd.apple.iwork"
SEVEN_ZIP, RAR, TAR = "application/x-7z-compressed", "application/vnd.rar", "application/x-tar"
CAB, ISO, CPIO, AR = (
    "application/vnd.ms-cab-compressed",
    "application/x-iso9660-image",
    "application/x-cpio",
    "application/x-archive",
)
LZH, ARJ, XAR, CHM = (
    "application/x-lzh-compressed",
    "application/x-arj",
    "application/x-xar",
    "application/vnd.ms-htmlhelp",
)
WARC, RPM = "application/warc", "application/x-rpm"
GZIP, BZIP2, XZ, LZMA, LZIP = (
    "application/gzip",
    "application/x-bzip2",
    "application/x-xz",
    "application/x-lzma",
    "application/x-lzip",
)
ZSTD, LZ4, COMPRESS = "application/zstd", "application/x-lz4", "application/x-compress"
DISK = "application/x-disk-image"

# [Content_Types].xml names the kind of the main part: ECMA-376 Part 1 (11-15) and [MS-OFFMACRO2] 2.
_OOXML = (
    (b"wordprocessingml.document.main+xml", WORD),
    (b"wordprocessingml.template.main+xml", _OPEN + "wordprocessingml.template"),
    (b"ms-word.document.macroEnabled.main+xml", WORD_MACRO),
    (b"ms-word.template.macroEnabledTemplate.main+xml", "application/vnd.ms-word.template.macroenabled.12"),
    (b"spreadsheetml.sheet.main+xml", EXCEL),
    (b"spreadsheetml.template.main+xml", _OPEN + "spreadsheetml.template"),
    (b"ms-excel.sheet.macroEnabled.main+xml", EXCEL_MACRO),
    (b"ms-excel.template.macroEnabled.main+xml", "application/vnd.ms-excel.template.macroenabled.12"),
    (b"ms-excel.addin.macroEnabled.main+xml", "application/vnd.ms-excel.addin.macroenabled.12"),
    (b"ms-excel.sheet.binary.macroEnabled.main", EXCEL_BINARY),
    (b"presentationml.presentation.main+xml", SLIDES),
    (b"presentationml.template.main+xml", _OPEN + "presentationml.template"),
    (b"presentationml.slideshow.main+xml", _OPEN + "presentationml.slideshow"),
    (b"ms-powerpoint.presentation.macroEnabled.main+xml", SLIDES_MACRO),
    (b"ms-powerpoint.slideshow.macroEnabled.main+xml", "application/vnd.ms-powerpoint.slideshow.macroenabled.12"),
    (b"ms-powerpoint.template.macroEnabled.main+xml", "application/vnd.ms-powerpoint.template.macroenabled.12"),
    (b"ms-visio.drawing.main+xml", "application/vnd.ms-visio.drawing.main+xml"),
    (b"ms-visio.drawing.macroEnabled.main+xml", "application/vnd.ms-visio.drawing.macroenabled.main+xml"),
    (b"fixeddocumentsequence+xml", XPS),
)
_FOLDERS = (("word/", WORD), ("xl/", EXCEL), ("ppt/", SLIDES), ("visio/", "application/vnd.ms-visio.drawing.main+xml"))
_NAMED = (b"application/vnd.oasis.opendocument.", b"application/vnd.sun.xml.", b"application/hwp+zip", EPUB.encode())
_MAKING = (  # a member that makes the kind of a zip
    (re.compile(r"meta-inf/container\.xml"), EPUB),
    (re.compile(r"ofd\.xml|encryptions\.xml"), OFD),  # GM/T 0099-2020: what seals an OFD
    (re.compile(r".*\.fdseq(/\[0\](\.last)?\.piece)?"), XPS),  # printers write parts in pieces
    (re.compile(r"([^/]+/)?(index/document\.iwa|index\.zip|index\.apxl(\.gz)?|buildversionhistory\.plist)"), IWORK),
)
# The first element of an XML file, past what may stand before it; what its tag says makes the kind.
_ROOT = re.compile(
    rb"(?>\s++|<\?.*?\?>|<!--.*?-->|<!doctype[^>\[]*+(?:\[.*?\]\s*+)?>)*+<([a-z_][\w.:-]*+)([^>]*+)", re.DOTALL
)
_XML = (  # name of the element, what is in its tag, kind
    (b"svg", b"", "image/svg+xml"),
    (b"document", b":opendocument:xmlns:office:", FLAT_ODF),
    (b"worddocument", b"schemas.microsoft.com/office/word/2003/wordml", WORD_2003),
    (b"workbook", b"urn:schemas-microsoft-com:office:spreadsheet", EXCEL_2003),
    (b"package", b"schemas.microsoft.com/office/2006/xmlpackage", FLAT_OPC),
    (b"fictionbook", b"", FICTION),
    (b"mxfile", b"", DRAWIO),
    (b"mxgraphmodel", b"", DRAWIO),
)
_STREAMS = (  # [MS-DOC], [MS-XLS], [MS-PPT], [MS-OXMSG]: the stream that makes the kind
    ("encryptedpackage", PROTECTED),
    ("worddocument", "application/msword"),
    ("workbook", "application/vnd.ms-excel"),
    ("book", "application/vnd.ms-excel"),
    ("powerpoint document", "application/vnd.ms-powerpoint"),
    ("pp40", "application/vnd.ms-powerpoint"),
    ("pp97_dualstorage", "application/vnd.ms-powerpoint"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
    ("visiodocument", "application/vnd.visio"),
    ("quill", "application/x-mspublisher"),
    ("hwpsummaryinformation", "application/x-hwp"),
    ("wpsdocument", "application/vnd.ms-works"),
    ("mn0", "application/vnd.ms-works"),
)
_PUBLISHER = "00021201-0000-0000-00C0-000000000046"
_WORKS = (b"\0\1\0\0", b"\xff\xff\xff\xff")  # where the text of Works 2 to 4 begins, 0x100 or not said
_MAGIC = (
    # Word 2, 6 and 95, Excel 2 to 5 without a compound file around them: the first words of their streams.
    (0, b"\xdb\xa5\x2d\x00", "application/msword"),
    (0, b"\xdc\xa5\x65\x00", "application/msword"),
    (0, b"\xdc\xa5\x68\x00", "application/msword"),
    (0, b"\x09\x00\x04\x00", "application/vnd.ms-excel"),
    (0, b"\x09\x02\x06\x00", "application/vnd.ms-excel"),
    (0, b"\x09\x04\x06\x00", "application/vnd.ms-excel"),
    (0, b"\x09\x08\x08\x00\x00\x05", "application/vnd.ms-excel"),
    (0, b"\x09\x08\x10\x00\x00\x06", "application/vnd.ms-excel"),
    (0, b"Rar!\x1a\x07", RAR),
    (0, b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
    (0, b"\x1f\x8b", GZIP),
    (0, b"BZh", BZIP2),
    (0, b"\xfd7zXZ\x00", XZ),
    (0, b"\x28\xb5\x2f\xfd", ZSTD),
    (0, b"\x04\x22\x4d\x18", LZ4),
    (0, b"\x1f\x9d", COMPRESS),
    (257, b"ustar", TAR),
    (0, b"LZIP\x01", LZIP),
    (0, b"\x5d\x00\x00", LZMA),
    (0, b"\xed\xab\xee\xdb", RPM),
    (0, b"WARC/", WARC),
    (0, b"KDMV", DISK),  # VMDK
    (0, b"conectix", DISK),  # VHD
    (0, b"vhdxfile", DISK),
    (0, b"QFI\xfb", DISK),  # QCOW2
    (64, b"\x7f\x10\xda\xbe", DISK),  # VDI
    (0, b"hsqs", DISK),  # SquashFS
    (3, b"NTFS    ", DISK),
    (3, b"EXFAT   ", DISK),
    (54, b"FAT1", DISK),
    (82, b"FAT32   ", DISK),
    (0, b"MSWIM\0\0\0", DISK),  # WIM
    (0, b"MSCF", CAB),
    (0, b"ITSF", CHM),
    (0, b"!<arch>\n", AR),
    (0, b"xar!", XAR),
    (0, b"\x60\xea", ARJ),
    (0, b"070701", CPIO),
    (0, b"070707", CPIO),
    (0, b"\xc7\x71", CPIO),
    (2, b"-lh", LZH),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/avif"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"\xd7\xcd\xc6\x9a", "image/wmf"),
    (40, b" EMF", "image/emf"),
    (0, b"AC10", "image/vnd.dwg"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/x-matroska"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\xca\xfe\xba\xbe", "application/java-vm"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (4, b"Standard Jet DB", "application/x-msaccess"),
    (4, b"Standard ACE DB", "application/x-msaccess"),
    (0, b"!BDN", "application/vnd.ms-outlook-pst"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "application/onenote"),
    (60, b"BOOKMOBI", "application/x-mobipocket-ebook"),
    (60, b"TEXtREAd", "application/vnd.palm"),
    (60, b"TEXtTlDc", "application/vnd.palm"),
    (60, b"PNRdPPrs", "application/vnd.palm"),
    (0, b"\x37\x7f\x06\x82", "application/vnd.sqlite3-wal"),
    (0, b"\x37\x7f\x06\x83", "application/vnd.sqlite3-wal"),
    (0, b"\xa1\x2f\xff\x43\xd9\xef\x76\x4c", "application/onenote"),  # a table of contents, .onetoc2
    (0, b"\xffWPC", "application/vnd.wordperfect"),
    (0, b"\x78\x9f\x3e\x22", "application/vnd.ms-tnef"),
    (0, b"%!PS", "application/postscript"),
    (0, b"\0\0\2\0\4\4", "application/vnd.lotus-1-2-3"),
    (0, b"\0\0\2\0\5\4", "application/vnd.lotus-1-2-3"),  # Symphony
    (0, b"\0\0\2\0\6\4", "application/vnd.lotus-1-2-3"),
    (0, b"\0\0\2\0\x20\x51", "application/vnd.lotus-1-2-3"),  # Quattro Pro, as the next
    (0, b"\0\0\2\0\x21\x51", "application/vnd.lotus-1-2-3"),
    (0, b"\xff\0\2\0\4\4", "application/vnd.lotus-1-2-3"),  # Works, as the next two
    (0, b"\x20\x54\2\0\0\0", "application/vnd.lotus-1-2-3"),
    (0, b"\xff\x54\2\0\0\0", "application/vnd.lotus-1-2-3"),
    (0, b"age-encryption.org/", "application/age"),
    (0, b"-----BEGIN PGP MESSAGE", "application/pgp-encrypted"),
)
SEALED = {PROTECTED, "application/age", "application/pgp-encrypted"}  # nothing inside can be read as it is
# A sequence that begins with the identifier of a kind of content (RFC 5652 3, RFC 3274 1.1), or the same in letters.
_CMS = re.compile(
    rb"\x30(?:[\x00-\x80]|[\x81-\x88].{1,8}?)\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x01-\x06]"
    rb"|\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01[\x02\x09\x17])"
    rb"|\s*-----BEGIN (?:PKCS ?#?7|CMS)[ -]",
    re.DOTALL,
)
# Kinds of text whose beginning leaves no doubt, whatever bytes come after it.
_SURE = ("application/mbox", "message/rfc822", "message/x-emlx", "text/calendar", "text/vcard")
# A header field, perhaps folded (RFC 5322 2.2); a mailbox or Apple's format has a line before the first.
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[^\n]*(?:\n[ \t]+[^\n]*)*(?:\n|\Z)")
_BEFORE_MAIL = re.compile(rb"(?:\d{1,10}[ \t]*\r?\n|>?From [^\n]{1,1000}\n)?")
_OF_PEOPLE = {b"from", b"to", b"cc", b"reply-to", b"sender", b"return-path", b"delivered-to", b"apparently-to"}
_OF_MAIL = _OF_PEOPLE | {
    b"subject",
    b"date",
    b"received",
    b"message-id",
    b"mime-version",
    b"in-reply-to",
    b"references",
}
# A picture, a program or noise may carry a zip behind it: then the zip is what matters.
_CARRIERS = (
    "image/",
    "video/",
    "audio/",
    "application/x-elf",
    "application/vnd.microsoft.portable-executable",
    BINARY,
)
_FRONTS = (
    "text/",
    "image/svg",
    "application/rtf",
    "application/xml",
    PDF,
)  # both they and what is behind them have words
_MEMBERS = 20_000  # of a zip that are looked at
_SMALL = 2**20  # bytes of a part that names the kind
_PDF = re.compile(rb"%PDF-[12]\.\d[\r\n]")
_FRONT = 4 * 2**20  # bytes that may stand before a PDF
_TAIL = 65_557  # the directory of a zip ends within this many bytes of its end (APPNOTE 4.3.16)


class Identity(msgspec.Struct, frozen=True):
    """A media type.

    ``behind`` is the kind of a zip that another file with words of its own carries at its end: both are read.
    """

    media_type: str
    behind: str = ""


def identify(file: BinaryIO) -> Identity:
    """Tell what an open, seekable file is; its position afterwards is anywhere. Damage inside never raises."""
    found = _identify(file)
    if found.media_type.startswith(_FRONTS) and _ends_as_zip(file):
        return msgspec.structs.replace(found, behind=_zip(file).media_type)
    if found.media_type.startswith(_CARRIERS) and _ends_as_zip(file):
        return _zip(file)
    if found.media_type in (BINARY, TEXT) and _holds_pdf(file):  # behind the beginning; a text is also itself
        return Identity(PDF) if found.media_type == BINARY else msgspec.structs.replace(found, behind=PDF)
    return found


def _holds_pdf(file: BinaryIO) -> bool:
    """Whether a whole PDF stands behind something else: its head in the first megabytes, its end where it should be."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 2048))
    if b"%%EOF" not in file.read(2048):
        return False
    file.seek(0)
    return _PDF.search(file.read(_FRONT)) is not None


def _identify(file: BinaryIO) -> Identity:  # noqa: PLR0911 - one answer a family of formats
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        return Identity("application/x-empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00PK")):
        return _zip(file)
    if head.startswith(olefile.MAGIC):
        return _ole(file)
    if b"%PDF-" in head[:1024]:
        return Identity(PDF)
    for offset, magic, media_type in _MAGIC:
        if head.startswith(magic, offset):
            return Identity(media_type)
    if (kind := _volume(file, head) or _shaped(head)) is not None:
        return Identity(kind)
    if (kind := _textual(head)) in _SURE or encoding.is_text(encoding.sample(file)):
        return Identity(kind)
    return Identity(BINARY)


def _is_tape(head: bytes) -> bool:
    """Tar from before POSIX has no magic; its first header sums up (pax(1), ustar interchange format)."""
    if len(head) < 512 or not head[0]:
        return False
    try:
        said = int(head[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return said == sum(head[:148]) + 8 * 32 + sum(head[156:512])


def _volume(file: BinaryIO, head: bytes) -> str | None:
    """Tapes, disks and old texts whose marks do not stand at their beginning alone."""
    if _is_tape(head):
        return TAR
    if _at(file, 0x8001, b"CD001") or _at(file, 0x8001, b"BEA01"):  # ECMA-119, ECMA-167
        return ISO
    if _at(file, 0x438, b"\x53\xef") and head[:1024].count(0) > 1000:  # ext2 to ext4
        return DISK
    if head[:1] in b"\1\2\3\4\5\6" and head[1:2] == b"\xfe" and head[0x1A:0x1E] in _WORKS:
        return "application/vnd.ms-works"
    return None


def _shaped(head: bytes) -> str | None:
    """Files without a magic number of their own, known by the shape of their first bytes."""
    if _CMS.match(head):
        return "application/pkcs7-mime"
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    return "application/x-dbase" if fields.head(head) is not None else None


def _at(file: BinaryIO, offset: int, magic: bytes) -> bool:
    file.seek(offset)
    return file.read(len(magic)) == magic


def _zip(file: BinaryIO) -> Identity:
    try:
        members = directory.members(file, _MEMBERS).found
        names = {member.filename.replace("\\", "/").lstrip("/").lower(): member for member in members}
        kinds = _small(file, names.get("[content_types].xml"))
        mimetype = _small(file, names.get("mimetype"))
    except Exception:  # noqa: BLE001 - a damaged directory is still a zip; its reader says what is wrong
        return Identity(ZIP)
    return Identity(_packed(list(names), kinds.lower(), mimetype))


def _packed(lowered: list[str], kinds: bytes, mimetype: bytes) -> str:
    """The kind of a zip by its member names in lower case, its content types, and its mimetype member."""
    for mark, media_type in _OOXML:
        if mark.lower() in kinds:
            return media_type
    if mimetype.startswith(_NAMED):
        return re.sub(r"[^a-z0-9./+-].*", "", mimetype[:100].decode("ascii", "replace"), flags=re.DOTALL)
    if found := next((kind for pattern, kind in _MAKING if any(map(pattern.fullmatch, lowered))), ""):
        return found
    if "meta-inf/manifest.mf" in lowered:
        return "application/java-archive"
    if kinds or "_rels/.rels" in lowered:
        for folder, media_type in _FOLDERS:
            if any(name.startswith(folder) for name in lowered):
                return media_type
    return ZIP


def _small(file: BinaryIO, member: directory.Member | None) -> bytes:
    data = b""
    try:
        if member is not None and not member.sealed:
            for block, _ in directory.unpacked(file, member, directory.content_at(file, member)):
                data += block
                if len(data) > _SMALL:
                    break
    except Exception:  # noqa: BLE001 - one damaged part does not hide the kind that the folders show
        return data
    return data


def _ole(file: BinaryIO) -> Identity:
    try:
        with Compound(file) as storage:
            roots = {
                entry[0].lstrip("\x01\x05").lower() for entry in storage.listdir(streams=True, storages=True) if entry
            }
            start = storage.openstream("CONTENTS").read(8) if storage.exists("CONTENTS") else b""
            publisher = storage.root.clsid.upper() == _PUBLISHER
    except Exception:  # noqa: BLE001 - a damaged directory is still an OLE file
        return Identity(OLE)
    for stream, media_type in _STREAMS:
        if stream in roots:
            return Identity(media_type)
    if start.startswith((b"CHNKWKS ", b"CHNKINK ")):
        return Identity("application/vnd.ms-works")
    if publisher:  # before Publisher 98 it has no stream of its own name
        return Identity("application/x-mspublisher")
    return Identity(OLE)


def _ends_as_zip(file: BinaryIO) -> bool:
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    return b"PK\x05\x06" in file.read(_TAIL) and zipfile.is_zipfile(file)


def _xml(head: bytes) -> str:
    """The kind of an XML file by its first element; empty for what is none."""
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe").lower()
    if not plain.lstrip().startswith(b"<"):
        return ""
    if root := _ROOT.match(plain):
        name = root.group(1).rpartition(b":")[2]
        for wanted, mark, kind in _XML:
            if name == wanted and mark in root.group(2):
                return kind
    declared = plain.lstrip().startswith(b"<?xml") or (root is not None and b"xmlns" in root.group(2))
    return "application/xml" if declared else ""


def _textual(head: bytes) -> str:
    """The kind of a text whose outer shape shows it; the words inside are found either way."""
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"begin:vcalendar", b"begin:vcard")):
        return "text/calendar" if start.startswith(b"begin:vcal") else "text/vcard"
    if not start.startswith(b"<") and (letter := _letter(head)):
        return letter
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return "text/html"
    if kind := _xml(head):
        return kind
    return TEXT


def _letter(head: bytes) -> str:
    """The kind of mail, when the text begins as mail does: with fields that only mail has together (RFC 5322 3.6)."""
    head = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    before = _BEFORE_MAIL.match(head)
    at = before.end() if before else 0
    first = head[:at]
    names: set[bytes] = set()
    while (field := _FIELD.match(head, at)) and len(names) < 200:
        names.add(field.group(1).lower().lstrip(b">"))
        at = field.end()
    mailbox = first.startswith((b"From ", b">From "))
    ended = not head[at:].strip(b" \t") or head.startswith((b"\n", b"\r\n"), at)
    letter = len(names & _OF_MAIL) >= 3 and bool(names & _OF_PEOPLE or b"received" in names)
    part = b"content-type" in names and bool(names & {b"mime-version", b"content-transfer-encoding"})
    if mailbox:
        return "application/mbox" if names & _OF_MAIL else ""
    if not (letter or part or (b"mime-version" in names and names & _OF_MAIL)):
        return ""
    if not ended and b"mime-version" not in names and not {b"received", b"message-id"} & names:
        return ""  # something that is no field before any empty line: notes, listings
    return "message/x-emlx" if first else "message/rfc822"
