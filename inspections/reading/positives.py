"""Tells a row that reports something fine from one that reports a problem."""

import re

_CLAUSES = re.compile(r"[，,。；;！!\n]+")
_NUMBERED = re.compile(r"^(?:[(（]?\d{1,2}[)）.、．]|[①-⑳]|[(（]?[一二三四五六七八九十]{1,2}[)）、.])\s*")
_BAD_THING = (
    r"问题|隐患|异常|不足|缺陷|违[规法章建]\S{0,4}|脏乱差?|乱\S{1,4}|垃圾|杂物|积水"
    r"|破损|污\S|漏\S|堆\S|占道\S*|死角|现象|短板|病害|损坏|杂草|"
    r"漂浮物|小广告|异味|臭味|情况发生|投诉|安全事故|事故|超标|焚烧|散养|飞线|噪[音声]"
    r"|扬尘|裸露\S*|返贫\S*|拖欠\S*|偏差|差错"
)
# A clause that says in so many words that nothing is wrong.
_NOTHING_WRONG = re.compile(
    rf"(?:暂|均|都|尚|暂时|目前|也|并)*"
    rf"(?:未(?:能|曾)?(?:发现|见|出现|检出|查出|发生|存在)|(?:没有?|无|不存在)(?:有|发现|见|出现|检出|查出|发生|存在)?)"
    rf"(?:任何|明显|突出|其他|其它|重大|较大|上述|新的|一般|相关|此类|的|严重)*\S{{0,8}}?"
    rf"(?:{_BAD_THING})(?:的)?(?:情况|现象|行为|发生|存在)?$"
    r"|^(?:暂|均)?无$|^没有$|^暂无$"
)
_FINE = re.compile(
    r"(?:良好|较好|很好|挺好|更好|优良|优秀|优异|达标|合格|井然|整洁|干净|清爽|有序"
    r"|规范|完好|齐全|健全|完整|正常|到位|及时|满意|优美|整齐|平稳|"
    r"符合(?:相关|有关|规范|国家|技术|管理|规定|标准|要求|文明|卫生|的|建设|安全)+"
    r"|无误|扎实|稳定|过硬|清楚|清晰|有力|得力|浓厚|满意度较?高|率较?高|达到\S{0,6}"
    r"(?:标准|要求)|好)"
    r"(?:有序|到位|规范)?(?:状态|水平|成效|效果|氛围)?(?:的)?$"
)
_STRONG = re.compile(
    r"(?:整体|总体|基本|全部|均|都|情况|状况|环境|卫生|秩序|质量|管理|保持)\S{0,8}"
    r"(?:良好|较好|很好|优良|达标|合格|满意|好)|^(?:良好|达标|合格|较好|优秀|正常|完好)$"
    r"|整洁有序|干净整洁"
)
_BAD = re.compile(
    r"不(?!断|仅|但|存在|见|同)|未(?!见|发现|出现|检出|查出|发生|曾|存在)|没有(?!发现"
    r"|出现)|缺|欠|差(?!异|错)|乱|脏|破|损|坏|漏|堵|占道|滞后|薄弱|隐患|但|仍|"
    r"然而|尚|有待|待|较少|较低|过低|过少|流于|虚|违|失|污|臭|裸露|陈旧|老旧|缓慢|松懈"
    r"|松散|模糊|遗失|难以|低|弱|粗|浅|淡|偏|堆放|堆积|散落|"
    r"问题(?!整改|已|均|全部|反馈)|短板|个别|少数|部分|有的|存在|超标|不好|亟|急需"
    r"|需(?:要)?(?:进一步|加强|整改|改进|完善)"
)
_SCOPE = re.compile(
    r"^(?:(?:经|现场|本次|此次|当日|实地|随机)?(?:现场|实地)?(?:检查|查看|核查|督查"
    r"|抽查|暗访|走访|巡查|复查|督导|调研|了解|查阅资料)\S{0,8}|"
    r"(?:总体|整体|总的)(?:来看|上|看|情况)?|\S{1,12}(?:时|期间)|较\S{1,4}有\S{0,2}(?:提升|改善|进步))$"
)
_PRAISED = re.compile(
    r"成效|成绩|亮点|好的?(?:做法|方面|经验|典型)|先进|(?<!反面)典型(?!问题)|红榜|优点"
    r"|表扬|肯定|(?:良好|较好|优秀|达标|合格|无问题|没有问题)(?:的)?"
    r"(?:村|点位|单位|小区|社区|地方|方面|情况|乡镇|街道|部分|点|镇街|类|企业)?$|整体"
    r"(?:情况)?(?:良好|较好)|未发现(?:明显)?问题"
)
_BLAMED = re.compile(r"问题(?!的)|不足|反面|黑榜|不合格|不达标|未达标|较差|隐患|不力|不良|不好|短板|不够|整改")
_DOUBTED = re.compile(r"(?:不|未|没有|欠)(?:\S{0,2})(?:达标|合格|良好|明显|突出|显著|到位)(?!问题)")
LONGEST = 120


def is_fine(text: str) -> bool:
    """Whether the whole text says that something is in order; a single doubt makes it a problem."""
    if not text or len(text) > LONGEST:
        return False
    clauses = [clause for clause in (_NUMBERED.sub("", part.strip()) for part in _CLAUSES.split(text)) if clause]
    judged = [_judge(clause) for clause in clauses]
    return bool(judged) and "bad" not in judged and "unclear" not in judged and "fine" in judged


def _judge(clause: str) -> str:
    """What one clause says: fine, bad, scope (says nothing by itself) or unclear."""
    rest = _NOTHING_WRONG.sub("", clause)
    if _BAD.search(rest):
        return "bad"
    if rest != clause:
        return "fine"
    if _STRONG.search(clause) or _FINE.search(clause):
        return "fine"
    return "scope" if _SCOPE.match(clause) else "unclear"


def is_praise(heading: str) -> bool:
    """Whether a heading announces what is fine, such as 工作亮点 or 无问题的村."""
    praised = bool(heading) and bool(_PRAISED.search(heading)) and not _DOUBTED.search(heading)
    return praised and not _BLAMED.search(_PRAISED.sub("", heading))


def reports_problem(text: str) -> bool:
    """Whether any clause says that something is wrong; under a heading of praise only that makes a problem."""
    return any(_judge(_NUMBERED.sub("", part.strip())) == "bad" for part in _CLAUSES.split(text) if part.strip())
