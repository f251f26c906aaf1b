"""Invented words for made-up ledgers: places, units, problems, measures, states of affairs."""

from datetime import date, timedelta
from random import Random

COUNTY = "云溪县"
TOWNS = ["青禾镇", "白鹭乡", "柳荫镇", "石桥铺镇", "望峰乡", "双泉街道", "枫渡镇", "竹影乡"]
VILLAGES = [
    "上湾村", "下坪村", "梨树沟村", "老井村", "杨家垄村", "月牙塘村", "新屋场村", "北岭社区",
    "稻香村", "桐子坡村", "红砖窑村", "春晖社区", "石磨村", "云顶村",
]  # fmt: skip
SPOTS = [
    "农贸市场", "文化广场", "便民服务中心", "卫生室", "幼儿园食堂", "污水处理站", "安置小区", "村级活动室",
    "供水泵房", "垃圾中转站", "客运停靠点", "主干道东段", "沿河步道", "养老服务站",
]  # fmt: skip
BUREAUS = [
    "县住建局", "县水利局", "县农业农村局", "县城管执法局", "县教育局", "县卫健局", "县财政局", "县民政局",
    "县交通运输局", "县市场监管局", "县文旅局", "县应急局", "县自然资源局", "县消防救援大队", "县供水公司",
]  # fmt: skip
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", ["某", "某某"]

# Each area of work: its things, and what can be wrong with every one of them.
AREAS: dict[str, tuple[list[str], list[str]]] = {
    "环境卫生": (
        ["路边沟渠", "垃圾投放点", "背街小巷", "公共厕所", "绿化带", "水塘岸边", "集市摊位", "房前屋后"],
        ["垃圾清运不及时", "保洁不到位", "白色垃圾较多", "杂物乱堆乱放", "积存污水未处理", "杂草丛生无人清理"],
    ),
    "消防安全": (
        ["疏散通道", "二楼楼道", "配电间", "库房", "地下车库", "厨房操作间", "充电车棚", "活动室"],
        ["堆放可燃物品", "灭火器压力不足", "应急照明灯损坏", "疏散指示标志缺失", "消火栓被遮挡", "未设置防火门"],
    ),
    "档案资料": (
        ["会议记录", "入户登记表", "帮扶手册", "项目卷宗", "公示材料", "签到表", "收支明细", "巡查台账"],
        ["填写不规范", "内容前后矛盾", "缺少经办人签字", "未按要求归档", "存在代签现象", "更新不及时"],
    ),
    "项目建设": (
        ["产业路硬化工程", "灌溉渠修缮工程", "冷库建设项目", "文化站改造项目", "护坡工程", "路灯安装工程"],
        ["进度滞后", "验收手续不全", "建成后闲置", "管护责任未落实", "部分质量不合格", "资金拨付缓慢"],
    ),
    "饮水安全": (
        ["蓄水池", "入户管网", "取水口", "消毒设备", "泵房", "水质检测点", "输水主管", "过滤设施"],
        ["渗漏未修复", "周边未设围挡", "消毒记录缺失", "水质检测不达标", "锈蚀严重", "无专人管护"],
    ),
    "政策落实": (
        ["临时救助", "教育资助", "医疗报销", "小额信贷", "公益岗位", "危房改造", "产业奖补", "稻谷补贴"],
        ["宣传不到位", "对象认定不精准", "资金发放不及时", "政策知晓率偏低", "未做到应享尽享", "公开公示流于形式"],
    ),
    "工地管理": (
        ["施工围挡", "基坑周边", "脚手架", "塔吊作业区", "材料堆场", "临时用电", "出入口", "外架安全网"],
        ["防护措施不足", "破损未修复", "未悬挂警示标牌", "裸土未覆盖", "违规作业", "检查记录不完整"],
    ),
}
DETAILS = [
    "", "", "部分", "个别", "入口处", "北侧约1.5米处", "南面", "现场抽查3处，", "靠近2号楼的", "“七一”路口的",
    "（东段）", "整体较好，但", "存在",
]  # fmt: skip
TAILS = ["", "", "", "，群众反映强烈", "，占抽查总数的20%", "，涉及资金3.6万元", "。", "（已拍照留存）"]
# Negations that only look like praise: a problem is reported.
TRAPS = [
    "未发现管护记录", "未建立问题整改台账", "污水排放未达标", "卫生状况整体良好，但厕所门锁损坏",
    "-2层停车库积水未处理", "自查报告写“未发现问题”，与现场情况不符", "无专人负责日常保洁",
]  # fmt: skip
PRAISE = [
    "整体良好", "未发现问题", "无问题", "达标", "整体良好，未发现问题", "环境整洁，未发现问题",
    "现场检查未发现明显问题", "各项指标达标", "整改到位，未发现新问题", "整体情况良好",
]  # fmt: skip
MEASURES = [
    "组织人员集中清理，明确专人每日巡查", "制定整改方案，倒排工期，逐项销号", "开展业务培训，规范填写要求",
    "更换损坏设备，建立定期检查制度", "对照政策逐户核实，及时补发到位", "约谈施工单位负责人，停工整改",
    "完善管护制度，落实管护经费", "举一反三，在全县范围内开展排查", "重新核对数据并补齐资料",
    "加大宣传力度，发放明白纸1200份",
]  # fmt: skip
STATES = [
    "已完成整改，现场已恢复", "正在推进，完成60%", "已制定方案，待资金到位后实施", "已清理完毕并通过复核",
    "已签订管护协议", "施工单位已进场", "已整改", "整改中", "资料已补齐", "尚未启动",
]  # fmt: skip
GOALS = ["压实责任，形成长效机制。", "做到问题清零、群众满意。", "规范管理，防止反弹。"]
CAMPAIGNS = ["人居环境整治", "安全生产大检查", "惠民政策落实", "乡村建设项目", "校园安全", "饮水工程运行"]
KINDS = ["督查发现问题清单", "暗访反馈问题整改台账", "检查情况通报", "专项督查问题汇总表", "巡察反馈问题整改清单"]
ISSUERS = ["县整改办", "县督查组", "县委第三巡察组", "县专项检查组", "县创建办", "县安委办"]
NOTES = [
    "注：本表一式两份，由责任单位盖章后报送。",
    "说明：所列问题由检查组现场核实。",
    "备注：整改完成后请附前后对比照片。",
    "注：1.本次共抽查12个点位。",
]
PROSE = [
    "根据工作安排，检查组对部分乡镇进行了实地查看，现将发现的问题反馈如下，请认真对照整改。",
    "各单位要高度重视，逐条研究，确保问题整改落到实处。",
]
NUMERALS = "一二三四五六七八九十"


class Words:
    """Words drawn by one chance; a problem is never said twice in one ledger."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.said: set[str] = set()

    def place(self) -> str:
        """A village, a spot in it, or both with the town before them."""
        town, village, spot = (self.chance.choice(words) for words in (TOWNS, VILLAGES, SPOTS))
        return self.chance.choice([village, f"{town}{village}", f"{village}{spot}", f"{town}{spot}"])

    def units(self, count: int) -> list[str]:
        """Different units, none of which is part of another's name."""
        towns = [f"{town}人民政府" if town[-1] != "道" else f"{town}办事处" for town in TOWNS]
        return self.chance.sample([*BUREAUS, *towns], count)

    def problem(self, area: str) -> str:
        """What is wrong, in words not yet used."""
        things, wrongs = AREAS[area]
        while True:
            choose = self.chance.choice
            if self.chance.random() < 0.07:
                text = choose(TRAPS)
            else:
                text = choose(DETAILS) + choose(things) + choose(wrongs) + choose(TAILS)
            if text not in self.said:
                self.said.add(text)
                return text

    def points(self, area: str, count: int) -> list[str]:
        """Different problems fit to stand in one cell: no full stop and no trap."""
        things, wrongs = AREAS[area]
        return [thing + self.chance.choice(wrongs) for thing in self.chance.sample(things, count)]

    def person(self) -> str:
        """A masked name."""
        return self.chance.choice(SURNAMES) + self.chance.choice(GIVEN)

    def title(self) -> str:
        """The heading of a document."""
        town = self.chance.choice(["", self.chance.choice(TOWNS)])
        return f"{COUNTY}{town}{self.chance.choice(CAMPAIGNS)}{self.chance.choice(KINDS)}"

    def measures(self) -> str:
        """What is to be done: one sentence, or two numbered steps."""
        first, second = self.chance.sample(MEASURES, 2)
        return self.chance.choice([first, first, first, f"1.{first}；\n2.{second}。", f"{first}；{second}。"])

    def extra(self, column: str, today: date) -> str:
        """A cell of a column that is not imported."""
        made = today - timedelta(days=self.chance.randint(3, 30))
        return {
            "remark": self.chance.choice(["已拍照", "第二次反馈", "需协调", "重点关注"]),
            "source": self.chance.choice(["实地查看", "群众反映", "资料核查", "电话抽查"]),
            "person": self.person(),
            "leader": self.person(),
            "phone": f"0000-{self.chance.randint(1000000, 9999999)}",
            "when": f"{made.month}月{made.day}日",
            "closed": self.chance.choice(["是", "否"]),
        }[column]
