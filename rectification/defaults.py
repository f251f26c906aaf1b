"""Sources and categories a new installation begins with."""

from rectification.models import Category, Source

SOURCES = {
    "tour": "巡视",
    "inspection": "巡察",
    "audit": "审计",
    "assessment": "成效考核",
    "third_party": "第三方评估",
    "cross_check": "交叉检查",
    "unannounced": "暗访",
    "survey": "大排查",
    "hotline": "热线反映",
    "data": "数据比对",
    "congress": "人大代表监督",
    "look_back": "回头看",
    "supervision": "督查",
}
CATEGORIES = (
    "政策落实", "资金管理", "项目建设", "产业帮扶", "就业务工", "住房安全", "饮水安全",
    "教育保障", "医疗保障", "人居环境", "作风建设", "档案资料", "其他",
)  # fmt: skip


def load() -> None:
    """Add what is missing; names somebody changed stay changed."""
    for code, name in SOURCES.items():
        Source.objects.get_or_create(code=code, defaults={"name": name})
    for name in CATEGORIES:
        Category.objects.get_or_create(name=name)
