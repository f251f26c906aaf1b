"""What every page shows around its content: who I am, where I can go, how much waits for me."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from organizations.places import places
from organizations.roles import ADMIN_ROLES, Role
from workflows.queries import inbox_counts
from workflows.scope import Actor, actor_of

# The bottom bar of a phone: the first three of these that fit one's posts, and “更多” for the rest.
THUMB = (
    "workbench", "people", "access-log", "people-import", "ledger", "problem-new", "batch-list", "admin:index",
    "flow-chart",
)  # fmt: skip
# Who may read how long things may take and when somebody is warned; the system administrator changes it.
POLICY_READERS = (Role.SYSTEM_ADMIN, Role.OFFICE, Role.COUNTY_LEADER, Role.OBSERVER)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html for somebody logged in; almost nothing for anybody else."""
    base: dict[str, Any] = {"site_title": settings.SITE_TITLE, "demo": settings.DEMO}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return base
    actor = actor_of(user)
    counts = inbox_counts(user)
    added = added_places(actor, request.path)
    nav = navigation(actor, request.path, counts["all"], [item for item, _on_top in added])
    return {
        **base,
        "actor_line": actor_line(actor),
        "inbox_count": counts["all"],
        "nav": nav,
        "bottom_nav": most_useful(nav),
        "live_socket": settings.LIVE_SOCKET,
        "top_places": [item for item, on_top in added if on_top],
    }


def added_places(actor: Actor, path: str) -> list[tuple[dict[str, Any], bool]]:
    """What other apps add for somebody with these posts, and whether it stands in the top bar."""
    return [
        (
            entry(path, str(place.label), place.name, place.count(actor.user) if place.count else 0, place.live),
            place.on_top,
        )
        for place in places()
        if not place.roles or actor.holds(*place.roles)
    ]


def entry(path: str, label: str, name: str, number: int = 0, live: str = "") -> dict[str, Any]:
    """One line of the side bar."""
    url = reverse(name)
    return {"label": label, "url": url, "active": path == url, "count": number, "live": live}


def actor_line(actor: Actor) -> str:
    """Unit and name, and for whom one acts."""
    post = next(iter(actor.posts), None)
    if post is None:
        return _("%(name)s · 尚无任职") % {"name": actor.user}
    line = f"{post.unit.label} · {actor.user}"
    if post.acting_for_id:
        line += _("（代理%(name)s）") % {"name": post.acting_for}
    return line


def most_useful(nav: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a thumb reaches first."""
    items = {item["url"]: item for group in nav for item in group["items"]}
    found = [items[url] for url in map(reverse, THUMB) if url in items]
    return found[:3]


def navigation(actor: Actor, path: str, count: int, added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups of the side bar that fit the person's posts."""
    item = partial(entry, path)
    work = [item(_("工作台"), "workbench", count, "inbox"), item(_("问题台账"), "ledger")]
    if actor.holds(Role.OFFICE, Role.INSPECTOR, Role.TEAM_LEAD):
        work.append(item(_("登记问题"), "problem-new"))
    groups = [{"title": _("督查整改"), "items": work}]
    if actor.holds(Role.OFFICE, Role.INSPECTOR, Role.TEAM_LEAD, Role.COUNTY_LEADER, Role.OBSERVER):
        work.append(item(_("批次"), "batch-list"))
    work += added
    about = [item(_("日历"), "calendar"), item(_("流程图"), "flow-chart"), item(_("修改密码"), "password")]
    if actor.holds(*POLICY_READERS):
        about.insert(2, item(_("时限和预警政策"), "policy-list"))
    groups.append({"title": _("说明"), "items": about})
    if actor.holds(*ADMIN_ROLES):
        basic = [item(_("基础数据"), "admin:index")]
        if actor.holds(Role.SECURITY_ADMIN):
            basic += [item(_("人员账号"), "people"), item(_("导入人员"), "people-import")]
        if actor.is_auditor:
            basic.append(item(_("审计日志"), "access-log"))
        groups.append({"title": _("系统"), "items": basic})
    return groups
