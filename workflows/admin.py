"""Policies, the calendar and what moves, in Django's admin."""

from typing import Any

from django.contrib import admin, messages
from django.forms import CharField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import clock
from organizations.admin import PoweredAdmin, ReadOnlyAdmin
from organizations.models import AccessEntry
from organizations.roles import Role
from workflows.actions.policies import FIXED, first_version, new_version
from workflows.models import (
    CalendarDay,
    CalendarYear,
    Case,
    DeadlinePolicy,
    EscalationPolicy,
    Event,
    ReviewPolicy,
    WarningPolicy,
    WorkItem,
)
from workflows.queries import log_of_versions


class ReasonedForm(ModelForm):
    """A version of a policy, and why it is made."""

    reason = CharField(
        label=gettext_lazy("理由"),
        max_length=200,
        help_text=gettext_lazy("为什么这样定，如依据的文件或会议；和这个版本一起记入日志。"),
    )


def _said_of(row: Any, entry: AccessEntry | None) -> str:
    """One version: who put it in force, when and why."""
    if entry is None:
        return _("第%(n)d版：系统预置") % {"n": row.version}
    at = f"{clock.spelled(clock.local(entry.at).date())} {clock.local(entry.at):%H:%M}"
    text = _("第%(n)d版：%(who)s于%(at)s使其生效") % {"n": row.version, "who": entry.user, "at": at}
    reason = entry.data.get("reason", "")
    return text + (_("，理由：%s") % reason if reason else "")


class VersionedAdmin(PoweredAdmin):
    """A policy: saving makes a new version, and old versions can only be read."""

    editors = (Role.SYSTEM_ADMIN,)
    list_display: tuple[str, ...] = ("name", "code", "version", "in_force")
    list_filter = ("in_force",)
    ordering = ("code", "-version")
    readonly_fields = ("version", "in_force", "versions")
    fixed = ("code",)

    form = ReasonedForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A version that can only be read asks for no reason, and a new policy has no versions yet."""
        left_out = "versions" if obj is None else "" if self.has_change_permission(request, obj) else "reason"
        return [name for name in self.fields or () if name != left_out]

    @admin.display(description=gettext_lazy("各版本"))
    def versions(self, obj: Any) -> str:
        """Every version with who put it in force, when and why; the newest first."""
        rows = list(type(obj)._default_manager.filter(code=obj.code).order_by("-version"))
        log = log_of_versions(rows)
        return format_html_join("", "<p>{}</p>", ((_said_of(row, log.get(row.pk)),) for row in rows))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the version in force."""
        return super().has_change_permission(request, obj) and (obj is None or obj.in_force)

    def save_model(self, request: Any, obj: Any, form: ModelForm, change: bool) -> None:
        """Put a first or a new version in force."""
        if not change:
            first_version(obj, request.user, request, form.cleaned_data["reason"])
            return
        names = [field.name for field in obj._meta.concrete_fields if field.name not in FIXED]
        fields = {name: getattr(obj, name) for name in names}
        made = new_version(obj, fields, request.user, request, form.cleaned_data["reason"])
        if made.pk != obj.pk:
            text = _("第%(version)d版已生效；正在办理的轮次仍按原来的版本办理。")
            self.message_user(request, text % {"version": made.version}, messages.INFO)
        obj.pk, obj.version = made.pk, made.version

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """After a save the page of the old version has nothing left to edit."""
        context["show_save_and_continue"] = False
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(ReviewPolicy)
class ReviewPolicyAdmin(VersionedAdmin):
    """Which levels review."""

    list_display = ("name", "code", "version", "in_force", "village", "township", "sector")
    fields = (
        ("code", "version", "in_force"),
        "name",
        ("village", "township", "sector"),
        ("verifies", "notice_days"),
        "clerk_submits",
        "allows_paper",
        "objection_limit",
        "reason",
        "versions",
    )


class EngineAdmin(ReadOnlyAdmin):
    """What the engine keeps; only actions change it."""

    viewers = (Role.SYSTEM_ADMIN,)


class PagedPolicyAdmin(EngineAdmin):
    """A policy that is changed on a page of its own, which shows what a version would do before it is in force."""

    kind = ""
    list_display: tuple[str, ...] = ("name", "code", "version", "in_force", "page")
    list_filter = ("in_force",)
    ordering = ("code", "-version")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is stored, and where to change it."""
        return (*(field.name for field in self.opts.concrete_fields if field.name != "id"), "page")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All of it."""
        return self.get_fields(request, obj)

    @admin.display(description=gettext_lazy("更改"))
    def page(self, policy: Any) -> str:
        """The page where a new version is tried and put in force."""
        return format_html('<a href="{}">{}</a>', reverse("policy-detail", args=[self.kind, policy.code]), _("打开"))


@admin.register(DeadlinePolicy)
class DeadlinePolicyAdmin(PagedPolicyAdmin):
    """How long a case and each step may take."""

    kind = "deadline"
    list_display = ("name", "code", "version", "in_force", "enabled", "source", "page")


@admin.register(WarningPolicy)
class WarningPolicyAdmin(PagedPolicyAdmin):
    """预警政策."""

    kind = "warning"


@admin.register(EscalationPolicy)
class EscalationPolicyAdmin(PagedPolicyAdmin):
    """督办升级政策."""

    kind = "escalation"


@admin.register(CalendarYear)
class CalendarYearAdmin(EngineAdmin):
    """Years and the notices they come from."""

    list_display = ("year", "published", "document", "version")


@admin.register(CalendarDay)
class CalendarDayAdmin(EngineAdmin):
    """Holidays and made-up working days."""

    list_display = ("day", "kind", "name")
    list_filter = ("kind",)
    date_hierarchy = "day"


@admin.register(Case)
class CaseAdmin(EngineAdmin):
    """Cases."""

    list_display = ("number", "kind", "division", "event_count", "created_at")
    list_select_related = ("division",)
    search_fields = ("number",)
    fields = ("number", "kind", "division", "event_count", "head_hash", "sealed_count", "created_at")


@admin.register(Event)
class EventAdmin(EngineAdmin):
    """Events, without their data: what people wrote is read on the problem's page by those it concerns."""

    list_display = ("case", "number", "name", "actor", "unit", "from_state", "to_state", "at")
    list_select_related = ("case", "actor", "unit")
    list_filter = ("name",)
    search_fields = ("case__number",)
    ordering = ("-id",)
    fields = ("case", "number", "name", "actor", "unit", "from_state", "to_state", "round", "at", "hash")


@admin.register(WorkItem)
class WorkItemAdmin(EngineAdmin):
    """Work items."""

    list_display = ("case_number", "step", "unit", "role", "addressee", "owner", "status", "due_at")
    list_select_related = ("process__case", "unit", "addressee", "owner")
    list_filter = ("status", "role")
    search_fields = ("process__case__number",)
    ordering = ("-id",)
    fields = (
        "case_number",
        "step",
        "unit",
        "role",
        "addressee",
        "owner",
        "round",
        "status",
        "created",
        "due_at",
    )
    readonly_fields = ("case_number", "step")

    @admin.display(description=gettext_lazy("编号"))
    def case_number(self, item: WorkItem) -> str:
        """The case's number."""
        return item.process.case.number

    @admin.display(description=gettext_lazy("环节"))
    def step(self, item: WorkItem) -> str:
        """What is owed."""
        return str(item.flow_task.task_title) if item.flow_task else ""
