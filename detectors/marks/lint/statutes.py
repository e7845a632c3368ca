"""The laws and standards that advice on Chinese marks rests on, and how they are cited."""

from __future__ import annotations

from config.text import Text

LAW = Text("State Secrets Law (2024), art. {}", "《保守国家秘密法》（2024年修订）第{}条")
RULES = Text(
    "Implementing regulations of the State Secrets Law (2024), art. {}",
    "《保守国家秘密法实施条例》（2024年修订）第{}条",
)
MARKS = Text(
    "Provisions on the marks of state secrets (1990), art. {}",
    "《国家秘密文件、资料和其他物品标志的规定》（1990年）第{}条",
)
FORMAT = Text("GB/T 9704-2012, {}", "GB/T 9704-2012《党政机关公文格式》{}")
NUMBERS = Text("Regulations on official documents (2012), art. {}", "《党政机关公文处理工作条例》（2012年）第{}条")
_HAN = {
    "5": "五",
    "8": "八",
    "9": "九",
    "19": "十九",
    "20": "二十",
    "21": "二十一",
    "22": "二十二",
    "24": "二十四",
    "3": "三",
    "4": "四",
}


def cite(basis: Text, article: str) -> Text:
    """An article of one of them."""
    return Text(basis.en.format(article), basis.zh.format(_HAN.get(article, article)))
