"""Which characters the texts of a language are made of, as weights: the evidence that parts one encoding from another.

A character that is common in running text weighs about 1, the few that half of it consists of weigh 1.5, what nobody
writes weighs nothing or less. The average over a text is near or above 1 when it is read in its own encoding. The sets
are those of the national standards (level 1 of GB 2312, Big5 and JIS X 0208; KS X 1001) and of the alphabets.
"""

from __future__ import annotations

PUNCTUATION = frozenset("，。、；：？！“”‘’（）《》〈〉【】「」『』—…·　．％／０１２３４５６７８９○●★☆→－～")
# GB 2312 level 1 and Big5 level 1 hold the characters that make up 99 % of running text in either script.
SIMPLIFIED = frozenset(
    bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)
) - {""}
TRADITIONAL = frozenset(
    bytes((high, low)).decode("big5", "ignore")
    for high in range(0xA4, 0xC7)
    for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
) - {""}
# Characters that half of all running text consists of, in both scripts: they part close cases.
FREQUENT = frozenset(
    "的一是不了在人有我他这這个們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于於着下自之年过過发發后後作里用道行所然家种種事成方多经經"
    "么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實日军軍者意无無力它與与長长把机機十民第公此已工使情明"
    "性知全三又关關点點正业業外将將两兩高间間由问問很最重并並物手应應战戰向头頭文体體政美相见見被利什二等产產或新己制身果加西斯月话話合回特代内內信表化老给給"
    "世位次度门門任常先海通教儿兒原东東声聲提立及比员員解水名真论論处處走义義各入几幾口认認条條平系气氣题題活尔爾更别別打女变變四神总總何电電数數安少报報才结結"
    "反受目太量再感建务務做接必场場件计計管期市直德资資命山金指克许許统統区區保至队隊形社便空决決治展马馬科司五基眼书書非则則听聽白却卻界达達光放强強即像难難且"
    "权權思王象完设設式色路记記南品住告类類求据據程北边邊死张張该該交规規万萬取拉格望觉覺术術领領共确確传傳師师观觀清今切院让讓识識候带帶导導争爭运運密级級绝絕"
)
_KANA = frozenset(map(chr, (*range(0x3041, 0x3094), *range(0x30A1, 0x30FF))))
_KANJI = frozenset(
    bytes((high, low)).decode("euc_jp", "ignore") for high in range(0xB0, 0xD0) for low in range(0xA1, 0xFF)
) - {""}
_JAPANESE = frozenset(
    "のにはをたがでてとしれさいるなかもすらまこよりうくあきっだけンスルトリアイクラドレシフロプジー、。・「」"
    "日本国人年大会社中出上行分月用対一事者地業時場内間合部定方力通数回体要制表性下示自同作成関動計理法変報設実名"
    "前書文指発度情後東京都市長生学新機密秘極件号取引員第各保安全管番入以見議"
)
_HANGUL = frozenset(
    bytes((high, low)).decode("euc_kr", "ignore") for high in range(0xB0, 0xC9) for low in range(0xA1, 0xFF)
) - {""}
_KOREAN = frozenset(
    "이다는의에가을하고를은로기도사지한인어대서자리정시나해그스부수제일전보아과주원상장여적용있니면들공라경동연만오국성구안미조"
    "우선유회비문계소방당생모관치게신트중단입파발위할요습력드내체화되없않음명령행료식실출등록름년월본개값못열"
)
_SIGNS = dict.fromkeys("\u00a0«»„“”‘’‚–—…•№§°©®™€±·", 0.7)

_TYPOGRAPHY = _SIGNS | dict.fromkeys("\u00a0«»„“”‘’‚–—…", 1.0)  # as usual as letters there


def _weighted(common: frozenset[str], frequent: frozenset[str]) -> dict[str, float]:
    weights = dict.fromkeys(PUNCTUATION, 1.0)
    weights |= dict.fromkeys(common, 1.0)
    return {char: weight + 0.5 * (char in frequent) for char, weight in weights.items()}


def _graded(frequent: str, usual: str, rare: str, signs: dict[str, float] = _SIGNS) -> dict[str, float]:
    """An alphabet by how often its letters come. Capitals weigh a little less: few texts are made of them alone."""
    weights = dict(signs)
    for letters, weight in ((frequent, 1.5), (usual, 0.9), (rare, 0.3)):
        weights |= dict.fromkeys(letters.upper(), 0.9 * weight)
        weights |= dict.fromkeys(letters, weight)
    return weights


_JAPAN = _weighted(_KANJI | _KANA, _JAPANESE)
# Half-width kana stand at bytes that half of all Chinese consists of.
_SHIFT_JIS = _JAPAN | dict.fromkeys(map(chr, range(0xFF61, 0xFFA0)), 0.2)
# Multi-byte encodings, in the order in which a tie is decided.
WIDE: dict[str, dict[str, float]] = {
    # GBK holds the traditional characters too, and some texts are written in them.
    "gb18030": dict.fromkeys(TRADITIONAL, 0.6) | dict.fromkeys(FREQUENT, 1.1) | _weighted(SIMPLIFIED, FREQUENT),
    "big5": _weighted(TRADITIONAL, FREQUENT),
    "cp932": _SHIFT_JIS,
    "euc_jp": _JAPAN,
    "cp949": _weighted(_HANGUL, _KOREAN),
}
_RUSSIAN = _graded("оеаинтсрвл", "кмдпуяыьзбгчйі", "жхшюцщэфъёїєґ")
_DRAWN = dict.fromkeys(map(chr, range(0x2500, 0x25A1)), 0.2)
_GREEK = _graded("αοιετνσρ", "υηκπλμωςάέήίόύώ", "γδθχβφξζψϊϋΐΰ")
_HEBREW = _graded("יוהלאתרמבשנ", "עדקחפםטגכן", "סזצץףך")
_ARABIC = _graded("اليمنوترب", "عدسفهقكحجىةأشصط", "خذزضظغثءؤئإآپچژگ،؛؟")
_THAI = _graded("านรอกเงมยลว่้ัีิ", "ดสตทปพคหบจขใไุูะำแโ็ชผ", "ฉธณฒซฌญฎฏฐฑฝฟภศษฬฮฤืึ์ๆฯ฿๐๑๒๓๔๕๖๗๘๙")
# Alphabets that are not Latin.
LETTERS: dict[str, dict[str, float]] = {
    "cp1251": _RUSSIAN,
    "koi8-r": _RUSSIAN | _DRAWN,
    "koi8-u": _RUSSIAN | _DRAWN,
    "cp866": _RUSSIAN | _DRAWN,
    "iso8859-5": _RUSSIAN,
    "cp1253": _GREEK,
    "cp1255": _HEBREW,
    "cp1256": _ARABIC,
    "cp874": _THAI,
    "iso8859-6": _ARABIC,
    "iso8859-7": _GREEK,
}
# The letters beyond ASCII of one language each, in the encodings that hold them.
_WEST = ("àâæçèéêëîïôùûüœ", "äöüß", "áéíóúüñ¿¡ºª", "ãõáéíóúâêôàç", "àèéìíòóù", "åäöøæéü", "áéíóúýðþæö", "ëïéèüö")
_MIDDLE = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž")
LATIN: dict[str, tuple[str, ...]] = {
    "windows-1252": _WEST,
    "cp1250": _MIDDLE,
    "iso8859-2": _MIDDLE,
    "cp1254": ("çğıöşüâîİ",),
    "cp1258": ("ăâđêôơưàèéùáíóú\u0300\u0301\u0303\u0309\u0323",),
}


def table(name: str, weights: dict[str, float]) -> list[float]:
    """Weights of the 128 bytes beyond ASCII in an encoding of single bytes; what it leaves unused counts against it."""
    found = []
    for byte in range(128, 256):
        char = bytes([byte]).decode(name, "replace")
        found.append(weights.get(char, -2.0 if char == "\ufffd" or char < "\xa0" else 0.0))
    return found


def tables() -> dict[str, list[list[float]]]:
    """For each encoding of single bytes the weights of its bytes, in each language that is written in it."""
    found = {name: [table(name, weights)] for name, weights in LETTERS.items()}
    for name, languages in LATIN.items():
        found[name] = [
            table(name, _TYPOGRAPHY | dict.fromkeys(letters + letters.upper(), 1.0)) for letters in languages
        ]
    return found
