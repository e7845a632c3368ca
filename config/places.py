"""The grammar of places, and their words in Chinese.

A place is a line of parts: ``page 3 line 2``, ``header line 1``, ``Sheet2!B7``, ``property:Company``, ``slide 4``,
``file name``; members of containers stand before it, parted by `` > ``: ``a.zip > b.docx > page 1 line 2``.
"""

from __future__ import annotations

import re

from config.text import Language

_NUMBERED = {
    "page": "第{}页",
    "line": "第{}行",
    "slide": "第{}张幻灯片",
    "sheet": "第{}张工作表",
    "row": "第{}行",
    "message": "第{}封邮件",
}
_WORDS = {
    "body": "正文",
    "header": "页眉",
    "footer": "页脚",
    "text box": "文本框",
    "watermark": "水印",
    "footnote": "脚注",
    "endnote": "尾注",
    "comment": "批注",
    "notes": "备注",
    "master": "母版",
    "chart": "图表",
    "table name": "表名",
    "table": "表格",
    "label": "敏感度标签",
    "file name": "文件名",
    "sheet name": "工作表名",
    "annotation": "注释",
    "form field": "表单域",
    "attachment": "附件",
    "property": "文档属性",
    "deleted": "已删除内容",
    "hidden": "隐藏文字",
    "reading": "注音",
    "macro": "宏",
    "glossary": "构建基块",
    "base64": "Base64 内容",
    "base32": "Base32 内容",
    "hex": "十六进制内容",
    "escaped": "转义内容",
    "packed": "（压缩）",
    "split": "拆分内容",
    "content": "内容",
    "description": "说明",
}
_PART = re.compile(
    "|".join(
        [
            *(rf"\b{word} (?P<{word}>\d+)" for word in _NUMBERED),
            *(rf"(?P<w{i}>\b{word}\b)" for i, word in enumerate(_WORDS)),
        ]
    )
)


def place(where: str, language: Language) -> str:
    """A place in the words of one language; names of files, sheets and properties stay as they are."""
    if language != "zh":
        return where
    *outer, last = where.split(" > ")
    return " > ".join([*outer, _chinese(last)])


def _chinese(where: str) -> str:
    if "!" in where:  # a sheet's own name may hold any word
        return where
    head, colon, name = where.partition(":")

    def word(match: re.Match[str]) -> str:
        found = match.group()
        name, _, number = found.partition(" ")
        return _NUMBERED[name].format(number) if number.isdigit() else _WORDS[found]

    return _PART.sub(word, head).replace(" ", "") + ("：" + name if colon else "")
