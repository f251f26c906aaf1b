"""Invented ledgers in the layouts that offices send, each with the rows it must be read as."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.inspections.workbook import Page


@dataclass(frozen=True)
class Layout:
    """One or more sheets and the fields of every row; fields that are not named are not compared."""

    name: str
    pages: tuple[Page, ...]
    rows: tuple[dict[str, Any], ...]
    facts: dict[str, Any] = field(default_factory=dict)


def _row(problem: str, **fields: Any) -> dict[str, Any]:
    return {"problem": problem, "positive": False, **fields}


LAYOUTS = (
    Layout(
        "a title, a line about the sender, one header",
        (
            Page(
                [
                    ["青禾县人居环境检查问题清单"],
                    ["检查单位：县整改办", None, None, None, "2026年3月2日"],
                    ["序号", "检查点位", "发现的问题", "整改责任单位", "整改完成期限", "落实情况"],
                    [1, "柳树巷", "污水井盖缺失", "县住建局、柳树社区", "3月底前", "正在采购"],
                    [2, "东关菜市场", "地面油污未清洗", "东关街道；县市场监管局", "立行立改", None],
                    ["填表人：某某", None, "审核人：某某", None, None, None],
                ],
                merges=["A1:F1", "A2:D2", "E2:F2"],
            ),
        ),
        (
            _row(
                "污水井盖缺失",
                row=4,
                serial="1",
                location="柳树巷",
                units=["县住建局", "柳树社区"],
                deadline_text="3月底前",
                end="2026-03-31",
                kind="deadline",
                status_text="正在采购",
            ),
            _row(
                "地面油污未清洗",
                serial="2",
                units=["东关街道", "县市场监管局"],
                kind="class",
                classes=["立行立改"],
                status_text="",
            ),
        ),
        {"title": "青禾县人居环境检查问题清单", "issuer": "县整改办", "document_date": date(2026, 3, 2)},
    ),
    Layout(
        "a header of two levels, merged both ways, with categories merged downwards",
        (
            Page(
                [
                    ["某县饮用水专项督查整改台账"],
                    ["编号", "问题分类", "基本情况", None, "责任", None, None, "整改", None, None],
                    [None, None, "地址", "问题具体表现", "牵头单位", "配合单位", "责任人", "举措", "期限", "进展"],
                    [
                        1,
                        "水源保护",
                        "北山水库",
                        "保护区内有垂钓",
                        "县水利局",
                        "北山镇",
                        "甲",
                        "增设围网",
                        "2026.6.30",
                        "围网已立项",
                    ],
                    [
                        2,
                        None,
                        "南河取水口",
                        "标识牌倒伏",
                        "县生态环境局",
                        "南河镇、县水务公司",
                        "乙",
                        "重新立牌",
                        date(2026, 5, 15),
                        None,
                    ],
                    [3, "供水设施", "三里村", "管网漏损", "县水务公司", None, "丙", "更换管段", "年底前", None],
                ],
                merges=["A1:J1", "A2:A3", "B2:B3", "C2:D2", "E2:G2", "H2:J2", "B4:B5"],
            ),
        ),
        (
            _row(
                "保护区内有垂钓",
                category="水源保护",
                location="北山水库",
                lead_unit="县水利局",
                units=["北山镇"],
                measures="增设围网",
                end="2026-06-30",
                status_text="围网已立项",
            ),
            _row(
                "标识牌倒伏",
                category="水源保护",
                units=["南河镇", "县水务公司"],
                end="2026-05-15",
                deadline_text="2026年5月15日",
            ),
            _row(
                "管网漏损",
                category="供水设施",
                location="三里村",
                lead_unit="县水务公司",
                units=[],
                kind="deadline",
                end="2026-12-31",
            ),
        ),
    ),
    Layout(
        "bands across the sheet, serials that begin again, a note in between",
        (
            Page(
                [
                    [None, "城区市容暗访情况"],
                    [None, "序号", "位置", "主要问题", "责任单位(人)", "限期"],
                    [None, "一、背街小巷"],
                    [None, 1, "槐花巷", "违规张贴广告", "城管局", "7日内"],
                    [None, 2, "槐花巷南段", "路面坑槽", "住建局", "15个工作日内"],
                    [None, "（二）农贸市场"],
                    [None, 1, "河西市场", "出店经营", "市场监管局", "长期坚持"],
                    [None, "备注：以上问题由各单位自行核实。"],
                    [None, "2.照片另附。"],
                ],
                merges=["B1:F1", "B3:F3", "B6:F6", "B8:F8", "B9:F9"],
            ),
        ),
        (
            _row("违规张贴广告", category="一、背街小巷", serial="1", location="槐花巷"),
            _row("路面坑槽", category="一、背街小巷", serial="2"),
            _row("出店经营", category="（二）农贸市场", serial="1", classes=["长期坚持"]),
        ),
    ),
    Layout(
        "a table away from A1, the header again in the middle, blank rows and a total",
        (
            Page(
                [
                    [],
                    [],
                    [None, None, "检查发现问题汇总"],
                    [None, None, "序号", "被检单位", "存在的问题和不足", "整改建议", "整改时限"],
                    [None, None, 1, "一中食堂", "留样不足", "按规定留样", "立即整改"],
                    [None, None, "序号", "被检单位", "存在的问题和不足", "整改建议", "整改时限"],
                    [None, None, 2, "二中食堂", "台账缺失", "补记台账", "一周内"],
                    [],
                    [None, None, 3, "三中食堂", "从业人员健康证过期", "立即换证", "3日内"],
                    [None, None, "合计", None, "3个"],
                    [],
                ],
                merges=["C3:G3"],
            ),
        ),
        (
            _row("留样不足", location="一中食堂", measures="按规定留样", row=5),
            _row("台账缺失", location="二中食堂", row=7),
            _row("从业人员健康证过期", serial="3", row=9),
        ),
    ),
    Layout(
        "two different tables on one sheet, and a table of numbers",
        (
            Page(
                [
                    ["附件1 县直单位问题清单"],
                    ["序号", "问题", "责任单位", "时限"],
                    [1, "会议记录不全", "县档案馆", "4月底前"],
                    [2, "公车台账不清", "县供销社", "4月底前"],
                    [],
                    ["附件2 乡镇问题清单"],
                    ["单位：万元", None, "2026年3月9日"],
                    ["编号", "乡镇", "问题描述", "整改措施", "完成时限"],
                    [1, "白石镇", "村账未公开", "补公开", "5月10日前"],
                    [2, "青峰乡", "集体土地出租未签合同", "补签合同", "5月10日前"],
                    [],
                    ["附件3 统计"],
                    ["乡镇", "问题数量", "已整改数", "整改率"],
                    ["白石镇", 1, 0, "0%"],
                    ["青峰乡", 1, 0, "0%"],
                ],
                merges=["A1:E1", "A6:E6", "A12:E12"],
            ),
        ),
        (
            _row("会议记录不全", units=["县档案馆"], row=3),
            _row("公车台账不清", units=["县供销社"]),
            _row("村账未公开", location="白石镇", measures="补公开", row=9, end="2026-05-10"),
            _row("集体土地出租未签合同", location="青峰乡"),
        ),
    ),
    Layout(
        "tables side by side",
        (
            Page(
                [
                    ["北片区检查问题", None, None, None, "南片区检查问题"],
                    ["序号", "地点", "问题描述", None, "序号", "地点", "问题描述"],
                    [1, "一号泵站", "护栏锈蚀", None, 1, "五号泵站", "无值班记录"],
                    [2, "二号泵站", "配电箱未上锁", None, 2, "六号泵站", "灭火器过期"],
                ],
                merges=["A1:C1", "E1:G1"],
            ),
        ),
        (
            _row("护栏锈蚀", location="一号泵站"),
            _row("无值班记录", location="五号泵站"),
            _row("配电箱未上锁", location="二号泵站"),
            _row("灭火器过期", location="六号泵站"),
        ),
    ),
    Layout(
        "a form above a table, whose values apply to all rows",
        (
            Page(
                [
                    ["督办单"],
                    ["文号", "青督〔2026〕3号", None, None],
                    ["责任单位", "县教育局、县公安局", "整改时限", "2026年4月20日前"],
                    ["被检查对象", "阳光幼儿园（责任人：某某）", None, None],
                    ["签发日期", "2026年4月1日", None, None],
                    ["序号", "隐患描述", "整改要求"],
                    [1, "消防通道堆放桌椅", "立即清理"],
                    [2, "校车逃生锤缺失", "补齐"],
                ],
                merges=["A1:D1", "B2:D2", "B4:D4", "B5:D5"],
            ),
        ),
        (
            _row(
                "消防通道堆放桌椅",
                location="阳光幼儿园",
                units=["县教育局", "县公安局"],
                end="2026-04-20",
                deadline_text="2026年4月20日前",
                measures="立即清理",
            ),
            _row("校车逃生锤缺失", location="阳光幼儿园", units=["县教育局", "县公安局"]),
        ),
        {"document_date": date(2026, 4, 1)},
    ),
    Layout(
        "a card with numbered problems and nothing else",
        (
            Page(
                [
                    ["重大隐患挂牌督办表"],
                    ["隐患单位", "红星机械厂", "隐患类别", "消防"],
                    ["隐患内容", "1.疏散门上锁；2.未设应急照明；3.电缆沟积油。", None, None],
                    ["整改责任单位", "红星机械厂", "督办单位", "县安委办"],
                    ["整改措施", "（1）拆除门锁；（2）补装照明", None, None],
                    ["整改期限", "2026年5月底前", "整改进展", "已完成2项"],
                ],
                merges=["A1:D1", "B3:D3", "B5:D5"],
            ),
        ),
        (
            _row(
                "1.疏散门上锁；2.未设应急照明；3.电缆沟积油。",
                points=["疏散门上锁", "未设应急照明", "电缆沟积油"],
                category="消防",
                location="红星机械厂",
                units=["红星机械厂"],
                end="2026-05-31",
                status_text="已完成2项",
                measures="（1）拆除门锁；（2）补装照明",
            ),
        ),
    ),
    Layout(
        "two cards under each other",
        (
            Page(
                [
                    ["整改任务一"],
                    ["反馈问题", "河道采砂监管缺位"],
                    ["整改目标", "采砂全程留痕"],
                    ["整改完成情况", "已建成视频监控"],
                    ["责任单位", "县水利局"],
                    ["整改任务二"],
                    ["反馈问题", "畜禽粪污直排"],
                    ["整改目标", "粪污资源化"],
                    ["整改完成情况", None],
                    ["责任单位", "县农业农村局"],
                ],
                merges=["A1:B1", "A6:B6"],
            ),
        ),
        (
            _row("河道采砂监管缺位", status_text="已建成视频监控", units=["县水利局"]),
            _row("畜禽粪污直排", status_text="", units=["县农业农村局"]),
        ),
    ),
    Layout(
        "rows that report something fine",
        (
            Page(
                [
                    ["序号", "村名", "检查情况", "责任单位", "备注"],
                    [1, "东湾村", "整体良好", "东湾村", None],
                    [2, "西湾村", "未发现明显问题。", "西湾村", None],
                    [3, "上湾村", "村口有垃圾未清运", "上湾村", None],
                    [4, "下湾村", "道路整洁，沟渠畅通良好，但有两处杂草", "下湾村", None],
                    [5, "中湾村", "各项指标达标", "中湾村", None],
                    [6, "后湾村", "无公示栏", "后湾村", None],
                    [7, "前湾村", "无", "前湾村", None],
                    [8, "里湾村", None, "里湾村", "无问题"],
                    [9, "外湾村", "卫生保洁不够到位", "外湾村", None],
                ]
            ),
        ),
        (
            {"problem": "整体良好", "positive": True},
            {"problem": "未发现明显问题。", "positive": True},
            _row("村口有垃圾未清运"),
            _row("道路整洁，沟渠畅通良好，但有两处杂草"),
            {"problem": "各项指标达标", "positive": True},
            _row("无公示栏"),
            {"problem": "无", "positive": True},
            {"problem": "无问题", "positive": True, "location": "里湾村"},
            _row("卫生保洁不够到位"),
        ),
    ),
    Layout(
        "a band that praises, and a band that blames",
        (
            Page(
                [
                    ["序号", "点位", "情况说明", "责任部门"],
                    ["一、工作亮点"],
                    [1, "文化广场", "秩序管理有专人值守，广场整洁", "文旅局"],
                    ["二、存在问题"],
                    [1, "客运总站", "候车厅座椅破损", "交通局"],
                ],
                merges=["A2:D2", "A4:D4"],
            ),
        ),
        (
            {"problem": "秩序管理有专人值守，广场整洁", "positive": True, "category": "一、工作亮点"},
            _row("候车厅座椅破损", category="二、存在问题"),
        ),
    ),
    Layout(
        "several units in a cell, roles named inside it",
        (
            Page(
                [
                    ["序号", "存在问题", "责任单位", "整改时限"],
                    [1, "排水沟淤堵", "牵头单位：县水利局\n配合单位：河口镇、县住建局", "汛期前"],
                    [2, "桥梁限高架损坏", "县交通局（牵头）、县公安局", "2月30日"],
                    [3, "路灯不亮", "徽山镇各村（社区），县供电公司", "6.30"],
                    [4, "围墙倾斜", "村“两委”/驻村干部", "6月前"],
                    [5, "公厕无标识", "县城管局 县文旅局", 6.3],
                    [6, "桥面坑洼", "1.县交通局；2.河口镇政府", datetime(2026, 6, 30, 17, 0)],
                ]
            ),
        ),
        (
            _row("排水沟淤堵", lead_unit="县水利局", all_units={"县水利局", "河口镇", "县住建局"}, kind="unsure"),
            _row("桥梁限高架损坏", lead_unit="县交通局", all_units={"县交通局", "县公安局"}, kind="unsure", end=None),
            _row("路灯不亮", all_units={"徽山镇各村（社区）", "县供电公司"}, kind="deadline", end="2026-06-30"),
            _row("围墙倾斜", all_units={"村“两委”", "驻村干部"}, kind="unsure"),
            _row("公厕无标识", all_units={"县城管局", "县文旅局"}, kind="unsure"),
            _row("桥面坑洼", all_units={"县交通局", "河口镇政府"}, kind="deadline", end="2026-06-30", time="17:00"),
        ),
    ),
    Layout(
        "hidden columns and rows are left out, an explaining sheet says nothing",
        (
            Page(
                [["填报说明"], ["1.请如实填写。"], ["序号", "栏目", "填写要求"], [1, "存在问题", "写清时间地点"]],
                name="填报说明",
            ),
            Page(
                [
                    ["序号", "问题描述", "内部评分", "整改措施", "责任单位"],
                    [1, "台阶破损", 88, "机密以外的办法", "某局"],
                    [2, "隐藏的一行", 77, "不读", "某局"],
                    [3, "扶手松动", 66, "加固", "某局"],
                ],
                hidden_columns=["C:D"],
                hidden_rows=[3],
                name="清单",
            ),
        ),
        (_row("台阶破损", measures="", units=["某局"]), _row("扶手松动", measures="", units=["某局"])),
    ),
    Layout(
        "places, units and measures merged downwards",
        (
            Page(
                [
                    ["整改台账"],
                    ["序号", "涉及村", "问题", "责任单位", "整改措施", "整改结果"],
                    [1, "石桥村", "村务公开栏陈旧", "石桥村委会", "逐项整改", "已更新"],
                    [2, None, "低保名单未公示", None, None, "已公示"],
                    [3, None, "会议记录缺页", None, None, None],
                    [4, "竹林村", "集体资金坐收坐支", "竹林村委会", "清退入账", None],
                ],
                merges=["A1:F1", "B3:B5", "D3:D5", "E3:E5"],
            ),
        ),
        (
            _row("村务公开栏陈旧", location="石桥村", units=["石桥村委会"], measures="逐项整改"),
            _row("低保名单未公示", location="石桥村", units=["石桥村委会"], measures="逐项整改", status_text="已公示"),
            _row("会议记录缺页", location="石桥村", units=["石桥村委会"], measures="逐项整改", status_text=""),
            _row("集体资金坐收坐支", location="竹林村", measures="清退入账"),
        ),
    ),
    Layout(
        "one problem over several rows of measures",
        (
            Page(
                [
                    ["序号", "存在问题", "整改措施", "责任单位", "完成时限"],
                    [1, "应急预案未修订", "修订预案", "县应急局", "3月底前"],
                    [None, None, "组织演练", "各乡镇", None],
                    [2, "物资储备不足", "补充物资", "县粮储中心", "4月底前"],
                ],
                merges=["A2:A3", "B2:B3", "E2:E3"],
            ),
        ),
        (
            _row(
                "应急预案未修订",
                measures="修订预案\n组织演练",
                units=["县应急局", "各乡镇"],
                deadline_text="3月底前",
                last_row=3,
            ),
            _row("物资储备不足", serial="2"),
        ),
    ),
    Layout(
        "headers nobody foresaw, guessed by content",
        (
            Page(
                [
                    ["第几条", "哪里", "毛病", "谁来办", "啥时候办完"],
                    [1, "老街", "下水道盖板断裂三块", "县城管局", "2026年4月底前"],
                    [2, "新街", "人行道砖松动较多", "县住建局", "2026年5月底前"],
                    [3, "后街", "店招遮挡交通标志", "县交警大队", "立行立改"],
                ]
            ),
        ),
        (
            _row("下水道盖板断裂三块", serial="1", units=["县城管局"], end="2026-04-30"),
            _row("人行道砖松动较多", units=["县住建局"], end="2026-05-31"),
            _row("店招遮挡交通标志", units=["县交警大队"], kind="class"),
        ),
    ),
    Layout(
        "the problem and its details in two columns",
        (
            Page(
                [
                    ["序号", "主要问题", "具体表现", "牵头单位", "责任单位", "销号情况"],
                    [1, "作风不实", "检查走过场，记录雷同", "县纪委", "某镇", "未销号"],
                    [2, None, "群众来信超期未复", None, "县信访局", "已销号"],
                    [3, "纪律松弛", "上班时间脱岗", "县委组织部", "某镇", None],
                ],
                merges=["B2:B3", "D2:D3"],
            ),
        ),
        (
            _row("检查走过场，记录雷同", category="作风不实", lead_unit="县纪委", units=["某镇"]),
            _row("群众来信超期未复", category="作风不实", lead_unit="县纪委", units=["县信访局"], status_text="已销号"),
            _row("上班时间脱岗", category="纪律松弛"),
        ),
    ),
    Layout(
        "labels written into one cell above the table, bands above the header",
        (
            Page(
                [
                    ["检查情况反馈表"],
                    ["被检查单位：蓝天养老院    检查时间：2026年3月18日"],
                    ["责任单位：县民政局；整改时限：检查后15日内"],
                    ["一、消防安全"],
                    ["序号", "问题隐患", "整改意见"],
                    [1, "烟感报警器故障", "更换"],
                    [2, "消防水带缺失", "补齐"],
                    ["二、食品安全"],
                    ["序号", "问题隐患", "整改意见"],
                    [1, "冷藏柜生熟混放", "分开存放"],
                ],
                merges=["A1:C1", "A2:C2", "A3:C3", "A4:C4", "A8:C8"],
            ),
        ),
        (
            _row("烟感报警器故障", category="一、消防安全", location="蓝天养老院", units=["县民政局"], measures="更换"),
            _row("消防水带缺失", category="一、消防安全"),
            _row("冷藏柜生熟混放", category="二、食品安全", location="蓝天养老院"),
        ),
        {"document_date": date(2026, 3, 18)},
    ),
    Layout(
        "a card with its problems numbered in the labels, the rest shared",
        (
            Page(
                [
                    ["整改通知单"],
                    ["被检查单位", "青山水厂"],
                    ["问题1", "加氯间未通风"],
                    ["问题2", "水质记录缺失"],
                    ["整改措施1", "加装风机"],
                    ["整改措施2", "补记录"],
                    ["整改时限", "10日内"],
                ],
                merges=["A1:B1"],
            ),
        ),
        (
            _row("加氯间未通风", location="青山水厂", measures="加装风机", end="2026-03-12", units=["青山水厂"]),
            _row("水质记录缺失", location="青山水厂", measures="补记录", end="2026-03-12"),
        ),
    ),
    Layout(
        "a sheet of names and one of rules say nothing",
        (
            Page(
                [
                    ["序号", "单位名称", "主要职责"],
                    [1, "县城管局", "负责城市管理和市容秩序"],
                    [2, "县水利局", "负责河道管理"],
                ],
                name="名单",
            ),
            Page(
                [["序号", "字段名称", "怎样填"], [1, "存在问题", "写清时间、地点、现象"], [2, "责任单位", "写全称"]],
                name="Sheet3",
            ),
            Page([["序号", "单位", "情况", "责任单位"], [1, "一号井", "井口护栏缺失，雨后积水", "县水利局"]]),
        ),
        (_row("井口护栏缺失，雨后积水", location="一号井", units=["县水利局"]),),
    ),
)
