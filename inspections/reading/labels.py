"""Labels of forms: which texts may name a value, and labels with their values written into one cell."""

import re
from collections.abc import Iterator

from inspections.reading.headers import is_header_word, plain

ISSUER = re.compile(
    r"(?:填报|填表|报送|制表|编制|发文|印发|检查|督查|督导|下发|交办|督办|巡察|督察"
    r"|上报|编报|制发|通报|反馈|暗访|核查|排查|审计)(?:单位|部门|主体|机关|组)(?:盖章"
    r"|公章)?|督查组|巡察组|检查组|制表|发文字号单位"
)
DATE_LABEL = re.compile(
    r"(?:填报|填表|签发|成文|印发|制表|发文|下发|交办|下达|反馈|报送|督办|通报|编制"
    r"|落款|制发|统计|上报|检查|督查|发布|公布)?(?:日期|时间|年月日)"
)
_INLINE = re.compile(
    r"([^\s:：,，。;；()（）]{2,12}(?:[(（][^()（）]{1,6}[)）])?)[:：]\s*"
    r"(.*?)(?=\s{2,}|\s+[^\s:：]{2,8}[:：]|[;；\n]|$)"
)
_MEASURE_UNIT = re.compile(r"(?:万|亿|百万)?(?:元|个|户|人|亩|公里|米|平方米|处|件|项|%|吨|次|家|条)(?:[、/,，]\S+)?")
_FORM = re.compile(
    r"\S{0,6}(?:文号|主送|抄送|签发|签收|异议\S{0,2}受理|领导批示|办理要求|报送要求|工作要求|督办依据)\S{0,4}"
    r"|\S{1,8}(?:人|单位|部门|时间|日期|时限|期限|要求|情况|内容|地址|电话|类型|性质|等级|来源|方式|名称|编号|意见|目标|事项|领导|主体|标准|结论)"
)


def inline_pairs(text: str) -> Iterator[tuple[str, str]]:
    """Labels and values written into one cell, as 填报单位：某办."""
    for found in _INLINE.finditer(text):
        value = found[2].strip(" 。")
        if value and not _MEASURE_UNIT.fullmatch(value) and is_label(found[1]):
            yield found[1], value


def is_label(text: str) -> bool:
    """Whether the text may name a value in a form."""
    words = plain(re.sub(r"[(（][^()（）]*[)）]", "", text))
    return is_header_word(words) or bool(
        ISSUER.fullmatch(words) or DATE_LABEL.fullmatch(words) or _FORM.fullmatch(words)
    )


def says_label(text: str) -> bool:
    """Whether the text holds nothing but labels with their values, or begins with one."""
    found = _INLINE.match(text)
    return found is not None and is_label(found[1])
