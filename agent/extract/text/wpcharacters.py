"""WordPerfect's characters as Unicode, as far as Western and Russian documents use them.

Set and number of the first 32 are from "Default Extended International Characters" of the WordPerfect 6.0 SDK; the rest
of set 1 goes on as files show: a letter, its accents in pairs of capital and small. Of set 4 the signs that are typed
in text stand here, of sets 8 and 10 the alphabets. What is not known reads as U+FFFD.
"""

from __future__ import annotations

UNKNOWN = "\ufffd"
FIRST = "åÅæÆäÄáàâãÃçÇëéÉèêíñÑøØõÕöÖüÜúùß"  # the codes 01 to 20
_LATIN = (  # from number 26 on
    "ÁáÂâÄäÀàÅåÆæÇçÉéÊêËëÈèÍíÎîÏïÌìÑñÓóÔôÖöÒòÚúÛûÜüÙùŸÿÃãĐđØøÕõÝýÐðÞþĂăĀāĄąĆćČčĈĉĊċĎďĚěĖėĒēĘęǴǵĞğǦǧĢģĜĝĠġĤĥĦħİi"
    "ĪīĮįĨĩĲĳĴĵĶķĹĺĽľĻļĿŀŁłŃń"
)
_TYPOGRAPHIC = "●○■•*¶§¡¿«»£¥₧ƒªº½¼¢²ⁿ®©¤¾³‛’‘‟”“–—‹›"
_GREEK = "ΑαΒβΒϐΓγΔδΕεΖζΗηΘθΙιΚκΛλΜμΝνΞξΟοΠπΡρΣσΣςΤτΥυΦφΧχΨψΩω"
_RUSSIAN = "".join(letter + letter.lower() for letter in "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ")
_CHARACTERS = {(1, 23): "ß", (4, 39): "†", (4, 40): "‡", (4, 41): "™", (4, 56): "…"}
for _set, _start, _letters in ((1, 26, _LATIN), (4, 0, _TYPOGRAPHIC), (8, 0, _GREEK), (10, 0, _RUSSIAN)):
    _CHARACTERS |= {(_set, _start + _index): _letter for _index, _letter in enumerate(_letters)}


def character(charset: int, code: int) -> str:
    """One character; U+FFFD where it is not known."""
    if charset == 0:
        return chr(code) if 0x20 <= code < 0x7F else ""
    return _CHARACTERS.get((charset, code), UNKNOWN)
