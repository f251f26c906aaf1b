"""Titles and descriptions whose words are as rare or common as the search is to be tried with."""

from collections.abc import Iterator
from random import Random

from rectification.search import grams


def _words(text: str) -> list[str]:
    return text.split()


COMMON, MIDDLING, RARE = "道路", "水窖", "蝗虫"
POOL = 40_000
OBJECTS = _words(
    "饮水管网 安全住房 污水管道 卫生厕所 产业大棚 光伏电站 养殖圈舍 灌溉渠系 公益岗位 帮扶资金 扶贫车间 易地搬迁 "
    "防护栏杆 垃圾收集 桥梁护坡 冷链仓库 卫生诊室 校舍屋面 低保认定 临时救助 监测台账 小额信贷 技能培训 土地流转"
)
FAULTS = _words(
    "漏损严重 破损失修 未按期完工 长期闲置 管护不到位 台账不完整 验收不规范 支付不及时 公示不充分 标准不一致 "
    "信息不准确 隐患未消除 效益不明显 分红未兑现 责任未压实 排查不彻底"
)
PHRASES = _words(
    "经现场查看 群众反映强烈 与上报情况不符 存在返贫风险 未建立长效机制 资料缺少签字 部分农户未受益 入户核实属实 "
    "主管单位未及时督促 要求限期整改到位 整改措施针对性不强 需要部门协同解决 村级自查流于形式 账实不符 用水困难"
)
FAMILY = "张王李赵刘陈杨黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚"
PLACES = "家湾沟岭坪坡川塬峪口庄堡寨营屯集铺店桥渡泉井池塘坝滩洼岔崖梁峁台原里沿头底东西南北中上下前后新老大小"


def texts(seed: int = 7) -> Iterator[tuple[int, str, str, str]]:
    """Number, title, description and search pieces of each text in the pool."""
    dice = Random(seed)
    for number in range(POOL):
        place = dice.choice(FAMILY) + dice.choice(PLACES) + dice.choice(PLACES)
        thing = COMMON if dice.random() < 0.3 else dice.choice(OBJECTS)
        title = f"{place}{thing}{dice.choice(FAULTS)}"
        if dice.random() < 0.01:
            title += f"，{MIDDLING}未修复"
        description = "，".join([f"{dice.choice(FAMILY)}某某户", *dice.sample(PHRASES, 5)]) + "。"
        yield number, title, description, " ".join(dict.fromkeys(grams(f"{title}\n{description}")))
