"""Evidence files, good and hostile: what is taken, what is shown, and what people are told instead."""

import contextlib
import hashlib
import random
import struct
import zlib
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
import xlsxwriter
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, PngImagePlugin

from rectification.archives import CHUNK
from rectification.intake import ALLOWED, MAX_BYTES, FileRefused, Prepared, prepare
from workflows.secrecy import has_secrecy_mark

pytestmark = pytest.mark.pure

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
HALF_DENSE = random.Random(7).randbytes(64 * 1024) + b"\0" * 12_000_000
MACRO = b'<Types ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'
RED_CORNERS = {1: (4, 4), 2: (59, 4), 3: (59, 27), 4: (4, 27), 5: (4, 4), 6: (27, 4), 7: (27, 59), 8: (4, 59)}
STRADDLING = "<a>" + "长" * (4 * CHUNK // 3 - 2) + "绝密★</a>"
PAYLOAD = b"<script>alert(1)</script>"


def take(content: bytes, name: str = "现场.jpg", size: int | None = None) -> Prepared:
    return prepare(name, BytesIO(content), size)


def picture(kind: str = "JPEG", mode: str = "RGB", color=0, size=(64, 48), **options) -> bytes:
    target = BytesIO()
    Image.new(mode, size, color).save(target, kind, **options)
    return target.getvalue()


def noise(kind: str) -> bytes:
    target = BytesIO()
    Image.effect_noise((200, 200), 80).convert("RGB").save(target, kind)
    return target.getvalue()


def png_header(side: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return picture("PNG")[:8] + chunk + picture("PNG")[33:]


def camera_exif(*, taken="2026:06:30 09:15:00", offset="", latitude=(30.0, 15.0, 36.0), turn=6) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.Make] = turn, "PhoneMaker"
    details, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    details[ExifTags.Base.DateTimeOriginal] = taken
    details[ExifTags.Base.OffsetTimeOriginal] = offset
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", latitude
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "W", (120.0 * any(latitude), 0.0, 0.0)
    return exif


def zipped(members: dict[str, bytes], compression: int = ZIP_DEFLATED, into: bytes = b"") -> bytes:
    target = BytesIO(into)
    with ZipFile(target, "a", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def word(*paragraphs: str, header: str = "", extra: dict[str, bytes] | None = None) -> bytes:
    document, target = Document(), BytesIO()
    for text in paragraphs:
        paragraph = document.add_paragraph()
        for run in text:  # Word likes to cut a text into runs
            paragraph.add_run(run)
    document.sections[0].header.paragraphs[0].text = header
    document.save(target)
    return zipped(extra or {}, into=target.getvalue())


def sheet(*cells: str, **options: bool) -> bytes:
    target = BytesIO()
    with xlsxwriter.Workbook(target, options) as workbook:
        worksheet = workbook.add_worksheet()
        for row, text in enumerate(cells):
            worksheet.write_string(row, 0, text)
    return target.getvalue()


def patched(office: bytes, field: int, value: bytes) -> bytes:
    """The last directory entry of the zip with a field overwritten, which begins at that many bytes."""
    at = office.rfind(b"PK\x01\x02") + field
    return office[:at] + value + office[at + len(value) :]


def pdf(body: bytes = b"", trailer: bytes = b"trailer <</Root 1 0 R>>\n") -> bytes:
    return b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\n" + body + trailer + b"startxref\n9\n%%EOF\n"


def packed(content: bytes, name: bytes = b"/ObjStm") -> bytes:
    head = b"7 0 obj <</Type %s /N 1 /First 4 /Filter /FlateDecode>> stream\r\n" % name
    return head + zlib.compress(content) + b"\nendstream endobj\n"


def shown(prepared: Prepared) -> Image.Image:
    return Image.open(BytesIO(prepared.display))


GOOD = {
    "jpeg": picture(exif=camera_exif()),
    "png": picture("PNG", "RGBA", exif=camera_exif()),
    "webp": picture("WEBP", exif=camera_exif()),
    "pdf": pdf(packed(b"1 0 <</Type /Page>>") + packed(b"2 0 <</Type /Font>>")),
    "docx": word("商业秘密", "★垃圾已全部清运。", header="整改情况"),
    "xlsx": sheet("商业秘密", "★一组"),
}
LIAR = patched(word(extra={"word/a.bmp": b"\0" * 9_000_000}), 16, struct.pack("<I", zlib.crc32(b"\0" * 100)))
REFUSED = {
    "empty": (b"", "文件是空的"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "兼容性最佳"),
    "mp4": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "截取关键画面"),
    "gif": (b"GIF89a" + b"\0" * 64, "另存为 JPEG"),
    "cut jpeg": (noise("JPEG")[:9_000], "图片已损坏"),
    "cut png": (noise("PNG")[:9_000], "图片已损坏"),
    "cut webp": (noise("WEBP")[:9_000], "图片已损坏"),
    "64 megapixels": (png_header(8_000), "6000 万像素"),
    "144 megapixels": (png_header(12_000), "6000 万像素"),
    "900 megapixels": (png_header(30_000), "6000 万像素"),
    "doc": (OLE + "WordDocument".encode("utf-16-le"), "另存为 docx"),
    "xls": (OLE + "Workbook".encode("utf-16-le"), "另存为 xlsx"),
    "docx with a password": (OLE + "EncryptedPackage".encode("utf-16-le"), "取消密码"),
    "other ole": (OLE, "旧版办公文件"),
    "rtf": (b"{\\rtf1 hello}", "另存为 docx"),
    "zip": (zipped({"a.txt": b"a"}), "请解压后"),
    "empty zip": (zipped({}), "请解压后"),
    "rar": (b"Rar!\x1a\x07\x00" + b"\0" * 64, "请解压后"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + b"\0" * 64, "请解压后"),
    "ofd": (zipped({"OFD.xml": b"<a/>"}), "转换为 PDF"),
    "exe": (b"MZ\x90\0" + b"\0" * 64, "可执行程序"),
    "exe and pdf": (b"MZ\x90\0" + pdf(), "可执行程序"),
    "html": (b"<!DOCTYPE html><title>x</title>", "网页"),
    "html and pdf": (b"<script>x()</script>\n" + pdf(), "网页"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "矢量图"),
    "text": ("普通文字".encode(), "无法识别"),
    "bomb": (word(extra={"word/media/big.bmp": b"\0" * 9_000_000}), "异常庞大"),
    "bombs": (lambda: word(extra={f"word/{n}.bmp": HALF_DENSE for n in range(18)}), "异常庞大"),
    "bomb with a false size": (patched(LIAR, 24, struct.pack("<I", 100)), "异常庞大"),
    "false size": (patched(word(extra={"word/a.bmp": b"\0" * 99}), 24, b"\x50"), "文件已损坏"),
    "crowd": (lambda: word(extra={f"word/{n}.xml": b"" for n in range(5_001)}), "组成部分过多"),
    "nested by name": (word(extra={"word/embeddings/a.zip": b"x"}), "嵌有压缩包"),
    "nested by content": (word(extra={"word/a.png": zipped({"a": b"a"})}), "嵌有压缩包"),
    "docm": (word(extra={"word/vbaProject.bin": b"x"}), "带有宏"),
    "docm without macros": (zipped({"[Content_Types].xml": MACRO, "word/document.xml": b"<a/>"}), "带有宏"),
    "path upwards": (word(extra={"../evil.sh": b"x"}), "不安全的路径"),
    "absolute path": (word(extra={"/etc/passwd": b"x"}), "不安全的路径"),
    "windows path": (word(extra={"word\\..\\..\\evil.sh": b"x"}), "不安全的路径"),
    "entities": (word(extra={"word/header9.xml": b"<!DOCTYPE a []><a/>"}), "文件已损坏"),
    "not xml": (word(extra={"word/header9.xml": b"<a>"}), "文件已损坏"),
    "lzma": (zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"}, ZIP_LZMA), "文件已损坏"),
    "locked member": (patched(word("一"), 8, b"\x01"), "取消密码"),
    "cut docx": (word("一")[:-500], "文件已损坏"),
    "cut pdf": (pdf()[:-6], "不完整"),
    "pdf with a payload": (pdf() + b"\0" * 4096, "不完整"),
    "late pdf": (b"\0" * 2000 + pdf(), "无法识别"),
    "script": (pdf(b"<</S /JavaScript /JS (app.alert)>>"), "带有脚本"),
    "script in disguise": (pdf(b"<</S /J#61va#53cript>>"), "带有脚本"),
    "launch": (pdf(b"<</S /Launch /F (cmd.exe)>>"), "启动命令"),
    "attachment": (pdf(b"<</Names <</EmbeddedFiles 3 0 R>> >>"), "附件"),
    "packed script": (pdf(packed(b" " * 300_000 + b"/Java#53cript", b"/Obj#53tm")), "带有脚本"),
    "second packed": (pdf(packed(b"<</A 1>>") + packed(b"<</S /Launch>>")), "启动命令"),
    "strange packing": (pdf(b"<</Type /ObjStm>> stream\nnot flate"), "内部无法读取"),
    "locked pdf": (pdf(trailer=b"trailer <</Root 1 0 R /Encrypt 5 0 R>>\n"), "取消密码"),
    "pdf bomb": (lambda: pdf(packed(b"\0" * 220_000_000)), "异常庞大"),
    "secret docx": (word("第一段", "秘密★1年"), "非涉密系统"),
    "secret header": (word("第一段", header="机　密 ★ 长期"), "非涉密系统"),
    "secret across chunks": (word(extra={"word/header9.xml": STRADDLING.encode()}), "非涉密系统"),
    "secret xlsx": (sheet("正文", "机密☆5年"), "非涉密系统"),
    "secret xlsx in place": (sheet("正文", "机密☆5年", constant_memory=True), "非涉密系统"),
}


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_an_unwelcome_file_is_told_what_to_become(content, sentence):
    content = content() if callable(content) else content

    with pytest.raises(FileRefused, match=sentence) as refused:
        take(content)

    assert str(refused.value).endswith("。")


@pytest.mark.parametrize(("claimed", "told", "read"), [(26_300_000, "25.1 MB", 0), (10, "20 MB", MAX_BYTES + 1)])
def test_a_file_over_the_limit_is_read_no_further_than_needed(claimed, told, read):
    stream = BytesIO(b"\xff" * (MAX_BYTES + 100_000))

    with pytest.raises(FileRefused, match=f"{told}.*20 MB"):
        prepare("现场.jpg", stream, size=claimed)

    assert stream.tell() == read


def test_a_phone_photo_keeps_its_facts_and_loses_everything_else():
    original = picture(exif=camera_exif(), comment=b"secret comment") + zipped({"evil.html": PAYLOAD})

    prepared = take(original, "现场照片.jpg")

    assert prepared.sha256 == hashlib.sha256(original).hexdigest()
    assert (prepared.size, prepared.kind, prepared.content_type) == (len(original), "jpeg", "image/jpeg")
    assert prepared.taken_at == datetime.fromisoformat("2026-06-30T09:15:00+08:00")
    assert (prepared.latitude, prepared.longitude) == (30.26, -120)
    assert (prepared.width, prepared.height) == shown(prepared).size == (48, 64)
    for copy in (prepared.display, prepared.thumbnail):
        assert not Image.open(BytesIO(copy)).getexif()
        assert not any(trace in copy for trace in (b"PK\x03\x04", b"Exif", b"PhoneMaker", b"secret comment"))


@pytest.mark.parametrize(
    ("written", "taken_at", "latitude"),
    [
        ({"offset": "-03:30"}, datetime.fromisoformat("2026-06-30T09:15:00-03:30"), 30.26),
        ({"taken": "0000:00:00 00:00:00"}, None, 30.26),
        ({"taken": "0001:01:01 00:00:00"}, None, 30.26),
        ({"taken": "yesterday", "latitude": (91.0, 0.0, 0.0)}, None, None),
        ({"taken": "9999:12:31 23:59:59", "latitude": (0.0, 0.0, 0.0)}, None, None),
        ({"taken": "", "latitude": (1.0, 2.0)}, None, None),
    ],
)
def test_a_camera_is_believed_as_far_as_it_makes_sense(written, taken_at, latitude):
    original = picture(exif=camera_exif(**written))

    prepared = take(original)

    assert (prepared.taken_at, prepared.latitude) == (taken_at, latitude)
    assert (prepared.longitude is None) == (latitude is None)


@pytest.mark.parametrize(("orientation", "corner"), RED_CORNERS.items())
def test_a_picture_is_shown_the_right_way_up(orientation, corner):
    image, target = Image.new("RGB", (64, 32), "white"), BytesIO()
    image.paste((255, 0, 0), (0, 0, 16, 16))
    image.save(target, "PNG", exif=camera_exif(turn=orientation))

    display = shown(take(target.getvalue()))

    assert display.size == ((64, 32) if orientation < 5 else (32, 64))
    assert display.getpixel(corner)[1] < 60


@pytest.mark.parametrize("mode", ["RGBA", "RGB"])
def test_a_png_loses_its_texts_even_those_behind_the_pixels(mode):
    texts = PngImagePlugin.PngInfo()
    texts.add_text("icc_profile", PAYLOAD.decode())
    texts.add(b"tEXt", b"comment\0" + PAYLOAD, after_idat=True)
    original = picture("PNG", mode, (10, 20, 30, 0)[: len(mode)], pnginfo=texts, exif=camera_exif(turn=1))

    prepared = take(original, "图.PNG")

    assert (prepared.name, shown(prepared).mode) == ("图.png", mode)
    assert prepared.taken_at
    assert not any(trace in prepared.display for trace in (b"script", b"eXIf", b"Exif", b"PhoneMaker"))
    assert Image.open(BytesIO(prepared.thumbnail)).getpixel((5, 5))[0] == (255 if mode == "RGBA" else 10)


@pytest.mark.parametrize(
    ("kind", "mode", "color", "shown_as"),
    [
        ("WEBP", "RGB", "navy", "jpeg"),
        ("WEBP", "RGBA", (9, 9, 9, 80), "png"),
        ("PNG", "LA", (150, 80), "png"),
        ("PNG", "1", 1, "jpeg"),
        ("PNG", "L", 150, "jpeg"),
        ("PNG", "P", 1, "jpeg"),
        ("PNG", "I;16", 150 * 256, "jpeg"),
        ("JPEG", "CMYK", (10, 20, 30, 40), "jpeg"),
    ],
)
def test_a_picture_of_any_make_is_shown_small_and_plain(kind, mode, color, shown_as):
    original = picture(kind, mode, color, size=(3000, 1500))

    prepared = take(original)

    assert (prepared.kind, prepared.display_type) == (kind.lower(), f"image/{shown_as}")
    assert (prepared.width, prepared.height, shown(prepared).width) == (2560, 1280, 2560)
    assert Image.open(BytesIO(prepared.thumbnail)).size == (320, 160)
    assert mode not in {"L", "I;16"} or abs(shown(prepared).getpixel((3, 3))[0] - 150) < 4


@pytest.mark.parametrize("kind", ["pdf", "docx", "xlsx"])
def test_papers_are_taken_and_not_drawn(kind):
    content = GOOD[kind]

    prepared = take(content, f"整改报告.{kind}", size=len(content))

    digest = hashlib.sha256(content).hexdigest()
    assert prepared == Prepared(f"整改报告.{kind}", kind, ALLOWED[kind], len(content), digest)


def test_a_jpeg_that_is_also_a_web_page_is_shown_as_a_picture_only():
    original = picture(comment=b"<html>" + PAYLOAD) + b"<html>" + PAYLOAD

    prepared = take(original, "page.html")

    assert (prepared.name, prepared.kind) == ("page.jpg", "jpeg")
    assert b"script" not in prepared.display


@pytest.mark.parametrize(
    ("kind", "given_name", "kept_name"),
    [
        ("jpeg", r"C:\Users\张三\现场.jpeg", "现场.jpeg"),
        ("jpeg", "../../etc/passwd", "passwd.jpg"),
        ("jpeg", "现场\x00\r\n\t照片.jpg", "现场照片.jpg"),
        ("jpeg", "报告\u202egpj.exe", "报告gpj.jpg"),
        ("jpeg", "a\u3000b\u2066\u200b\ud800.jpg", "a b.jpg"),
        ("jpeg", "2026.06整改", "2026.06整改.jpg"),
        ("jpeg", "方案v1.2", "方案v1.2.jpg"),
        ("jpeg", "", "附件.jpg"),
        ("jpeg", "..", "附件.jpg"),
        ("jpeg", "长" * 500 + ".jpeg", "长" * 115 + ".jpeg"),
        ("png", "现场.jpg", "现场.png"),
        ("pdf", "现场.jpg", "现场.pdf"),
        ("docx", "现场.xlsx", "现场.docx"),
        ("xlsx", "现场.PDF", "现场.xlsx"),
    ],
)
def test_a_name_keeps_its_words_and_loses_its_tricks(kind, given_name, kept_name):
    content = GOOD[kind]

    prepared = take(content, given_name)

    assert (prepared.kind, prepared.name) == (kind, kept_name)


@pytest.mark.parametrize("name", ["机密★1年 报告.jpg", "绝\x01密★报告.jpg"])
def test_a_name_with_a_secrecy_mark_is_refused_and_not_repeated(name):
    content = GOOD["jpeg"]

    with pytest.raises(FileRefused, match="非涉密系统") as refused:
        take(content, name)

    assert "★" not in str(refused.value)


MARKS = ["机密★1年", "绝密★", "秘密☆长期", "机　密 ★ 10年", "秘\u200b密\u00a0⭐", "機密*10年", "绝密＊长期"]
NO_MARKS = ["商业秘密保护", "**机密**", "机密\n★ 重要", "★机", "密★", "绝密 文件"]


@pytest.mark.parametrize(("text", "marked"), [(text, text in MARKS) for text in MARKS + NO_MARKS])
def test_a_secrecy_mark_is_seen_however_it_is_spaced(text, marked):
    surrounded = f"关于某事的通知 {text} 印发"

    seen = has_secrecy_mark(surrounded)

    assert seen == marked


def survives(content: bytes, name: str = "现场.jpg") -> None:
    """Either an answer or a refusal; any other exception fails the test."""
    with contextlib.suppress(FileRefused):
        assert take(content, name).kind in ALLOWED


def test_fifty_thousand_random_files_only_ever_meet_an_answer_or_a_refusal():
    dice = random.Random(20260630)
    starts = [b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x20\0\0\0WEBPVP8 ", b"PK\x03\x04", b"<"]
    starts += [b"%PDF-1.7", b"PK\x05\x06", OLE, b"\0\0\0\x18ftyp", b"II*\0", b"%PDF-/ObjStm stream\n%%EOF"]

    for _round in range(50_000):
        survives(dice.choice(starts) + dice.randbytes(dice.randrange(48)))


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_file_with_a_few_bytes_changed_only_ever_meets_an_answer_or_a_refusal(kind):
    dice, good = random.Random(kind), GOOD[kind]

    for number in range(300):
        content = bytearray(good)
        for _change in range(dice.randrange(1, 6)):
            start = max(0, len(good) - 400) if number % 2 else 0
            content[dice.randrange(start, len(good))] = dice.randrange(256)
        survives(bytes(content))

    assert take(good).kind == kind


@settings(max_examples=300, deadline=None)
@given(name=st.text(st.characters(), max_size=200).filter(lambda name: not has_secrecy_mark(name)))
def test_no_name_can_hurt(name):
    content = b"%PDF-1.4\n%%EOF"

    cleaned = take(content, name).name

    assert 5 <= len(cleaned) <= 120
    assert not any(character < " " or character in "/\\" for character in cleaned)
    assert cleaned.encode().endswith(b".pdf")
