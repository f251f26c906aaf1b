"""What a public notice must not carry: ID numbers, phones, bank accounts, health, full names (DOMAIN §5).

Found by shape, so some of it is found too often and a name nobody would take for one is missed: the office reads the
sheet before it goes up. Source of the rule: 政府信息公开条例 第十五条 and 个人信息保护法 第二十八条.
"""

import re
from collections.abc import Callable, Iterable

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻苏潘葛范彭郎鲁韦马苗方俞任袁柳"
    "史唐费薛雷贺倪汤罗毕郝安常于傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄米贝明臧计成戴宋庞熊纪舒屈项祝董梁杜阮"
    "闵席季贾江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍万柯卢莫房解应宗丁邓单洪包左石崔龚程裴陆翁侯宓段巫焦"
    "谷车宁仇甘武刘景龙叶白蒲廖耿文寇欧师关曾沙"
)
# A person is named after one of these, or before one of those; a bare name in the middle of words is not guessable.
_BEFORE = (
    r"(?:户主|农户|村民|群众|贫困户|脱贫户|监测户|监测对象|低保户|五保户|残疾人|老人|学生|居民|当事人"
    r"|举报人|反映人|申请人|受益人|患者)"
)
_AFTER = r"(?:户|家|老人|夫妇|夫妻|本人|等人|等户|同志|之妻|之子|之女|之父|之母|一家|反映|举报|投诉)"
_NAME = rf"[{SURNAMES}][一-龥]{{1,2}}"
_GENERAL = re.compile(
    r"某|部分|全部|所有|多数|少数|有关|相关|个别|涉及|代表|反映|意见|满意|评议|自治|住房|饮水|用水|收入|转移"
)

ID_NUMBER = re.compile(r"(?<!\d)\d{6}(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]?(?![\dXx])")
_GAP = "[-－—–\\s]"
PHONE = re.compile(
    rf"(?<!\d)(?:(?:\+?86{_GAP}?)?1[3-9]\d{_GAP}?\d{{4}}{_GAP}?\d{{4}}"
    rf"|[（(]?0\d{{2,3}}(?:[）)]{_GAP}?|{_GAP})\d{{7,8}})(?!\d)"
)
# No sum, quantity or document number has fifteen digits; two numbers written into one another still go.
BANK = re.compile(rf"(?<!\d)(?:\d{_GAP}?){{14,}}\d(?!\d)")
_NARROW = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")
HEALTH = re.compile(
    r"(?:身患|患有|确诊|罹患|患)[一-龥、]{1,15}"
    r"|[一二三四]级(?:肢体|视力|听力|言语|智力|精神|多重)?残疾"
    r"|(?:癌症|肿瘤|尿毒症|艾滋病|精神病|精神分裂症|白血病|结核病?|糖尿病|高血压|心脏病|肝炎)"
)
NAMED = re.compile(rf"({_BEFORE}[：:“\"]?)({_NAME})(?![一-龥]*村)|(?<![一-龥])({_NAME})(?={_AFTER})")


def mask(text: str) -> str:
    """The text as it may be put up; digits typed in full width are read, and left, in half width."""
    text = text.translate(_NARROW)
    text = ID_NUMBER.sub("（身份证号略）", text)
    text = PHONE.sub("（电话略）", text)
    text = BANK.sub("（账号略）", text)
    text = HEALTH.sub("（健康情况略）", text)
    return NAMED.sub(_some_one, text)


def _some_one(found: "re.Match[str]") -> str:
    before, name = (found[1], found[2]) if found[2] else ("", found[3])
    return found[0] if _GENERAL.search(name) else f"{before}{name[0]}某某"


_KINDS: tuple[tuple[str, Callable[[str], Iterable[object]]], ...] = (
    ("身份证号", ID_NUMBER.findall),
    ("电话号码", PHONE.findall),
    ("银行账号", BANK.findall),
    ("健康情况", HEALTH.findall),
    ("完整姓名", lambda text: [found for found in NAMED.finditer(text) if _some_one(found) != found[0]]),
)


def private_kinds(text: str) -> list[str]:
    """Which kinds of private facts stand in a text, by their Chinese names; empty where it may be put up."""
    text = text.translate(_NARROW)
    return [name for name, find in _KINDS if any(True for _found in find(text))]
