"""Damages made-up ledgers as mail, disks, careless hands and hostile ones do."""

import struct
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from random import Random

from xlsxwriter import Workbook

from tests.inspections.damage_archives import ARCHIVE_DAMAGES, edited_sheet
from tests.inspections.generator import Ledger, make_ledger
from tests.inspections.writers import LONG_AGO

Damage = Callable[[Random, Ledger], tuple[str, bytes]]
OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")


def written(fill: Callable[[Workbook], None], **options: bool) -> tuple[str, bytes]:
    """A workbook written here."""
    out = BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, **options}) as book:
        book.set_properties({"created": datetime(*LONG_AGO)})
        fill(book)
    return "问题清单.xlsx", out.getvalue()


# Bytes


def truncated(chance: Random, made: Ledger) -> tuple[str, bytes]:
    return made.name, made.bytes[: chance.randrange(len(made.bytes))]


def flipped(chance: Random, made: Ledger) -> tuple[str, bytes]:
    content = bytearray(made.bytes)
    for _ in range(chance.choice([1, 3, 30, 300])):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return made.name, bytes(content)


def overwritten(chance: Random, made: Ledger) -> tuple[str, bytes]:
    start = chance.randrange(len(made.bytes))
    noise = chance.randbytes(chance.randint(1, 400))
    return made.name, made.bytes[:start] + noise + made.bytes[start + len(noise) :]


def emptied(chance: Random, made: Ledger) -> tuple[str, bytes]:
    return made.name, chance.choice([b"", b"\n", b" " * 100, b"\x00" * 4096, b"\xef\xbb\xbf", b",,,\r\n,,,\r\n"])


def noise(chance: Random, made: Ledger) -> tuple[str, bytes]:
    head = chance.choice([b"", b"PK\x03\x04", OLE_MAGIC, b"\xff\xfe", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n"])
    return made.name, head + chance.randbytes(chance.randint(0, 5000))


def padded(chance: Random, made: Ledger) -> tuple[str, bytes]:
    more = chance.randbytes(500)
    return made.name, chance.choice([more + made.bytes, made.bytes + more, made.bytes * 2])


def renamed(chance: Random, made: Ledger) -> tuple[str, bytes]:
    endings = ["xlsx", "xls", "ods", "csv", "docx", "et", "wps", "pdf", "txt", "zip", "xlsm", "", "XLSX", "xlsx.exe"]
    return f"{made.name.rsplit('.', 1)[0]}.{chance.choice(endings)}", made.bytes


def strange_name(chance: Random, made: Ledger) -> tuple[str, bytes]:
    return chance.choice(
        ["", ".", "/etc/passwd", "..\\..\\a.xlsx", "a" * 5000 + ".xlsx", "\x00.xlsx", "\u202exslx.表"]
    ), made.bytes


def wrong_encoding(chance: Random, made: Ledger) -> tuple[str, bytes]:
    text = "序号,存在问题,责任单位\r\n1,沟渠堵塞，垃圾未清运,县水利局\r\n2,𠮷字与表情😀,县住建局\r\n"
    encoding = chance.choice(["utf-16", "utf-16-be", "utf-32", "gb18030", "utf-8", "utf-8-sig"])
    content = bytearray(text.encode(encoding))
    if chance.random() < 0.7:
        content[chance.randrange(len(content)) :] = chance.choice([b"\xff", b"\x81", b"\xed\xa0\x80", b"\x00\x00"])
    return "清单.csv", bytes(content)


def odd_csv(chance: Random, made: Ledger) -> tuple[str, bytes]:
    choices = [
        '序号,存在问题\r\n1,"没有结束的引号\r\n2,沟渠堵塞\r\n',
        "序号\t存在问题\n1\t沟渠堵塞\n",
        "序号;存在问题\n1;沟渠堵塞\n",
        "序号,存在问题\r1,沟渠堵塞\r",
        "序号,存在问题\r\n1,\x00沟渠\x07堵塞\x1b[31m\r\n",
        "序号,存在问题\r\n1,=HYPERLINK(1)\r\n2,@SUM(1)\r\n3,+1\r\n4,-1\r\n",
        "," * 5000 + "\r\n",
        "存在问题\r\n" + "长" * 200_000 + "\r\n",
    ]
    return "清单.csv", chance.choice(choices).encode(chance.choice(["utf-8", "gb18030"]))


def encrypted(chance: Random, made: Ledger) -> tuple[str, bytes]:
    """An OLE file with the stream names of an encrypted workbook; its tables are otherwise nonsense."""
    header = OLE_MAGIC + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * (512 - len(header) - 4)
    table = struct.pack("<III", 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFE) + b"\xff" * 500
    names = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBB", len(name) * 2 + 2, kind, 1)
        + b"\xff" * 12
        + b"\0" * 48
        for name, kind in [("Root Entry", 5), ("EncryptionInfo", 2), ("EncryptedPackage", 2), ("", 0)]
    )
    return chance.choice([made.name, "加密.xlsx", "加密.xls"]), header + table + names + chance.randbytes(4096)


# Contents


def many_rows(chance: Random, made: Ledger) -> tuple[str, bytes]:
    count = chance.choice([20_001, 100_000])
    if chance.random() < 0.7:
        lines = "".join(f"{n},沟渠堵塞{n},县水利局\r\n" for n in range(count))
        return "清单.csv", ("序号,存在问题,责任单位\r\n" + lines).encode("gb18030")
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(2, count))
    return edited_sheet(chance, lambda old: old.replace(b"</sheetData>", rows + b"</sheetData>", 1))


def many_columns(chance: Random, made: Ledger) -> tuple[str, bytes]:
    count = chance.choice([201, 1000])
    if chance.random() < 0.5:
        return "清单.csv", ("存在问题," * count + "\r\n" + "沟渠堵塞," * count + "\r\n").encode()

    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        for line in range(3):
            sheet.write_row(line, 0, [f"列{n}" for n in range(count)])

    return written(fill)


def many_sheets(chance: Random, made: Ledger) -> tuple[str, bytes]:
    def fill(book: Workbook) -> None:
        for number in range(chance.choice([60, 300])):
            book.add_worksheet(f"表{number}").write_row(0, 0, ["序号", "存在问题"])

    return written(fill)


def hostile_cells(chance: Random, made: Ledger) -> tuple[str, bytes]:
    """Texts as long as Excel takes, control characters, formulas as text and in earnest, strange days and numbers."""
    texts = [
        "长" * 32_767, "=1+1", "+86", "-沟渠堵塞", "@沟渠", "\x01\x02沟渠\x0b堵塞\x1f", "\ud7ff\ufffe沟渠",
        "1.甲；2." * 3000, "（" * 5000, "、" * 5000, "牵头单位：" * 500, "2" * 4000 + "年", "\u202e反了",
        "=cmd|' /C calc'!A0",
        "9" * 400, "十" * 3000 + "日内", "<b>&amp;</b>", "{{ 7*7 }}", "%s%n%x", "\u200b" * 300,
    ]  # fmt: skip

    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet("=表" if chance.random() < 0.2 else "表")
        dated = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["序号", "地点", "存在问题", "责任单位", "整改时限", "整改情况"])
        for line in range(1, chance.randint(2, 12)):
            for column in range(6):
                sheet.write_string(line, column, chance.choice(texts))
            if chance.random() < 0.5:
                sheet.write_number(line, 4, chance.choice([-1, 0, 60, 1e9, 2958465, 2958466, 1e300, 0.5, 73050]), dated)
            if chance.random() < 0.3:
                sheet.write_formula(line, 2, "=CONCATENATE(A1,B1)", None, chance.choice(["", "算出来的问题", 5]))
            if chance.random() < 0.3:
                sheet.write_boolean(line, 1, True)

    return written(fill)


def strange_days(chance: Random, made: Ledger) -> tuple[str, bytes]:
    day = chance.choice([date(1899, 12, 31), date(1989, 12, 31), date(2101, 1, 1), date(9999, 12, 31)])
    lines = [
        f"{day.year}年{day.month}月{day.day}日前",
        "0000-00-00",
        "2024年13月45日",
        "99999999日内",
        "〇年〇月〇日",
        "9" * 30,
    ]
    text = "填报日期：9999年99月99日\r\n序号,存在问题,整改时限\r\n"
    text += "".join(f"{n},沟渠堵塞{n},{line}\r\n" for n, line in enumerate(lines))
    return "清单.csv", text.encode("gb18030")


def no_table(chance: Random, made: Ledger) -> tuple[str, bytes]:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        for line in range(chance.randint(0, 6)):
            sheet.write(line, chance.randrange(4), chance.choice(["会议通知", 12, "请准时参加", "序号"]))

    return written(fill)


DAMAGES: list[Damage] = [
    truncated, flipped, overwritten, emptied, noise, padded, renamed, strange_name, wrong_encoding, odd_csv, encrypted,
    many_rows, many_columns, many_sheets, hostile_cells, strange_days, no_table, *ARCHIVE_DAMAGES,
]  # fmt: skip


def damaged(seed: int) -> tuple[str, bytes]:
    """The damaged file of a seed, and its name; the kinds of damage take turns."""
    chance = Random(seed)
    return DAMAGES[seed % len(DAMAGES)](chance, make_ledger(chance.randrange(10_000)))
