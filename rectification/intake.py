"""Judges an uploaded evidence file by its content and prepares what the pages may show of it."""

import hashlib
import logging
import re
import tempfile
import unicodedata
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone, tzinfo
from io import BytesIO
from math import ceil, isfinite
from pathlib import PurePosixPath
from typing import BinaryIO
from zoneinfo import ZoneInfo

import filetype
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import ExifTags, Image

from rectification.archives import FileRefused, judge_pdf, office_kind, refuse_old_office
from workflows.secrecy import SECRECY_REFUSAL, has_secrecy_mark

__all__ = ["ALLOWED", "MAX_BYTES", "FileRefused", "Prepared", "prepare"]

logger = logging.getLogger(__name__)

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 60_000_000
MAX_NAME = 120  # characters, extension included
DISPLAY_SIDE = 2560  # pixels
THUMBNAIL_SIDE = 320  # pixels
CHUNK = 64 * 1024
HEAD = 8192
PDF_HEAD = 1024

_OOXML = "application/vnd.openxmlformats-officedocument."
ALLOWED = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "docx": _OOXML + "wordprocessingml.document",
    "xlsx": _OOXML + "spreadsheetml.sheet",
}
_EXTENSIONS = {kind: (f".{kind}",) for kind in ALLOWED} | {"jpeg": (".jpg", ".jpeg")}
_PICTURES = {"image/jpeg": "jpeg", "image/png": "png", "image/apng": "png", "image/webp": "webp"}
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, bidi overrides, half characters, breaks
_LOCAL_TIME = ZoneInfo("Asia/Shanghai")

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEIF = gettext_lazy("这张照片是 HEIC 格式。请在手机设置里选择“兼容性最佳”后重新拍摄，或另存为 JPEG 后再上传。")
_PROGRAM = gettext_lazy("这是可执行程序，不能接收。请上传图片、PDF、docx 或 xlsx 文件。")
_ARCHIVE = gettext_lazy("本系统不接收压缩包。请解压后，把其中的图片、PDF、docx 或 xlsx 文件逐个上传。")
_LOOKS_LIKE = (
    (r"image/", gettext_lazy("本系统不接收这种图片格式。请另存为 JPEG 或 PNG 后再上传。")),
    (r"video/|audio/", gettext_lazy("本系统不接收音频和视频。请截取关键画面，另存为 JPEG 后再上传。")),
    (r"application/rtf", gettext_lazy("这是 RTF 文档。请另存为 docx 后再上传。")),
    (r"application/(x-msdownload|x-executable|wasm|x-rpm|x-deb|x-google-chrome-extension)", _PROGRAM),
    (r"application/(x-(tar|rar|bzip2|7z|xz|compress|lz|unix-ar|brotli)|gzip|zstd|vnd\.ms-cab)", _ARCHIVE),
)
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|svg|iframe|\?xml)", re.IGNORECASE)


@dataclass(frozen=True)
class Prepared:
    """An upload that may be kept: its facts and, for a picture, the safe copies to show."""

    name: str
    kind: str
    content_type: str
    size: int
    sha256: str
    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    display: bytes | None = None
    display_type: str = ""
    thumbnail: bytes | None = None
    width: int | None = None
    height: int | None = None


def prepare(name: str, stream: BinaryIO, size: int | None = None) -> Prepared:
    """Judge the upload from where the stream stands; size is what the client claims, in bytes."""
    if size is not None and size > MAX_BYTES:
        raise FileRefused(_too_large(_("{} MB").format(ceil(size / 1024 / 1024 * 10) / 10)))
    if has_secrecy_mark(name):
        raise FileRefused(str(SECRECY_REFUSAL))
    with tempfile.TemporaryFile() as handle:
        length, sha256 = _spool(stream, handle)
        kind = _detect(handle)
        clean = _clean_name(name, kind)
        if has_secrecy_mark(clean):
            raise FileRefused(str(SECRECY_REFUSAL))
        prepared = Prepared(clean, kind, ALLOWED[kind], length, sha256)
        return _with_picture(prepared, handle) if kind in _PICTURES.values() else prepared


def _too_large(actual: str) -> str:
    sentence = _("文件大小为 {actual}，超过每个文件 {limit} MB 的上限。请压缩图片或拆分文件后再上传。")
    return sentence.format(actual=actual, limit=MAX_BYTES // 1024 // 1024)


def _spool(stream: BinaryIO, handle: BinaryIO) -> tuple[int, str]:
    """Copy at most MAX_BYTES + 1 bytes to disk; the size in bytes and the SHA-256."""
    digest, length = hashlib.sha256(), 0
    while chunk := stream.read(min(CHUNK, MAX_BYTES + 1 - length)):
        digest.update(chunk)
        length += handle.write(chunk)
    if not length:
        raise FileRefused(_("文件是空的。请检查原文件能否打开，然后重新选择上传。"))
    if length > MAX_BYTES:
        raise FileRefused(_too_large(_("{} MB 以上").format(MAX_BYTES // 1024 // 1024)))
    handle.flush()
    return length, digest.hexdigest()


def _detect(handle: BinaryIO) -> str:
    handle.seek(0)
    head = handle.read(HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return office_kind(handle)
    if head.startswith(_OLE_MAGIC):
        refuse_old_office(handle)
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        raise FileRefused(str(_HEIF))
    mime = _guess(head)
    if mime in _PICTURES:
        return _PICTURES[mime]
    prefix, pdf_mark, _rest = head[:PDF_HEAD].partition(b"%PDF-")
    if _MARKUP.search(prefix):
        raise FileRefused(_("这是网页或矢量图（HTML、SVG），不能接收。请截图或导出为 PDF 后再上传。"))
    if pdf_mark and mime in {"", "application/pdf"}:
        judge_pdf(handle)
        return "pdf"
    raise FileRefused(_unwelcome(mime, head))


def _guess(head: bytes) -> str:
    try:
        return filetype.guess_mime(head) or ""
    except Exception:  # its matchers index into bytes that may not be there
        logger.info("file type cannot be guessed", exc_info=True)
        return ""


def _unwelcome(mime: str, head: bytes) -> str:
    if head.startswith((b"MZ", b"\x7fELF", b"#!")):
        return str(_PROGRAM)
    for pattern, sentence in _LOOKS_LIKE:
        if re.match(pattern, mime):
            return str(sentence)
    return _("无法识别这个文件的类型。请上传 JPEG、PNG、WebP 图片，或 PDF、docx、xlsx 文件。")


def _clean_name(name: str, kind: str) -> str:
    """The last part of the path, printable, at most MAX_NAME characters, with the extension it deserves."""
    last = re.split(r"[/\\]", name)[-1]
    grouped = ((character, unicodedata.category(character)) for character in last)
    printable = "".join(" " if group == "Zs" else c for c, group in grouped if group not in _UNPRINTABLE)
    path = PurePosixPath(printable.strip(" .") or "-")
    stem, suffix = path.stem, path.suffix
    extension = suffix.lower() if suffix.lower() in _EXTENSIONS[kind] else _EXTENSIONS[kind][0]
    if not re.fullmatch(r"\.(?!\d+$)[A-Za-z0-9]{1,5}", suffix):
        stem += suffix
    stem = stem.strip(" .-") or _("附件")
    return stem[: MAX_NAME - len(extension)].rstrip(" .") + extension


@dataclass(frozen=True)
class _Taken:
    """What the camera wrote down."""

    orientation: int = 1
    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None


def _with_picture(prepared: Prepared, handle: BinaryIO) -> Prepared:
    handle.seek(0)
    try:
        with Image.open(handle, formats=(prepared.kind.upper(),)) as source:
            if source.width * source.height > MAX_PIXELS:
                raise FileRefused(_too_many_pixels())
            return _render(prepared, source)
    except FileRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileRefused(_too_many_pixels()) from error
    except Exception as error:  # decoders raise a dozen kinds on hostile bytes
        logger.info("picture cannot be decoded", exc_info=True)
        raise FileRefused(_("图片已损坏，无法显示。请重新拍摄，或从原设备重新导出后再上传。")) from error


def _too_many_pixels() -> str:
    sentence = _("图片像素过高，超过 {limit} 万像素的上限。请缩小图片尺寸后再上传。")
    return sentence.format(limit=MAX_PIXELS // 10_000)


def _render(prepared: Prepared, source: Image.Image) -> Prepared:
    taken = _read_exif(source)
    source.draft("RGB", (DISPLAY_SIDE, DISPLAY_SIDE))  # lets libjpeg shrink while it decodes
    with closing(_upright(_flat(source), taken.orientation)) as picture:
        picture.info.clear()  # encoders copy comments and profiles from here
        display_type = "image/png" if picture.mode == "RGBA" else "image/jpeg"
        return replace(
            prepared,
            taken_at=taken.taken_at,
            latitude=taken.latitude,
            longitude=taken.longitude,
            display=_encode(picture, "PNG" if picture.mode == "RGBA" else "JPEG"),
            display_type=display_type,
            width=picture.width,
            height=picture.height,
            thumbnail=_thumbnail(picture),
        )


def _flat(source: Image.Image) -> Image.Image:
    """The first frame in 8-bit RGB or RGBA, no larger than the pages need."""
    mode = "RGBA" if source.has_transparency_data else "RGB"
    source.load()  # a PNG may carry texts behind its pixels; from here on nothing more is read
    picture = source
    if source.mode.startswith("I"):
        picture = source.point(lambda value: value * (1 / 256) + 0).convert("L")
    if picture.mode != mode:
        picture = picture.convert(mode)
    picture.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE), Image.Resampling.LANCZOS)
    return picture


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    if orientation not in _TURNS:
        return picture
    with closing(picture):
        return picture.transpose(_TURNS[orientation])


def _encode(picture: Image.Image, image_format: str) -> bytes:
    target = BytesIO()
    picture.save(target, image_format, quality=85, optimize=image_format == "JPEG")
    return target.getvalue()


def _thumbnail(picture: Image.Image) -> bytes:
    with closing(picture.copy()) as small:
        small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
        with closing(Image.new("RGB", small.size, "white")) as paper:
            paper.paste(small, mask=small if small.mode == "RGBA" else None)
            return _encode(paper, "JPEG")


def _read_exif(source: Image.Image) -> _Taken:
    try:
        exif = source.getexif()
        details, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
        latitude, longitude = _position(gps)
        return _Taken(
            orientation=exif.get(ExifTags.Base.Orientation, 1),
            taken_at=_instant(
                details.get(ExifTags.Base.DateTimeOriginal), details.get(ExifTags.Base.OffsetTimeOriginal)
            ),
            latitude=latitude,
            longitude=longitude,
        )
    except Exception:  # a picture with nonsense for EXIF is still a picture
        logger.info("EXIF cannot be read", exc_info=True)
        return _Taken()


def _instant(written: object, offset: object) -> datetime | None:
    try:
        local = datetime.strptime(str(written).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    if not 1990 <= local.year <= 2100:  # an unset clock, or a date that overflows when converted
        return None
    return local.replace(tzinfo=_zone(offset))


def _zone(offset: object) -> tzinfo:
    match = re.fullmatch(r"([+-])([01]\d):([0-5]\d)", str(offset).strip("\0 "), re.ASCII)
    if match is None:
        return _LOCAL_TIME
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(ahead if match[1] == "+" else -ahead)


def _position(gps: dict[int, object]) -> tuple[float | None, float | None]:
    """Latitude and longitude in WGS84 degrees, both or neither."""
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), 90)
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), 180)
    if latitude is None or longitude is None or latitude == longitude == 0:  # 0, 0 is a camera without a fix
        return None, None
    return latitude, longitude


def _degrees(parts: object, hemisphere: object, limit: int) -> float | None:
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    degrees, minutes, seconds = map(float, parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not isfinite(value) or not 0 <= value <= limit:
        return None
    return round(-value if str(hemisphere)[:1].upper() in {"S", "W"} else value, 7)
