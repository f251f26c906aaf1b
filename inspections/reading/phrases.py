"""The grammar of deadline phrases: patterns for dates, months, lengths and words, on normalised text."""

import re
import unicodedata
from dataclasses import dataclass

NUM = r"(?:\d+|[〇零一二三四五六七八九十百两]+)"
YEAR = r"(?:(?<!\d)\d{4}|[〇零○一二三四五六七八九]{4}|(?<!\d)\d{2}(?=年))"
_N2 = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_D2 = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3}|[二三]十[一二三四五六七八九]?)"

# 今年、明年、次年 stand for a year; 本月、下月、次月 for a month.
RELATIVE_YEARS = {
    "今年": 0,
    "本年度": 0,
    "本年": 0,
    "当年": 0,
    "全年": 0,
    "明年": 1,
    "次年": 1,
    "下一年": 1,
    "来年": 1,
    "去年": -1,
    "后年": 2,
}
RELATIVE_MONTHS = {
    "本月": 0,
    "当月": 0,
    "这个月": 0,
    "下个月": 1,
    "下月": 1,
    "次月": 1,
    "下下个月": 2,
    "上月": -1,
    "上个月": -1,
}
WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 6}

_YEAR_PART = rf"(?:(?P<year>{YEAR})年?度?|(?P<ryear>今年|本年度?|当年|明年|次年|下一年|来年|去年|后年))"

DAY = re.compile(
    rf"(?:{_YEAR_PART}[年]?)?(?P<month>{_N2})月份?(?P<day>{_D2})(?:日|号|(?=前|之前"
    rf"|以前|止|完成|底|$|[,;，；。、)至到\-—~]))"
)
DAY_IN_MONTH = re.compile(
    r"(?P<rmonth>本月|当月|这个月|下个月|下月|次月|上月|上个月)(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})[日号]"
)
NUMERIC_DAY = re.compile(
    r"(?<![\d.])(?:(?P<year>\d{4}|(?<!\d)\d{2})(?P<sep>[-./年])(?P<month>\d{1,2})[-./月]"
    r"(?P<day>\d{1,2})日?)(?!\d|[./]\d)"
)
COMPACT_DAY = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)")
SHORT_DAY = re.compile(r"(?<![\d.])(?P<month>\d{1,2})[./](?P<day>\d{1,2})(?![\d./%])")
MONTH = re.compile(rf"(?:{_YEAR_PART}[年]?)?(?P<month>{_N2})月份?")
MONTH_NUMERIC = re.compile(r"(?<![\d.])(?P<year>\d{4})[-./](?P<month>\d{1,2})月?份?(?!\d)")
RELATIVE_MONTH = re.compile(r"(?P<rmonth>本月|当月|这个月|下下个月|下个月|下月|次月)(?:份)?")
BARE_MONTH_END = re.compile(r"(?<![\d一二三四五六七八九十个本下次当])月(?:底|末)")
QUARTER = re.compile(
    rf"(?:{_YEAR_PART}[年]?)?(?:第?(?P<quarter>[一二三四1-4])个?季度?|[qQ](?P<q>[1-4])"
    rf"|(?P<rquarter>本|下|当|次)(?:一)?个?季度?)"
)
HALF = re.compile(rf"(?:{_YEAR_PART}[年]?)?(?P<half>上|下)半年")
YEAR_END = re.compile(
    r"(?:(?P<year>(?<!\d)\d{4}|[〇零○一二三四五六七八九]{4})年?度?年?|(?P<ryear>今年年?"
    r"|本年度?|当年|全年|明年年?|次年年?|来年年?|后年))"
    r"(?P<tail>年?(?:底|末)|年?内|之内|以内|度|(?<=[年度])(?:$|(?=完成|全面|全部|整改|实现|达到)))"
)
BARE_YEAR_END = re.compile(r"(?<![\d〇零一二三四五六七八九今明本])年(?:底|末|内|终)")
WEEK = re.compile(
    r"(?P<which>本|这|下|下下)?个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末])|(?P<whole>本"
    r"|这|下)个?(?:周|星期)(?:内|之内)?"
)
PART = re.compile(r"^份?(?P<part>上旬|中旬|下旬|初|中|底|末|月底|月末)")
BEFORE = re.compile(r"^[\s,，]*(?:\(?含\)?)?(?:之前|以前|前|止|为止|内|之内|以内|期间)?")
TIME = re.compile(
    r"\s*(?P<half>上午|下午|中午|晚上?|傍晚|早上|凌晨|夜间)?\s*(?P<hour>\d{1,2})(?:[:：时点]"
    r"(?P<minute>\d{1,2}|半)?分?(?:\d{2})?|[:：](?P<minute2>\d{2}))(?P<sharp>整)?|\s*"
    r"(?P<word>下班|上班)"
)
_TO = r"\s*(?:起)?\s*(?:至|到|—+|-+|–|~+)\s*"
MONTHS = re.compile(
    rf"(?:{_YEAR_PART}[年]?)?(?P<month>{_N2})(?:月份?)?{_TO}(?P<last>{_N2})月份?(?!\d|[一二三四五六七八九十])"
)
DAYS = re.compile(rf"(?:{_YEAR_PART}[年]?)?(?P<month>{_N2})月份?(?P<day>{_D2})[日号]?{_TO}(?P<last>{_D2})[日号]")
YEARS = re.compile(rf"(?<!\d)(?P<year>\d{{4}})年?度?{_TO}(?P<last>\d{{4}})年度?(?!\d)(?=底|末|$|\D{{0,6}}$)")
JOIN = re.compile(r"^\s*(?:起)?\s*(?:至|到|—+|-+|–|~+|～|－)\s*")
OPEN_JOIN = re.compile(
    r"(?:即日|即时|现在|目前|今日|当日|发文之日|印发之日|交办之日|签发之日|文件印发之日)起?\s*(?:至|到|—+|-+|~+)\s*"
)

WITHIN = re.compile(
    rf"(?P<count>{NUM}|半)\s*(?P<half>个半)?(?P<ge>个)?\s*(?P<unit>工作日|自然日|日历天"
    rf"|日历日|天|日|周|星期|礼拜|季度|月|年|小时)(?P<extra>半)?(?:时间)?\s*(?:之内"
    rf"|以内|内)"
)
LENGTH = re.compile(
    rf"(?P<lead>为期|历时|用时|周期为?|工期|期限为?|时间为?|限期|限时|限|共计?)?\s*"
    rf"(?P<count>{NUM}|半)\s*(?P<half>个半)?(?P<ge>个)?\s*(?P<unit>工作日|自然日|日历天"
    rf"|天|周|星期|季度|月|年|日|小时)(?P<extra>半)?"
)
LIMITED = re.compile(
    rf"(?:限期|限时|限其?|限于)\s*(?P<count>{NUM}|半)\s*(?P<half>个半)?(?P<ge>个)?\s*"
    rf"(?P<unit>工作日|自然日|天|日|周|星期|月|年|小时)(?P<extra>半)?(?!\d|前|底|[一二三四五六七八九十])"
)
SPAN_OF_COUNTS = re.compile(rf"{NUM}\s*(?:-|—|~|至|到|、)\s*{NUM}\s*个?(?:工作日|天|日|周|月|年)(?:之内|以内|内)")
EVERY = re.compile(
    rf"(?:每(?:隔)?|按|逐)\s*(?P<count>{NUM}|半)?\s*个?\s*(?P<unit>工作日|天|日|周|星期"
    rf"|旬|月|季度?|年度?|学期)|(?P<word>半年|季度|月度|年度|每旬)一(?:次|报|调度|通报"
    rf"|查|更新)"
)
TIMES_A = re.compile(rf"(?:每|一)(?P<unit>年|月|周|季度)\S{{0,8}}?(?P<times>{NUM})次")
TIMES = re.compile(rf"(?:不少于|至少|开展|组织|召开|报送|调度|进行)*(?P<times>{NUM})次")

ASOF = re.compile(r"截至|截止到|截止至")
CUTOFF = re.compile(r"截止")
NOTHING_FIXED = re.compile(
    r"不定期|适时|另行通知|待定|视情\S{0,4}|视\S{1,8}而定|未定|择期|随时|根据实际|暂无|无时限|无明确时限|尽快|抓紧|尽早"
)
DONE = re.compile(
    r"^(?:已\S{0,24}|(?:全部|均|现|基本)已\S{0,12}|完成整改|整改完成|整改完毕|整改到位"
    r"|完成|办结|销号|已完成|结束)(?:[。;；]|$)"
)
AFTER = re.compile(r"(?:之后|以后|后)(?!续)")
HEDGE = re.compile(r"争取|力争|原则上|尽量|尽可能|预计|大约|约(?=\d)|左右|拟于|计划于|初步")
CLASS_WORDS = (
    (
        "立行立改",
        re.compile(
            r"立行立改|立即?知?即改|即知即改|即查即改|即行即改|立查立改|边查边改|边督边改|边审边改"
            r"|立整立改|立即(?:整改|改正|纠正|完成|办理|清理|落实|开展|修复|停止|\S{0,4}到位)?"
            r"|马上\S{0,3}|当即\S{0,3}|当场\S{0,3}|(?:当日|当天|今日|即日)(?:内|前|之内)?(?:整改"
            r"|完成|办结|改正|清理|到位)?\S{0,2}$|现场整改|即时整改|即刻\S{0,3}|随即整改|立改"
        ),
    ),
    (
        "长期坚持",
        re.compile(
            r"长期坚持|长期整改|长期推进|长期落实|长期执行|长期|持续(?:推进|整改|坚持|落实"
            r"|用力|巩固|开展|改进|深化|抓好|加强|做好|整治|实施|完善|进行|\S{0,2}提升)?|常态化?"
            r"(?:推进|坚持|整改|长效|开展|保持|落实|管理)?|常抓不懈|长效(?:坚持|机制|管理)?"
            r"|久久为功|坚持经常|一以贯之|全年坚持|贯穿全年"
        ),
    ),
    (
        "分阶段整改",
        re.compile(
            r"分阶段(?:整改|推进|完成|实施)?|分步(?:实施|推进|整改)?|分批(?:整改|推进|完成)?"
            r"|分期(?:整改|推进)?|逐步(?:整改|推进|完成|解决)?|有序推进|阶段性(?:整改|完成"
            r"|推进)|按序时(?:进度)?(?:推进)?|序时推进"
        ),
    ),
    ("限期整改", re.compile(r"限期(?:整改|完成|改正|办结|解决|整治|治理)?|定期整改|限时(?:整改|完成|办结)?")),
)
# What may stand around a date without changing it.
NOISE = re.compile(
    r"[\s,，、。;；:：()（）\[\]【】“”\"'《》+和及并且与等]|要求|要|须|应|必须|请|务必"
    r"|确保|于|在|将|限其|限你\S{0,4}|限|期限|时限|时间|整改|完成|全面|全部|彻底|到位"
    r"|完毕|落实|整治|办结|办理|销号|上报|报送|报|反馈|回复|提交|"
    r"前|之前|以前|内|之内|以内|止|底|末|期间|左右|最迟|最晚|不迟于|不晚于|不超过|不得超过"
    r"|至|到|起|自|从|之日|日起|即日|收到|接到|文件|通知|通报|本|该|截止|前期|需|需要"
    r"|力争|争取|原则上|预计|计划|拟|基本|"
    r"取得|实质性|进展|阶段性|成效|任务|工作|问题|报告|决定|审计|意见|书|函|告知|交办"
    r"|反馈|下发|印发|发文|当日|次日|算|计|共|的|含|为|完|每|组织|开展|一次|进行"
)
_LEFT = re.compile(r"\d|[年月周旬季]|[一二三四五六七八九十]+[日号天个]|星期|底|末|初|前|内")


@dataclass(frozen=True, slots=True)
class Text:
    """The phrase as written and as the patterns want it."""

    raw: str
    plain: str


def normalised(text: str) -> Text:
    """Full-width digits and blanks made plain; quotation marks around festivals dropped."""
    plain = unicodedata.normalize("NFKC", text.strip())
    plain = re.sub(r"[“”\"'‘’「」『』]", "", plain)
    plain = re.sub(
        r"(?<=[年月日号])[ \t]+(?=[\d年月日号底末前上中下])|(?<=\d)[ \t]+(?=[年月日号个工天周])"
        r"|(?<=[\u4e00-\u9fff])[ \t]+(?=\d+[年月日])",
        "",
        plain,
    )
    return Text(text.strip(), re.sub(r"[ \t]+", " ", plain).strip(" .。;；,，"))


def has_more_dates(rest: str) -> bool:
    """Whether what is left beside the date still speaks of time, so that the date alone might mislead."""
    return bool(_LEFT.search(NOISE.sub(" ", rest)))
