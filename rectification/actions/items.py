"""认领、放回、单位内转办：who in the unit does it."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Post, User
from workflows.models import WorkItem
from workflows.scope import Actor, actor_of
from workflows.steps import ActionRefused, record


def _case_of(item_id: int) -> int:
    return WorkItem.objects.values_list("process__case_id", flat=True).get(pk=item_id)


def _held(item_id: int, by: User) -> tuple[WorkItem, Post]:
    item = WorkItem.objects.select_related("process", "owner").get(pk=item_id)
    if not item.is_open:
        raise ActionRefused(_("这一步已经办完，请刷新页面。"))
    post = Actor(by, actor_of(by).posts, item).post_for(item)
    if post is None:
        raise PermissionDenied
    return item, post


def claim_item(item_id: int, *, by: User) -> WorkItem:
    """认领：tell the others in the unit that I am on it."""
    with record(_case_of(item_id), "claimed", by=by) as s:
        item, s.post = _held(item_id, by)
        if item.owner_id is not None:
            raise ActionRefused(_("这一步已由%s认领。") % item.owner)
        item.owner, item.status, item.assigned = by, "ASSIGNED", clock.now()
        item.save(update_fields=["owner", "status", "assigned"])
        s.note(item=item.pk)
    return item


def release_item(item_id: int, *, by: User) -> WorkItem:
    """放回待办：somebody else in the unit may take it."""
    with record(_case_of(item_id), "released", by=by) as s:
        item, s.post = _held(item_id, by)
        if item.owner_id != by.pk:
            raise ActionRefused(_("只有认领的人可以放回待办。"))
        item.owner, item.status, item.assigned = None, "NEW", None
        item.save(update_fields=["owner", "status", "assigned"])
        s.note(item=item.pk)
    return item


def hand_over_item(item_id: int, *, by: User, to: User) -> WorkItem:
    """单位内转办：give it to a colleague who holds the same seat."""
    with record(_case_of(item_id), "handed_over", by=by) as s:
        item, s.post = _held(item_id, by)
        if Actor(to, actor_of(to).posts, item).post_for(item) is None:
            raise ActionRefused(_("%s不在这一步的办理岗位上，不能转办，请另选同事。") % to)
        if item.owner_id == to.pk:
            raise ActionRefused(_("这一步已经由%s承办，不用再转。") % to)
        item.owner, item.status, item.assigned = to, "ASSIGNED", clock.now()
        item.save(update_fields=["owner", "status", "assigned"])
        s.note(item=item.pk, to=to.pk)
    return item
