"""Damage done inside the archive: members lost, swapped or blown up, XML broken, absurd or hostile."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from random import Random

from tests.inspections.generator import Ledger, make_ledger
from tests.inspections.writers import LONG_AGO

SHEET = "xl/worksheets/sheet1.xml"


def a_workbook(chance: Random, kind: str = "xlsx") -> Ledger:
    """Some ledger of one format."""
    return next(made for made in map(make_ledger, iter(lambda: chance.randrange(10_000), None)) if made.format == kind)


def repacked(packed: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The zip with its members changed; None leaves one out."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(packed)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                target.writestr(dated(name), content)
    return out.getvalue()


def dated(name: str) -> zipfile.ZipInfo:
    """A member that does not tell the hour it was made, so that a seed gives the same bytes."""
    info = zipfile.ZipInfo(name, LONG_AGO)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def edited_sheet(chance: Random, change: Callable[[bytes], bytes], member: str = SHEET) -> tuple[str, bytes]:
    """A workbook with the XML of one member changed."""
    made = a_workbook(chance)
    return made.name, repacked(made.bytes, lambda name, old: change(old) if name == member else old)


def member_gone(chance: Random, made: Ledger) -> tuple[str, bytes]:
    made = a_workbook(chance, chance.choice(["xlsx", "xlsx", "ods", "docx"]))
    with zipfile.ZipFile(BytesIO(made.bytes)) as packed:
        gone = chance.choice(packed.namelist())
    return made.name, repacked(made.bytes, lambda name, old: None if name == gone else old)


def members_swapped(chance: Random, made: Ledger) -> tuple[str, bytes]:
    made = a_workbook(chance, chance.choice(["xlsx", "xlsx", "ods", "docx"]))
    with zipfile.ZipFile(BytesIO(made.bytes)) as packed:
        first, second = chance.sample(packed.namelist(), 2)
        swap = {first: packed.read(second), second: packed.read(first)}
    return made.name, repacked(made.bytes, swap.get)


def member_doubled(chance: Random, made: Ledger) -> tuple[str, bytes]:
    """Every member twice under one name; written by hand, for zipfile would warn."""
    made = a_workbook(chance)
    out = BytesIO(made.bytes)
    with zipfile.ZipFile(out, "a") as packed:
        packed.NameToInfo.pop(SHEET, None)
        packed.writestr(dated(SHEET), b"<worksheet/>")
    return made.name, out.getvalue()


def zip_of_zips(chance: Random, made: Ledger) -> tuple[str, bytes]:
    content = made.bytes
    for depth in range(chance.randint(1, 4)):
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            packed.writestr(dated(f"{depth}/{made.name}"), content)
        content = out.getvalue()
    return chance.choice([made.name, "清单.xlsx", "清单.zip"]), content


def bomb(chance: Random, made: Ledger) -> tuple[str, bytes]:
    """Little on disk, 200 MB or more when opened; the member is one the reader must open, or any other."""
    kind = chance.choice(["xlsx", "ods", "docx"])
    made = a_workbook(chance, kind)
    main = {"xlsx": SHEET, "ods": "content.xml", "docx": "word/document.xml"}[kind]
    out = BytesIO(repacked(made.bytes, lambda name, old: None if name == main else old))
    blow = chance.choice([b" ", b"\0", b"<row/>", b"<c><v>1</v></c>"])
    piece = blow * (1_000_000 // len(blow))
    bulky = dated(chance.choice([main, "xl/media/image1.bin"]))
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
        packed.open(bulky, "w", force_zip64=True) as member,
    ):
        member.write(b'<?xml version="1.0"?><worksheet><sheetData>')
        for _ in range(200):
            member.write(piece)
    return made.name, out.getvalue()


def lying_sizes(chance: Random, made: Ledger) -> tuple[str, bytes]:
    """The archive's directory says that its members are small, large or stored elsewhere."""
    content = bytearray(a_workbook(chance).bytes)
    place, offset = 0, chance.choice([16, 20, 24, 28, 42])
    while (place := content.find(b"PK\x01\x02", place)) >= 0:
        content[place + offset : place + offset + 2] = chance.randbytes(2)
        place += 46
    return made.name, bytes(content)


def broken_xml(chance: Random, made: Ledger) -> tuple[str, bytes]:
    kind = chance.choice(["xlsx", "xlsx", "ods", "docx"])
    made = a_workbook(chance, kind)
    with zipfile.ZipFile(BytesIO(made.bytes)) as packed:
        hurt = chance.choice([name for name in packed.namelist() if name.endswith((".xml", ".rels"))])

    def change(name: str, old: bytes) -> bytes:
        if name != hurt:
            return old
        cut = chance.randrange(len(old) + 1)
        return chance.choice(
            [old[:cut], old[:cut] + b"<" + old[cut:], old[:cut] + b"&none;" + old[cut:], b"", b"\xff" + old]
        )

    return made.name, repacked(made.bytes, change)


def entities(chance: Random, made: Ledger) -> tuple[str, bytes]:
    """A document type with entities that multiply, or that fetch a file."""
    lines = ['<!ENTITY a0 "哈哈哈哈哈哈哈哈哈哈">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    lines += ['<!ENTITY out SYSTEM "file:///etc/passwd">']
    kind, member = chance.choice(
        [("xlsx", "xl/sharedStrings.xml"), ("xlsx", SHEET), ("ods", "content.xml"), ("docx", "word/document.xml")]
    )
    made = a_workbook(chance, kind)
    used = chance.choice([b"&a9;", b"&out;"])

    def change(name: str, old: bytes) -> bytes:
        if name != member:
            return old
        head, _, rest = old.partition(b"?>")
        root = rest.lstrip()[1:].split(b" ", 1)[0].split(b">", 1)[0].decode()
        kinds = f"<!DOCTYPE {root} [{''.join(lines)}]>".encode()
        hit = chance.choice([b"</t>", b"</text:p>", b"</w:t>", b"</v>"])
        return head + b"?>" + kinds + rest.replace(hit, used + hit, 3)

    return made.name, repacked(made.bytes, change)


def deep_xml(chance: Random, made: Ledger) -> tuple[str, bytes]:
    depth = chance.choice([300, 5000, 100_000])
    nested = b"<a>" * depth + b"</a>" * depth
    member = chance.choice([SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
    return edited_sheet(chance, lambda old: old.replace(b"</", nested + b"</", 1), member)


def absurd_dimension(chance: Random, made: Ledger) -> tuple[str, bytes]:
    said = chance.choice(
        [b"A1:XFD1048576", b"A1:ZZZ9999999", b"B9:A1", b"", b"0:0", b"A0", b"A1:A99999999999999999999"]
    )
    return edited_sheet(
        chance, lambda old: old.replace(b'<dimension ref="', b'<dimension ref="' + said + b'" was="', 1)
    )


def absurd_cells(chance: Random, made: Ledger) -> tuple[str, bytes]:
    """Cells at addresses that do not exist, out of order, far away, or pointing to no string."""
    cell = chance.choice(
        [
            b'<c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c>',
            b'<c r="AAAAAAA1"><v>1</v></c>',
            b'<c r="A0"><v>1</v></c>',
            b'<c r=""><v>1</v></c>',
            b'<c r="C3" t="s"><v>99999999</v></c>',
            b'<c r="C3" t="s"><v>-1</v></c>',
            b'<c r="C3" s="65000"><v>1e308</v></c>',
            b'<c r="C3" t="d"><v>9999-99-99</v></c>',
            b'<c r="C3" t="e"><v>#REF!</v></c>',
            b'<c r="C3" t="zz"><v>NaN</v></c>',
            b'<c r="C3"><f>SUM(A1:A9)</f></c>',
        ]
    )
    row = b'<row r="' + chance.choice([b"1048576", b"3", b"0", b"-5", b"x", b"99999999999"]) + b'">'
    return edited_sheet(chance, lambda old: old.replace(b"</sheetData>", row + cell + b"</row></sheetData>", 1))


def absurd_merges(chance: Random, made: Ledger) -> tuple[str, bytes]:
    """Merged ranges that overlap, cover the whole sheet, stand on their head or are no ranges."""
    choices = [
        b"A1:XFD1048576",
        b"A1:B9",
        b"B2:C5",
        b"A3:H3",
        b"C9:A1",
        b"A1",
        b"",
        b"A1:",
        b"ZZZZ1:A2",
        b"A5:A1048576",
        b"A1:ZZ3",
    ]
    ranges = chance.choices(choices, k=chance.randint(1, 6)) * chance.choice([1, 1, 500])
    said = b"".join(b'<mergeCell ref="' + name + b'"/>' for name in ranges)
    merges = b"<mergeCells>" + said + b"</mergeCells>"

    def change(old: bytes) -> bytes:
        start, end = old.find(b"<mergeCells"), old.find(b"</mergeCells>")
        rest = old[:start] + old[end + 13 :] if start > 0 else old
        return rest.replace(b"</sheetData>", b"</sheetData>" + merges, 1)

    return edited_sheet(chance, change)


def absurd_columns(chance: Random, made: Ledger) -> tuple[str, bytes]:
    """Hidden columns and rows beyond the sheet, or all of them."""
    said = chance.choice(
        [b'min="1" max="16384"', b'min="0" max="99999999"', b'min="9" max="1"', b'min="x" max=""', b""]
    )
    cols = b"<cols><col " + said + b' hidden="1"/></cols>'
    return edited_sheet(chance, lambda old: old.replace(b"<sheetData>", cols + b"<sheetData>", 1))


def absurd_spans(chance: Random, made: Ledger) -> tuple[str, bytes]:
    """OpenDocument or Word cells that say they span or repeat without end."""
    many = chance.choice([b"1048576", b"99999999", b"2147483648", b"-1", b"0", b"x", b""])
    if chance.random() < 0.5:
        attribute = chance.choice([b"number-columns-repeated", b"number-rows-spanned", b"number-columns-spanned"])
        kind, main, times = "ods", "content.xml", 2
        swaps = [
            (b"<table:table-cell ", b"<table:table-cell table:" + attribute + b'="' + many + b'" '),
            (b"<table:table-row ", b'<table:table-row table:number-rows-repeated="' + many + b'" '),
        ]
    else:
        kind, main, times = "docx", "word/document.xml", chance.randint(1, 9)
        merge = chance.choice([b"", b'<w:vMerge w:val="continue"/>', b'<w:vMerge w:val="zz"/>'])
        swaps = [(b"<w:tcPr>", b'<w:tcPr><w:gridSpan w:val="' + many + b'"/>' + merge)]
    made = a_workbook(chance, kind)

    def change(name: str, old: bytes) -> bytes:
        for spot, more in swaps if name == main else []:
            old = old.replace(spot, more, times)
        return old

    return made.name, repacked(made.bytes, change)


ARCHIVE_DAMAGES = [
    member_gone,
    members_swapped,
    member_doubled,
    zip_of_zips,
    bomb,
    lying_sizes,
    broken_xml,
    entities,
    deep_xml,
    absurd_dimension,
    absurd_cells,
    absurd_merges,
    absurd_columns,
    absurd_spans,
]
