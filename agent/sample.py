"""A marked document with invented content, to try the system with."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

NAME = "样本-年度演练方案.docx"
_PARAGRAPHS = (
    "各有关单位：",
    "为检验移动介质管理措施，定于下月组织一次演练。本文件为系统自动生成的样本，内容均为虚构，不涉及任何真实单位、人员和事项。",
    "一、演练时间为期两天，参加人员由各单位自行确定。",
    "二、演练联系人张某某，身份证号码 {resident}，联系电话 {mobile}。",
    "三、演练结束后，各单位应当清点并交回全部登记介质。",
)


def write_sample(path: Path, today: date) -> None:
    """Write a docx laid out as GB/T 9704-2012 asks: number, then 机密★10年 on line 2, both at the upper left."""
    import docx

    issued = today - timedelta(days=21)
    document = docx.Document()
    for line in ("000001", "机密★10年", "特急"):
        document.add_paragraph(line)
    document.add_heading("关于组织年度介质管理演练的通知（样本）", 1)
    fields = {"resident": resident_number(), "mobile": "13" + "800000000"}
    for line in _PARAGRAPHS:
        document.add_paragraph(line.format(**fields))
    document.add_paragraph("虚构单位办公室")
    document.add_paragraph(f"{issued.year}年{issued.month}月{issued.day}日")
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))


def resident_number(body: str = "11010119900307123") -> str:
    """A well-formed number that is nobody's: 17 digits and their check character (GB 11643-1999)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
