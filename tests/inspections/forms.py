"""What stands around and instead of tables: titles, notes, signatures, forms, cards, sheets that explain or count."""

from datetime import date
from random import Random
from typing import Any

from tests.inspections import due
from tests.inspections.grid import Block, Value
from tests.inspections.layouts import empty_truth
from tests.inspections.wording import AREAS, CAMPAIGNS, COUNTY, GOALS, ISSUERS, NOTES, PROSE, STATES, TOWNS, Words

EXPLANATION = [
    "填表说明",
    "1.本表由各责任单位如实填写，经主要负责同志审核后报送。",
    "2.“序号”按问题顺序连续编排，“整改时限”填写到日。",
    "3.“整改情况”应写明措施、进度和成效，不得只写“已整改”。",
    "4.报送后如有变化，应及时更新并说明原因。",
]
PROBLEM_LABELS = ["反馈问题", "问题描述", "存在问题", "整改任务", "具体问题"]


def written(day: date, chance: Random) -> str:
    """A date as heads of documents have it."""
    return chance.choice(
        [f"{day.year}年{day.month}月{day.day}日", f"{day.year}年{day.month:02}月{day.day:02}日", f"{day}"]
    )


def heading(chance: Random, words: Words, width: int, stated: date | None, may_merge: bool) -> Block:
    """Title, the unit that reports and the date, now and then a mark of the annex before and a sentence after."""
    block = Block(width=width, is_prose=True)
    merged = may_merge and chance.random() < 0.9
    if chance.random() < 0.2:
        block.add_row([chance.choice(["附件1", "附件：", "附表2"])])
    title = words.title()
    if stated and chance.random() < 0.15:
        title += f"（{stated.year}年{stated.month}月{stated.day}日）"
        block.add_band(title, merged)
        return block
    block.add_band(title, merged)
    issuer = chance.choice(["填报单位：", "填报单位（盖章）：", "报送单位："]) + COUNTY[:-1] + chance.choice(ISSUERS)
    day = chance.choice(["", "填报日期：", "日期："]) + written(stated, chance) if stated else ""
    if chance.random() < 0.3:
        block.add_band(f"{issuer}        {day}".strip(), merged)
    elif width >= 4 and day:
        half = width // 2
        line = block.add_row([issuer, *[None] * (half - 1), day])
        if merged:
            block.merge(line, 0, line, half - 1)
            block.merge(line, half, line, width - 1)
    else:
        block.add_band(issuer, merged)
        if day:
            block.add_band(day, merged)
    if chance.random() < 0.15:
        block.add_band(chance.choice(PROSE), merged)
    return block


def footing(chance: Random, words: Words, width: int, may_merge: bool) -> Block:
    """Notes and who signed."""
    block = Block(width=width, is_prose=True)
    if chance.random() < 0.7:
        note = chance.choice(NOTES)
        block.add_band(note, may_merge)
        if "1." in note:
            block.add_band("   2.问题按发现先后排列。", may_merge)
    if chance.random() < 0.6:
        signed = [f"填表人：{words.person()}", f"审核人：{words.person()}", "联系电话：0000-7654321"]
        if width >= 4 and chance.random() < 0.5:
            block.add_row(signed)
        else:
            block.add_band("        ".join(signed), may_merge)
    return block


def explanation() -> Block:
    """A sheet of instructions, in which no problem is reported."""
    block = Block(width=1, is_prose=True)
    for line in EXPLANATION:
        block.add_row([line])
    return block


def statistics(chance: Random) -> Block:
    """A sheet of counts for each town, in which no problem is reported."""
    block = Block(width=5)
    block.add_band("问题整改情况统计表")
    block.add_row(["序号", "乡镇", "问题总数", "已整改数", "整改率"])
    for number, town in enumerate(chance.sample(TOWNS, 4), start=1):
        count = chance.randint(4, 20)
        block.add_row([number, town, count, count // 2, f"{100 * (count // 2) // count}%"])
    return block


def put_pairs(block: Block, pairs: list[tuple[str, Value]], chance: Random, paired: bool = False) -> list[int]:
    """Labels with values over the rest of the width, two pairs in a line where short; each pair's line."""
    lines: list[int] = []
    waiting = list(pairs)
    while waiting:
        label, value = waiting.pop(0)
        room = paired and block.width >= 4 and waiting and len(str(value)) < 20 and len(str(waiting[0][1])) < 20
        if not room or chance.random() < 0.4:
            line = block.add_row([label, value])
            block.merge(line, 1, line, block.width - 1)
            lines.append(line)
            continue
        half = block.width // 2
        row: list[Value | None] = [None] * block.width
        row[0], row[1], row[half], row[half + 1] = label, value, *waiting.pop(0)
        line = block.add_row(row)
        block.merge(line, 1, line, half - 1)
        block.merge(line, half + 1, line, block.width - 1)
        lines += [line, line]
    return lines


def form_values(chance: Random, words: Words, today: date) -> tuple[list[tuple[str, Value]], dict[str, Any]]:
    """The pairs of a form above a table, and what they tell about each of its rows."""
    pairs: list[tuple[str, Value]] = []
    supplied: dict[str, Any] = {}
    if chance.random() < 0.8:
        place = words.place()
        pairs.append((chance.choice(["被检查对象", "检查地点", "点位名称"]), place))
        supplied["location"] = place
    if chance.random() < 0.7:
        names = words.units(chance.choice([1, 2]))
        pairs.append((chance.choice(["责任单位", "整改责任单位"]), "、".join(names)))
        supplied |= {"units": names, "lead_unit": ""}
    if chance.random() < 0.7 or not supplied:
        text, reading = due.phrase(chance, today)
        pairs.append((chance.choice(["整改时限", "整改期限", "完成时限"]), text))
        supplied |= {"deadline_text": text, "deadline": reading}
    if chance.random() < 0.2:
        campaign = chance.choice(CAMPAIGNS)
        pairs.append(("问题类别", campaign))
        supplied["category"] = campaign
    return pairs, supplied


def form(chance: Random, pairs: list[tuple[str, Value]], stated: date | None, width: int) -> Block:
    """A 督办单's upper half: the pairs among others that are about the paper itself."""
    block = Block(width=width)
    if chance.random() < 0.25:
        # The same, each label with its value in one cell over the whole width.
        day = [("日期", written(stated, chance))] if stated else []
        for label, value in [*pairs, *day]:
            block.add_band(f"{label}：{value}")
        return block
    others: list[tuple[str, Value]] = [
        ("文号", f"云督〔{(stated or date(2023, 1, 1)).year}〕{chance.randint(2, 40)}号"),
        ("督查主体", "云溪" + chance.choice(ISSUERS)),
        ("办理要求", "制定具体措施，认真整改，主要负责同志亲自过问"),
        ("联系人", "李某"),
    ]
    all_pairs = [*pairs, *chance.sample(others[1:], 2)]
    chance.shuffle(all_pairs)
    if stated:
        all_pairs.append(("签发日期", written(stated, chance)))
    put_pairs(block, [others[0], *all_pairs], chance, paired=chance.random() < 0.4)
    return block


def card_pairs(chance: Random, words: Words, today: date, truth: dict[str, Any]) -> list[tuple[str, Value]]:
    """What a card says beside its problem, each with its likelihood and its labels; the truth learns it all."""
    place, measures, status = words.place(), words.measures(), chance.choice(STATES)
    names, lead = words.units(chance.choice([1, 2, 3])), words.units(1)[0]
    text, reading = due.phrase(chance, today)
    area = chance.choice(list(AREAS))
    problem = words.problem(area)
    parts: list[tuple[float, list[str], str, dict[str, Any]]] = [
        (0.7, ["点位", "被检查对象", "涉及地点"], place, {"location": place}),
        (1.0, PROBLEM_LABELS, problem, {"problem": problem}),
        (0.5, ["整改目标"], chance.choice(GOALS), {}),
        (0.6, ["整改措施", "主要措施"], measures, {"measures": measures}),
        (1.0, ["责任单位", "整改责任单位"], "、".join(names), {"units": names}),
        (0.4, ["牵头单位"], lead, {"lead_unit": lead}),
        (0.8, ["整改时限", "完成时限", "整改期限"], text, {"deadline_text": text, "deadline": reading}),
        (0.8, ["整改情况", "整改完成情况", "整改落实情况"], status, {"status_text": status}),
        (0.3, ["问题类别"], area, {"category": area}),
        (0.4, ["监督电话"], "0000-7654321", {}),
    ]
    pairs: list[tuple[str, Value]] = []
    for likely, labels, value, known in parts:
        if chance.random() < likely:
            pairs.append((chance.choice(labels), value))
            truth.update(known)
    return pairs


def card(chance: Random, words: Words, today: date, stated: date | None) -> Block:
    """One problem on a sheet of its own, label beside value."""
    truth = empty_truth()
    pairs = card_pairs(chance, words, today, truth)
    at = next(place for place, (label, _) in enumerate(pairs) if label in PROBLEM_LABELS)
    if stated:
        pairs.append((chance.choice(["填报日期", "签发日期"]), written(stated, chance)))
    block = Block(width=chance.choice([2, 4, 4]))
    block.add_band(words.title())
    truth["row"] = put_pairs(block, pairs, chance, paired=True)[at]
    block.rows.append(truth)
    return block
