"""Media types, and the marks in content that tell them: names, magic numbers, parts of packages, streams."""

from __future__ import annotations

import re

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
ZLIB, GIT_PACK, GIT_INDEX = "application/zlib", "application/x-git-pack", "application/x-git-index"
VIM_SWAP, JOURNAL = "application/x-vim-swap", "application/vnd.sqlite3-journal"
DISK = "application/x-disk-image"

# [Content_Types].xml names the kind of the main part: ECMA-376 Part 1 (11-15) and [MS-OFFMACRO2] 2.
OOXML = (
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
FOLDERS = (("word/", WORD), ("xl/", EXCEL), ("ppt/", SLIDES), ("visio/", "application/vnd.ms-visio.drawing.main+xml"))
NAMED = (b"application/vnd.oasis.opendocument.", b"application/vnd.sun.xml.", b"application/hwp+zip", EPUB.encode())
MAKING = (  # a member that makes the kind of a zip
    (re.compile(r"meta-inf/container\.xml"), EPUB),
    (re.compile(r"ofd\.xml|encryptions\.xml"), OFD),  # GM/T 0099-2020: what seals an OFD
    (re.compile(r".*\.fdseq(/\[0\](\.last)?\.piece)?"), XPS),  # printers write parts in pieces
    (re.compile(r"([^/]+/)?(index/document\.iwa|index\.zip|index\.apxl(\.gz)?|buildversionhistory\.plist)"), IWORK),
)
STREAMS = (  # [MS-DOC], [MS-XLS], [MS-PPT], [MS-OXMSG]: the stream that makes the kind
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
MAGIC = (
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
    (0, b"PACK\0\0\0", GIT_PACK),
    (0, b"# v2 git bundle\n", GIT_PACK),
    (0, b"# v3 git bundle\n", GIT_PACK),
    (0, b"DIRC\0\0\0", GIT_INDEX),
    (0, b"\xfftOc\0\0\0", GIT_INDEX),
    (0, b"RIDX\0\0\0", GIT_INDEX),
    (0, b"b0VIM ", VIM_SWAP),
    (0, bytes.fromhex("d9d505f920a163d7"), JOURNAL),
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
    (0, b"II+\x00", "image/tiff"),  # of more than 4 GB
    (0, b"MM\x00+", "image/tiff"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (0, b"\xff\x4f\xff\x51", "image/jp2"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/avif"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"\xd7\xcd\xc6\x9a", "image/wmf"),
    (0, b"\x01\x00\x09\x00\x00\x03", "image/wmf"),
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
# A picture, a program or noise may carry a zip behind it: then the zip is what matters.
CARRIERS = (
    "image/",
    "video/",
    "audio/",
    "application/x-elf",
    "application/vnd.microsoft.portable-executable",
    BINARY,
)
FRONTS = (
    "text/",
    "image/svg",
    "application/rtf",
    "application/xml",
    PDF,
)  # both they and what is behind them have words
