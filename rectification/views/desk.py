"""工作台, batches, look-ups while typing, drafts, the flow chart."""

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from organizations import clock
from organizations.models import Division, User
from organizations.queries import propose_divisions, units_like, units_under
from organizations.roles import Role
from rectification.actions.batches import create_batch, feed_back_batch
from rectification.actions.registration import REGISTRARS
from rectification.colours import at_level
from rectification.forms.fields import place_name, unit_name
from rectification.forms.registering import BatchForm, own_paths
from rectification.keeping import DRAFT_BYTES, drop_text, keep_text, storable
from rectification.models import Batch, Problem
from rectification.queries import batches, ledger_page, levels_offered, own_overview, state_counts, town_bars
from rectification.views.acting import Page, UserRequest, act, press
from workflows.charts import flow_drawing
from workflows.models import WorkItem
from workflows.queries import (
    PAGE,
    Narrowing,
    calendar,
    changed_since,
    inbox_counts,
    inbox_page,
    inbox_tasks,
    narrowed_inbox,
    policy_names,
)
from workflows.registry import event_type
from workflows.scope import actor_of

BATCH_ROLES = (Role.OFFICE, Role.TEAM_LEAD)
OFFERED = 20  # units proposed while somebody types


@login_required
def workbench(request: UserRequest) -> HttpResponse:
    """What do I owe, by when; how things stand; what changed since I looked."""
    number = request.GET.get("page", "1")
    page = max(int(number), 1) if number.isdecimal() and len(number) < 7 else 1
    visible = Problem.objects.visible_to(request.user)
    levels = levels_offered(request.user)
    level, narrowed = _narrowing(request, visible, levels)
    rows = inbox_page(request.user, size=PAGE + 1, offset=(page - 1) * PAGE, narrowed=narrowed)
    since = request.user.looked_at
    problems = {
        row.pk: row for row in visible.filter(pk__in=_case_ids(rows)).select_related("case__division__parent", "batch")
    }
    events = [each for each in changed_since(visible.values("pk"), since) if each.actor_id != request.user.pk]
    titles = dict(
        Problem.objects.visible_to(request.user)
        .filter(pk__in=[each.case_id for each in events])
        .values_list("pk", "title")
    )
    changes = [
        {
            "event": each,
            "sentence": event_type(each.name).sentence,
            "case": each.case,
            "title": titles.get(each.case_id),
        }
        for each in events
    ]
    today = clock.today()
    context = {
        "items": _major_first([_line(row, problems.get(row.process.case_id)) for row in rows[:PAGE]]),
        "page_number": page,
        "has_next": len(rows) > PAGE,
        "counts": inbox_counts(request.user),
        "narrowed": narrowed_inbox(request.user, narrowed).count() if narrowed else None,
        "tasks": inbox_tasks(request.user),
        "task": narrowed.task,
        "levels": levels,
        "level": level,
        "overview": own_overview(request.user),
        "towns": town_bars(request.user),
        "changes": changes,
        "today": today,
        "next_workday": calendar(_desk(request)).next_workday(today.fromordinal(today.toordinal() + 1)),
        "no_post": not actor_of(request.user).posts,
    }
    User.objects.filter(pk=request.user.pk).update(looked_at=clock.now())
    return render(request, "rectification/workbench.html", context)


def _narrowing(request: UserRequest, visible: QuerySet[Problem], levels: dict[str, str]) -> tuple[str, Narrowing]:
    """The level and the task somebody wants to see alone; what nobody has ever heard of counts as none."""
    level, task = request.GET.get("level", ""), storable(request.GET.get("task", ""))[:40]
    level = level if level in levels else ""
    return level, Narrowing(task, visible.filter(at_level(level)).values("pk") if level else None)


def _line(item: WorkItem, problem: Problem | None) -> dict[str, Any]:
    """One line of the inbox; its date counts by the calendar of the problem's place."""
    return {"item": item, "problem": problem, "place": problem.case.division if problem else None}


def _desk(request: UserRequest) -> Division | None:
    """Where this person's office is."""
    post = next(iter(actor_of(request.user).posts), None)
    return post.unit.division if post else None


def _major_first(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of what is due on the same day, a major problem stands first."""

    def key(line: dict[str, Any]) -> tuple[bool, Any, bool]:
        due = line["item"].due_at
        return due is None, clock.local(due).date() if due else None, not (line["problem"] and line["problem"].major)

    return sorted(lines, key=key)


def _case_ids(rows: list[WorkItem]) -> list[int]:
    return [row.process.case_id for row in rows]


@login_required
def batch_list(request: UserRequest) -> HttpResponse:
    """Batches with their counts."""
    may_make = actor_of(request.user).holds(*BATCH_ROLES)
    return render(request, "rectification/batch_list.html", {"batches": batches(request.user), "may_make": may_make})


@login_required
def batch_detail(request: UserRequest, code: str) -> HttpResponse:
    """One batch: its document, policies, counts and problems."""
    rows = Batch.objects.visible_to(request.user).select_related(
        "source", "division", "team", "review_policy", "deadline_policy"
    )
    batch = get_object_or_404(rows, code=code)
    problems = Problem.objects.visible_to(request.user).filter(batch=batch)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = ledger_page(problems, after=after, before=before, oldest_first=True)  # as the received list has them
    lead = actor_of(request.user).post_in(batch.team_id, Role.TEAM_LEAD)
    context = {
        "batch": batch,
        "page": page,
        "counts": state_counts(problems),
        "may_feed_back": not batch.is_disclosed and lead is not None,
        "may_import": actor_of(request.user).holds(*REGISTRARS),
        "warning_name": policy_names("warning").get(batch.warning_code, "—"),
        "ladder_name": policy_names("escalation").get(batch.ladder_code, "—"),
    }
    return render(request, "rectification/batch_detail.html", context)


@login_required
def batch_new(request: UserRequest) -> HttpResponse:
    """新建批次."""
    if not actor_of(request.user).holds(*BATCH_ROLES):
        raise PermissionDenied
    form = BatchForm(request.POST or None, user=request.user)
    page = Page(title=_("新建批次"), back="batch-list", button=_("建立批次"))

    def do() -> None:
        made = create_batch(by=request.user, **form.cleaned_data)
        if request.GET.get("for") == "import":
            page.back = f"{reverse('import-new')}?batch={made.pk}"

    return act(request, page, form, do)


@login_required
@require_POST
def batch_feed_back(request: UserRequest, code: str) -> HttpResponse:
    """反馈：open a secret batch to the office and the units."""
    batch = get_object_or_404(Batch.objects.visible_to(request.user), code=code)
    return press(
        request,
        lambda: feed_back_batch(batch.pk, by=request.user),
        done=_("已反馈，整改办现在可以交办。"),
        back="batch-list",
    )


@login_required
@require_GET
def lookup_places(request: UserRequest) -> HttpResponse:
    """Places that fit what is being typed."""
    rows = propose_divisions(storable(request.GET.get("q", "")), own_paths(request.user))
    none = _("没有这个地点，请换个写法再找，或从列表里选。")
    return JsonResponse({"options": [place_name(row) for row in rows], "none": none})


@login_required
@require_GET
def lookup_units(request: UserRequest) -> HttpResponse:
    """Units that fit what is being typed."""
    rows = units_like(storable(request.GET.get("q", "")), units_under(own_paths(request.user)))
    none = _("本县没有这个单位，请换个写法再找，或从列表里选。")
    return JsonResponse({"options": [unit_name(row) for row in rows[:OFFERED]], "none": none})


@login_required
@require_POST
def draft(request: UserRequest, key: str) -> HttpResponse:
    """Keep what somebody is typing, or throw it away and open the form anew."""
    if len(request.body) > 2 * DRAFT_BYTES:
        return JsonResponse({"error": _("内容太长，草稿没有保存，请尽快提交。")}, status=413)
    if request.content_type != "application/json" and request.POST.get("drop"):
        drop_text(request.user.pk, key)
        back = request.POST.get("next", "")
        return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "workbench")
    try:
        sent: Any = json.loads(request.body)
        texts = {str(name): str(value) for name, value in sent["fields"].items() if not str(name).startswith("csrf")}
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return JsonResponse({"error": _("草稿没有保存，请刷新页面。")}, status=400)
    refused = keep_text(request.user.pk, key, texts)
    if refused:
        return JsonResponse({"error": refused}, status=400)
    return JsonResponse({"saved_at": f"{clock.local(clock.now()):%H:%M}"})


@login_required
def flow_chart(request: UserRequest) -> HttpResponse:
    """流程图, drawn from the transitions."""
    return render(request, "rectification/flow.html", {"drawing": flow_drawing()})
