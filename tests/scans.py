"""Pages as a scanner gives them, drawn with a font of this machine."""

import io
from pathlib import Path

import pytest

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
)
LINES = (
    "关于调整值班安排的通知",
    "各处室、各直属单位：",
    "根据工作需要，现将有关事项通知如下，请认真贯彻执行。",
    "一、严格落实值班制度，确保通讯畅通，不得擅自离岗。",
    "二、遇有重要情况及时报告，并做好记录和交接工作。",
)


def font():
    """A file with Chinese letters."""
    found = next((path for path in FONTS if Path(path).exists()), None)
    if found is None:
        pytest.skip("needs a Chinese font (Debian's fonts-noto-cjk)")
    return found


def page(mark, *, dpi=150, turned=0.0, quality=0, blur=0.0):
    """A page with a red head (GB/T 9704-2012) and the mark at its top left, as PNG or, with a quality, as JPEG."""
    from PIL import Image, ImageDraw, ImageFilter, ImageFont

    def at(millimetres):
        return round(millimetres / 25.4 * dpi)

    def face(points):
        return ImageFont.truetype(font(), round(points / 72 * dpi))

    drawn = Image.new("RGB", (at(210), at(297)), "white")
    pen = ImageDraw.Draw(drawn)
    pen.text((at(28), at(37)), "000123", font=face(16), fill="black")
    pen.text((at(28), at(45)), mark, font=face(16), fill="black")
    pen.text((at(45), at(72)), "青山市水利局文件", font=face(42), fill=(200, 20, 20))
    pen.line((at(28), at(100), at(182), at(100)), fill=(200, 20, 20), width=max(2, at(0.5)))
    for number, line in enumerate(LINES):
        pen.text((at(28), at(115 + 12 * number)), line, font=face(16), fill="black")
    drawn = drawn.rotate(turned, expand=abs(turned) > 45, fillcolor="white", resample=Image.Resampling.BICUBIC)
    if blur:
        drawn = drawn.filter(ImageFilter.GaussianBlur(blur))
    out = io.BytesIO()
    drawn.save(out, **({"format": "JPEG", "quality": quality} if quality else {"format": "PNG"}))
    return out.getvalue()


def scanned(*pictures):
    """A PDF whose pages are pictures."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for picture in pictures:
        canvas.drawImage(ImageReader(io.BytesIO(picture)), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
