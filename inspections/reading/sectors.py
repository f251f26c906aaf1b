"""The field of work that an authority's name stands for, where a form names no category of its own."""

import re

# 市消防支队 looks after 消防; the name's stem is the field.
_FIELDS = (
    "消防|生态环境|环境保护|应急管理|市场监管|食品药品|自然资源|农业农村|乡村振兴|扶贫|水利"
    "|水务|交通运输|交通|住房和城乡建设|住建|城市管理|城管|教育|卫生健康|卫健|民政|人力资源和社会保障"
    "|人社|医疗保障|医保|文化和旅游|文旅|林业|审计|财政|公安|交警|司法|税务|商务|科技"
    "|统计|信访|安全生产监督管理|安监|气象|残联"
)
_NAME = re.compile(
    rf"^(?:\S{{0,8}}?[省市县区旗州])?(?P<field>{_FIELDS})(?:监督|救援|管理|执法|综合)*(?:局|厅|委|委员会|支队|大队|总队|中队|队|站|所|中心|办|办公室|部门)$"
)


def sector_of(unit: str) -> str:
    """The field of a single authority, or nothing."""
    found = _NAME.match(unit.strip())
    return found["field"] if found else ""
