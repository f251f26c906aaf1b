"""Looks inside office files and PDFs without trusting anything they say about themselves."""

import logging
import mmap
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import PurePosixPath
from typing import BinaryIO, NoReturn
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.secrecy import LONGEST_MARK, SECRECY_REFUSAL, has_secrecy_mark

logger = logging.getLogger(__name__)

MAX_MEMBERS = 5_000
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_RATIO = 200
RATIO_FREE_BYTES = 1024 * 1024
CHUNK = 64 * 1024

_MARKERS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_OTHER_ZIPS = {
    "ofd.xml": gettext_lazy("这是 OFD 文件，本系统暂不接收。请转换为 PDF 后再上传。"),
    "ppt/presentation.xml": gettext_lazy("这是演示文稿，本系统不接收。请导出为 PDF 后再上传。"),
    "xl/workbook.bin": gettext_lazy("这是 xlsb 格式的表格，本系统不接收。请另存为 xlsx 后再上传。"),
    "content.xml": gettext_lazy("这是 OpenDocument 文件，本系统不接收。请另存为 docx 或 xlsx 后再上传。"),
}
_CONTENT_TYPES = "[content_types].xml"
_TEXT_MEMBER = re.compile(r"word/(document|(header|footer)\d*)\.xml|xl/(sharedstrings|worksheets/\w+)\.xml")
_ENDS_LINE = frozenset({"p", "si", "c"})  # paragraph, shared string, cell
_ARCHIVE_SUFFIX = re.compile(r"\.(zip|rar|7z|gz|tgz|tar|bz2|xz|jar|doc[xm]|xls[xmb]|ppt[xm])", re.IGNORECASE)
_ARCHIVE_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000

_OLE_ENTRIES = (
    ("EncryptedPackage", gettext_lazy("文件设有密码，无法核验。请取消密码后再上传。")),
    ("WordDocument", gettext_lazy("这是旧版文档格式（doc 或 wps）。请另存为 docx 后再上传。")),
    ("Workbook", gettext_lazy("这是旧版表格格式（xls 或 et）。请另存为 xlsx 后再上传。")),
    ("PowerPoint Document", gettext_lazy("这是演示文稿，本系统不接收。请导出为 PDF 后再上传。")),
)
_OLD_OFFICE = gettext_lazy("这是旧版办公文件格式。请另存为 docx 或 xlsx 后再上传。")
_PDF_TAIL = 2048


def _pdf_name(name: str) -> bytes:
    """A pattern for a PDF name, any letter of which may be written as #xx."""
    return b"/" + b"".join(rb"(?:%c|#(?i:%02x))" % (letter, letter) for letter in name.encode())


_PDF_ACTIVE = re.compile(b"|".join(map(_pdf_name, ("JavaScript", "Launch", "EmbeddedFile"))))
_PDF_ENCRYPTED = re.compile(_pdf_name("Encrypt") + rb"\s{0,64}(?:\d+\s+\d+\s+R|<<)")
_PDF_OBJECTS = re.compile(_pdf_name("ObjStm"))


class FileRefused(Exception):  # noqa: N818 a refusal is an answer, not a fault
    """An upload we do not take; the message tells the person what to do next."""


class _Lines:
    """Watches the text of one XML member for a secrecy mark, in bounded memory."""

    def __init__(self) -> None:
        self._tail = ""
        self._pending: list[str] = []
        self._pending_length = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.CharacterDataHandler = self._add
        self._parser.EndElementHandler = self._end_element

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        """Take in the next bytes of the member."""
        self._parser.Parse(chunk, final)
        if final:
            self._check()

    def _add(self, text: str) -> None:
        self._pending.append(text)
        self._pending_length += len(text)
        if self._pending_length > CHUNK:
            self._check()

    def _end_element(self, name: str) -> None:
        if name.rpartition(":")[2] in _ENDS_LINE:
            self._add("\n")

    def _check(self) -> None:
        text = self._tail + "".join(self._pending)
        if has_secrecy_mark(text):
            raise FileRefused(str(SECRECY_REFUSAL))
        self._tail, self._pending, self._pending_length = text[-LONGEST_MARK:], [], 0

    def _refuse_doctype(self, *_declaration: object) -> None:
        raise FileRefused(_broken())


def office_kind(handle: BinaryIO) -> str:
    """Judge the zip file and say "docx" or "xlsx"; needs a real file, of at most some tens of megabytes."""
    return judge_archive(handle, kind_by_members)


def judge_archive(handle: BinaryIO, kind_of: Callable[[set[str]], str]) -> str:
    """Unpack every member once within the limits; `kind_of` says or refuses the kind by the members' names."""
    try:
        _refuse_crowd(handle)
        with ZipFile(handle) as archive:
            return _judge(archive, kind_of)
    except FileRefused:
        raise
    except Exception as error:  # zipfile, zlib and expat raise a dozen kinds on hostile bytes
        logger.info("office file cannot be read", exc_info=True)
        raise FileRefused(_broken()) from error


def _refuse_crowd(handle: BinaryIO) -> None:
    """Count directory entries before zipfile makes an object of each."""
    with mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as view:
        entries = re.finditer(rb"PK\x01\x02", view)
        crowd = sum(1 for _entry in islice(entries, MAX_MEMBERS + 1))
        del entries
    if crowd > MAX_MEMBERS:
        raise FileRefused(_("文件内部的组成部分过多，可能有风险。请另存为新的文件，或导出为 PDF 后再上传。"))


def _judge(archive: ZipFile, kind_of: Callable[[set[str]], str]) -> str:
    members = archive.infolist()
    names = {info.filename.lower() for info in members}
    kind = kind_of(names)
    if len(names) < len(members):  # which of two parts of one name counts, every program decides for itself
        raise FileRefused(_broken())
    for info in members:
        _refuse_member(info)
    unpacked = 0
    for info in members:
        for size in _unpack(archive, info):
            unpacked += size
            if unpacked > MAX_UNPACKED_BYTES:
                raise FileRefused(_bomb())
    return kind


def kind_by_members(names: set[str]) -> str:
    """Say "docx" or "xlsx" by the lower-case names of the members; anything else is refused."""
    if any(PurePosixPath(name).name == "vbaproject.bin" for name in names):
        raise FileRefused(_macro())
    if _CONTENT_TYPES in names:
        for kind, marker in _MARKERS.items():
            if marker in names:
                return kind
    for marker, sentence in _OTHER_ZIPS.items():
        if marker in names:
            raise FileRefused(str(sentence))
    raise FileRefused(_("本系统不接收压缩包。请解压后，把其中的图片、PDF、docx 或 xlsx 文件逐个上传。"))


def _refuse_member(info: ZipInfo) -> None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in info.filename:
        raise FileRefused(_("文件内部含有不安全的路径，不能接收。请用办公软件另存为新的文件后再上传。"))
    if info.flag_bits & _ENCRYPTED_FLAGS:
        raise FileRefused(_("文件设有密码，无法核验。请取消密码后再上传。"))
    if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise FileRefused(_broken())
    if _ARCHIVE_SUFFIX.fullmatch(path.suffix):
        raise FileRefused(_nested())
    if info.file_size > max(RATIO_FREE_BYTES, MAX_RATIO * info.compress_size):  # it says so itself: no need to unpack
        raise FileRefused(_bomb())


def _unpack(archive: ZipFile, info: ZipInfo) -> Iterator[int]:
    """Read one member to its real end, yielding the bytes each chunk unpacks to."""
    declared, unpacked = info.file_size, 0
    info.file_size = MAX_UNPACKED_BYTES + CHUNK  # or zipfile stops at the size the file claims
    watchers = _watchers(info.filename.lower())
    with archive.open(info) as member:
        while chunk := member.read(CHUNK):
            if not unpacked and chunk.startswith(_ARCHIVE_MAGIC):
                raise FileRefused(_nested())
            unpacked += len(chunk)
            if unpacked > max(RATIO_FREE_BYTES, MAX_RATIO * info.compress_size):
                raise FileRefused(_bomb())
            for watcher in watchers:
                watcher.feed(chunk)
            yield len(chunk)
    for watcher in watchers:
        watcher.feed(b"", final=True)
    if unpacked != declared:
        raise FileRefused(_broken())


class _ContentTypes:
    """Watches the list of content types for one with macros."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        """Take in the next bytes of the member."""
        text = self._tail + chunk.lower().replace(b"\0", b"")
        if b"macroenabled" in text:
            raise FileRefused(_macro())
        self._tail = b"" if final else text[-len(b"macroenabled") :]


def _watchers(name: str) -> list[_Lines | _ContentTypes]:
    if name == _CONTENT_TYPES:
        return [_ContentTypes()]
    return [_Lines()] if _TEXT_MEMBER.fullmatch(name) else []


def refuse_old_office(handle: BinaryIO) -> NoReturn:
    """Say how to save a file of the OLE family (doc, xls, wps, et) in a format we take."""
    with mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as view:
        for entry, sentence in _OLE_ENTRIES:
            if view.find(entry.encode("utf-16-le")) >= 0:
                raise FileRefused(str(sentence))
    raise FileRefused(str(_OLD_OFFICE))


def judge_pdf(handle: BinaryIO) -> None:
    """Refuse a PDF that is cut off, locked or active; needs a real file."""
    with mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as view:
        if b"%%EOF" not in view[-_PDF_TAIL:]:
            raise FileRefused(_("PDF 文件不完整。请重新下载或导出，确认能打开后再上传。"))
        if _PDF_ENCRYPTED.search(view):
            raise FileRefused(_("PDF 文件设有密码或权限限制，无法核验。请取消密码后再上传。"))
        if _PDF_ACTIVE.search(view) or any(map(_PDF_ACTIVE.search, _pdf_objects(view))):
            raise FileRefused(_("PDF 文件带有脚本、启动命令或附件，不能接收。请用“打印为 PDF”另存后再上传。"))


def _pdf_objects(view: mmap.mmap) -> Iterator[bytes]:
    """The unpacked object streams, where newer PDFs keep their names."""
    position, budget = 0, MAX_UNPACKED_BYTES
    while found := _PDF_OBJECTS.search(view, position):
        start = view.find(b"stream", found.end())
        if start < 0:
            return
        if start - found.end() > CHUNK:  # a stray name, far from any stream
            position = start - CHUNK
            continue
        position = start + len(b"stream")
        tail = b""
        for inflated, cost in _inflate(view, position):
            budget -= cost
            if budget < 0:
                raise FileRefused(_bomb())
            yield tail + inflated
            tail = inflated[-64:]


def _inflate(view: mmap.mmap, position: int) -> Iterator[tuple[bytes, int]]:
    """Pieces of one stream, each with the bytes read and unpacked for it."""
    while view[position : position + 1] in {b"\r", b"\n", b" "}:
        position += 1
    inflater = zlib.decompressobj()
    while not inflater.eof:
        piece = inflater.unconsumed_tail
        if not piece:
            piece = view[position : position + CHUNK]
            position += len(piece)
        if not piece:
            return
        try:
            inflated = inflater.decompress(piece, CHUNK)
        except zlib.error as error:
            raise FileRefused(_("PDF 文件内部无法读取。请用“打印为 PDF”另存后再上传。")) from error
        yield inflated, len(piece) - len(inflater.unconsumed_tail) + len(inflated)


def _broken() -> str:
    return _("文件已损坏，无法打开。请在电脑上确认能正常打开，另存为新的文件后再上传。")


def _bomb() -> str:
    return _("文件解压后异常庞大，可能有风险。请精简内容或导出为 PDF 后再上传。")


def _macro() -> str:
    return _("文件带有宏，不能接收。请另存为不带宏的 docx 或 xlsx 后再上传。")


def _nested() -> str:
    return _("文件里嵌有压缩包或其他文档，无法核验。请删除嵌入的对象（图表可粘贴为图片），嵌入文件另传。")
