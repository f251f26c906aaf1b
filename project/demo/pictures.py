"""Evidence pictures of the demo, drawn: no photographs, no text copied from anywhere."""

import struct
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from random import Random

from PIL import ExifTags, Image, ImageDraw, ImageFont
from PIL.TiffImagePlugin import IFDRational

from project.demo import scenes_indoor, scenes_outdoor
from project.demo.sketch import Sketch

VARIANTS = 2
SCENES: dict[str, Callable[[Sketch, bool], None]] = {
    "pipe": scenes_outdoor.pipe,
    "rubbish": scenes_outdoor.rubbish,
    "road": scenes_outdoor.road,
    "roof": scenes_outdoor.roof,
    "lamp": scenes_outdoor.lamp,
    "ditch": scenes_outdoor.ditch,
    "greenhouse": scenes_outdoor.greenhouse,
    "site": scenes_outdoor.site,
    "ledger": scenes_indoor.ledger,
    "board": scenes_indoor.board,
    "clinic": scenes_indoor.clinic,
    "classroom": scenes_indoor.classroom,
}
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)
PAPER = (1000, 1414)  # A4 at about 120 dots per inch
RED = (200, 24, 24)
INK = (40, 40, 40)


class Album:
    """Draws each scene once and hands it out with the time and place of each picture in its EXIF."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.drawn: dict[tuple[str, bool, int], bytes] = {}

    def picture(self, scene: str, after: bool, variant: int, taken: datetime, spot: tuple[float, float]) -> bytes:
        """A JPEG of a scene, taken at an instant at (latitude, longitude)."""
        key = (scene, after, variant % VARIANTS)
        if key not in self.drawn:
            self.drawn[key] = self._draw(*key)
        body = self.drawn[key]
        exif = _exif(taken, spot)
        # The EXIF block goes in right behind the start marker; the drawing itself is encoded once.
        return body[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + body[2:]

    def _draw(self, scene: str, after: bool, variant: int) -> bytes:
        # Before and after share their seed, so that they show the same place.
        sketch = Sketch(Random(f"{self.seed}-{scene}-{variant}"))
        SCENES[scene](sketch, after)
        target = BytesIO()
        sketch.finished().save(target, "JPEG", quality=86)
        return target.getvalue()

    def paper(self, title: str, number: str, day: date) -> bytes:
        """A PNG of a scanned decision with a red head; lines stand for text where no font is found."""
        page = Image.new("RGB", PAPER, (252, 250, 244))
        draw = ImageDraw.Draw(page)
        draw.line([(110, 330), (890, 330)], fill=RED, width=4)
        _centred(draw, 170, "云溪县整改工作领导小组文件", 52, RED)
        _centred(draw, 280, number, 26, INK)
        _centred(draw, 400, "第五次会议纪要", 36, INK)
        body = (
            f"会议听取了“{title}”整改情况汇报，",
            "查看了整改前后对比资料和现场核查记录。",
            "会议认为，责任单位整改措施落实到位，",
            "核查和评定程序完整，同意予以销号。",
            "会议要求，责任单位要落实长效管护，",
            "县整改办适时组织回头看，防止反弹。",
        )
        for place, text in enumerate(body):
            _written(draw, (150, 500 + place * 62), text, 28, INK)
        _written(draw, (560, 1000), "云溪县整改工作领导小组", 28, INK)
        _written(draw, (640, 1060), f"{day.year}年{day.month}月{day.day}日", 28, INK)
        _seal(draw, 700, 1020)
        _centred(draw, 1330, "演示数据，并非真实文件", 20, (170, 168, 160))
        target = BytesIO()
        page.rotate(0.6, fillcolor=(238, 236, 230), resample=Image.Resampling.BILINEAR).save(target, "PNG")
        return target.getvalue()


def _exif(taken: datetime, spot: tuple[float, float]) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Bihuan demo"
    details, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    details[ExifTags.Base.DateTimeOriginal] = taken.strftime("%Y:%m:%d %H:%M:%S")
    details[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", _sexagesimal(spot[0])
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", _sexagesimal(spot[1])
    return exif.tobytes()


def _sexagesimal(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    degrees, rest = divmod(value, 1)
    minutes, rest = divmod(rest * 60, 1)
    return IFDRational(int(degrees)), IFDRational(int(minutes)), IFDRational(round(rest * 6000), 100)


def _font(size: int) -> ImageFont.FreeTypeFont | None:
    found = next((name for name in FONTS if Path(name).is_file()), None)
    return ImageFont.truetype(found, size) if found else None


def _written(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, colour: tuple[int, ...]) -> None:
    font = _font(size)
    if font:
        draw.text(at, text, fill=colour, font=font)
        return
    x, y = at
    for place in range(len(text)):
        draw.rectangle([x + place * size, y + 4, x + (place + 0.8) * size, y + size * 0.8], fill=colour)


def _centred(draw: ImageDraw.ImageDraw, y: float, text: str, size: int, colour: tuple[int, ...]) -> None:
    _written(draw, ((PAPER[0] - len(text) * size) / 2, y), text, size, colour)


def _seal(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
    draw.ellipse([x - 95, y - 95, x + 95, y + 95], outline=RED, width=6)
    star = [(0, -40), (10, -13), (38, -12), (15, 5), (24, 32), (0, 16), (-24, 32), (-15, 5), (-38, -12), (-10, -13)]
    draw.polygon([(x + dx, y + dy) for dx, dy in star], fill=RED)
