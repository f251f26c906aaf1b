"""Invented names and phrases of the demo county. Nobody and no place here exists."""

PROVINCE = ("990000000000", "澄江省")
CITY = ("999900000000", "澄阳市")
COUNTY = ("999921000000", "云溪县")

TOWNS = (
    "青石镇", "白鹭镇", "柳溪镇", "云台镇", "枫渡镇", "石桥铺镇", "临湖镇", "双河口镇", "松岭乡", "茶坪乡",
)  # fmt: skip
VILLAGES_PER_TOWN = 12
VILLAGE_FIRST = "桃梅杏竹槐柏枣桂莲麦禾泉鹤雁鹿燕瓦窑磨渡苇桐榆菱"
VILLAGE_LAST = "湾坪塘岭坡沟坝洼滩坊庄寨畈"

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
GIVEN_FIRST = "建国志文晓明海春秀德永家玉金立宏思雨子俊佳雪永庆长光世承启云书清"
GIVEN_LAST = "华军平芳强英伟敏刚丽涛霞斌红波琴辉梅峰兰勇莉亮燕鹏云林娟宁成"

# Key, name, short name.
DEPARTMENTS = (
    ("agriculture", "县农业农村局", "农业农村局"),
    ("water", "县水利局", "水利局"),
    ("finance", "县财政局", "财政局"),
    ("civil", "县民政局", "民政局"),
    ("housing", "县住房和城乡建设局", "住建局"),
    ("transport", "县交通运输局", "交通运输局"),
    ("education", "县教育局", "教育局"),
    ("health", "县卫生健康局", "卫健局"),
    ("insurance", "县医疗保障局", "医保局"),
    ("labour", "县人力资源和社会保障局", "人社局"),
    ("revival", "县乡村振兴局", "乡村振兴局"),
    ("audit", "县审计局", "审计局"),
    ("land", "县自然资源局", "自然资源局"),
    ("environment", "市生态环境局云溪分局", "生态环境分局"),
)

# Key, name, kind; all seated at the county.
OFFICE_CONTACT = "电话0000-6012345，云溪县政务服务中心302室"
COUNTY_UNITS = (
    ("office", "县整改工作领导小组办公室", "县整改办", "office"),
    ("leaders", "县委县政府", "县领导", "leadership"),
    ("congress", "县人大常委会办公室", "县人大办", "leadership"),
    ("team1", "第一督查组", "第一督查组", "team"),
    ("team2", "第二督查组", "第二督查组", "team"),
    ("team3", "第三督查组", "第三督查组", "team"),
    ("platform", "平台管理", "平台管理", "administration"),
)

# The department in charge of each category; 其他 has none, so its sector level is passed over visibly.
SECTORS = {
    "政策落实": "revival",
    "资金管理": "finance",
    "项目建设": "housing",
    "产业帮扶": "agriculture",
    "就业务工": "labour",
    "住房安全": "housing",
    "饮水安全": "water",
    "教育保障": "education",
    "医疗保障": "insurance",
    "人居环境": "agriculture",
    "作风建设": "revival",
    "档案资料": "revival",
}
SECTOR_UNITS = ("finance", "revival", "housing", "agriculture", "labour", "water", "education", "insurance")

PASSWORD = "yunxi2026demo"  # noqa: S105 -- the demo's, printed for everybody

# Log-in, name, unit key, role, in the order the log-in page shows them.
DEMO_PEOPLE = (
    ("demo-inspector", "顾清源", "team1", "inspector"),
    ("demo-teamlead", "陆承志", "team1", "team_lead"),
    ("demo-teamlead2", "宋明远", "team2", "team_lead"),
    ("demo-teamlead3", "许知秋", "team3", "team_lead"),
    ("demo-office", "沈若溪", "office", "office"),
    ("demo-head", "韩立春", "agriculture", "unit_head"),
    ("demo-clerk", "叶小满", "agriculture", "unit_clerk"),
    ("demo-village", "田守成", "village:0", "village_assessor"),
    ("demo-township", "苏映雪", "town:0", "township_reviewer"),
    ("demo-sector", "程明哲", "finance", "sector_reviewer"),
    ("demo-leader", "江望舒", "leaders", "county_leader"),
    ("demo-observer", "白若谷", "congress", "observer"),
    ("demo-sysadmin", "丁一宁", "platform", "system_admin"),
    ("demo-secadmin", "方守正", "platform", "security_admin"),
    ("demo-auditor", "严知行", "platform", "auditor"),
)
# On leave, and the leader who acts for her.
LEADER_ON_LEAVE = ("u-leave", "温岚")
LEADER_ACTING = ("u-acting", "钟启明")

OPINIONS = {
    "village_review": (
        "同意。村“两委”和村务监督委员会已现场看过，群众认可。",
        "同意评定。入户问了几户，都说问题解决了。",
        "同意。",
        "情况属实，同意上报乡镇审核。",
    ),
    "township_review": (
        "同意。镇里已派人复看，与报告一致。",
        "经审核，资料齐全、整改到位，同意报县级审定。",
        "同意。",
        "同意。后续由驻村干部每月看一次。",
    ),
    "sector_review": (
        "同意。符合行业标准，请责任单位落实长效管护。",
        "经审核，资金手续完备，同意。",
        "同意。",
    ),
    "county_review": ("同意销号。", "同意销号，请责任单位防止反弹。", "同意。", "同意销号，纳入下半年回头看。"),
}
REASONS = {
    "object": "经核对，该事项的管理权限不在我单位，建议改由{unit}办理，我单位配合提供资料。",
    "reassign": "部门职责调整后该事项由{unit}承担，改派办理，整改时限不变。",
    "return_plan": "措施过于笼统，没有写明具体点位和完成标准，请补充后重新报送。",
    "fail": "现场查看，{place}仍有部分点位没有整改到位，报告所附照片只反映了其中一处。",
    "send_back": "报告没有说明长效管护由谁负责，{place}群众也反映问题时有反复，请补充整改后再报。",
    "reopen": "回头看发现{place}同类问题再次出现，原有管护措施没有坚持下来。",
    "suspend": "需要等上级专项资金下达和枯水期施工条件，目前暂不具备整改条件，先行挂账。",
    "resume": "资金已经下达，具备施工条件，恢复整改。",
    "merge": "与已登记的问题属于同一地点、同一事项，并入办理，避免重复交办。",
    "withdraw": "经复核，反映的情况在登记前已经办结，属于重复登记，予以撤销。",
    "no_due": "整改须与上级年度计划衔接，计划下达前不设具体日期，每月报送一次进展。",
    "partner": "{unit}的配合事项涉及跨年度资金，尚未报送，已电话催办两次，不影响本次整改完成情况。",
    "corrected": "登记时地点写到了相邻路段，现予更正。",
}
EXTENSION = {
    "ask": "连续降雨造成道路基础无法开挖，材料已备齐，需待天气好转后施工，预计三周内完成。",
    "endorse": "情况属实，已现场核对，拟同意延期。",
    "grant": "同意延期，但比申请少一周，请倒排工期。",
}
STEADY = "管护制度坚持执行，本期现场抽查未发现反弹，下一期继续按要求报告。"
ANSWER = "逾期主要是施工队伍进场迟。现已增加一个班组，剩余工程量一周内完成，负责人每日到场。"
DROPPED = "责任单位已说明原因并加快进度，经办领导已当面提醒，暂不采取这项措施。"
ORDERS = {
    "urge": "整改时限已过，请三日内报送进展，尽快完成整改并申请销号。",
    "criticise": "逾期多日仍未完成，予以通报，请说明原因、明确完成时间和责任人。",
}
COOPERATION = (
    "已按分工完成资料核对和资金安排，相关手续移交牵头单位。",
    "已派人参加现场核实，本单位负责的部分全部落实。",
)

ROLE_LABELS = {
    "inspector": "督查员",
    "team_lead": "督查组长",
    "office": "整改办",
    "unit_head": "单位负责人",
    "unit_clerk": "单位经办人",
    "village_assessor": "村级评定人",
    "township_reviewer": "乡镇审核人",
    "sector_reviewer": "行业审核人",
    "county_leader": "县领导",
    "observer": "观察员",
    "system_admin": "系统管理员",
    "security_admin": "安全管理员",
    "auditor": "审计员",
}
