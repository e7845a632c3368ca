"""What documents call the encoding they claim for themselves, and by which name it is known here."""

from __future__ import annotations

from encodings.aliases import aliases

from agent.extract import alphabets

# What documents call the encodings that a claim is believed for, beside Python's own names for them.
_CLAIMED = (*alphabets.WIDE, *alphabets.LETTERS, *alphabets.LATIN, "utf-8", "utf-16-le", "utf-16-be", "hz", "utf-7")
_CLAIMED += ("iso2022_jp", "iso2022_kr", "johab", "cp1257", "cp437", "cp850", "cp852", "mac-roman")
_CLAIMED += tuple(f"iso8859-{part}" for part in (3, 4, 8, 10, 13, 14, 15, 16))
_FAMILY = {"gb2312": "gb18030", "gbk": "gb18030", "big5hkscs": "big5", "cp950": "big5", "shift_jis": "cp932"}
_FAMILY |= {"euc_kr": "cp949", "latin_1": "windows-1252", "iso8859_9": "cp1254", "iso8859_11": "cp874"}
_LABELS = {"windows_31j": "cp932", "x_sjis": "cp932", "x_gbk": "gb18030", "gb_2312_80": "gb18030", "x_euc_jp": "euc_jp"}
_LABELS |= {"tis_620": "cp874", "windows_874": "cp874", "iso_8859_8_i": "cp1255", "x_mac_roman": "mac-roman"}
for _name in (*_CLAIMED, *_FAMILY):
    _module = _name.replace("-", "_").replace("windows_1252", "cp1252")
    _called = (_module, *(alias for alias, module in aliases.items() if module == _module))
    _LABELS |= dict.fromkeys(_called, _FAMILY.get(_name, _name))


def known(label: str) -> str:
    """The name by which an encoding is known here; empty where there is none of that name, or it says nothing."""
    return _LABELS.get(label.strip().strip("\"'").lower().replace("-", "_"), "")
