"""Sources and categories to keep; problems, reports and reviews to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from organizations.admin import BasicDataAdmin, ReadOnlyAdmin
from organizations.roles import Role
from rectification.models import Category, Problem, Report, ReviewStep, Source
from workflows.queries import offered_deadline_policies


@admin.register(Source)
class SourceAdmin(BasicDataAdmin):
    """监督来源."""

    list_display = ("name", "code", "deadline_policy", "valid_from", "valid_to")
    list_select_related = ("deadline_policy",)
    fields = ("code", "name", "deadline_policy", "valid_from", "valid_to")
    search_fields = ("name", "code")
    fixed = ("code",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Policies a new batch may take."""
        if db_field.name == "deadline_policy":
            kwargs["queryset"] = offered_deadline_policies()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Category)
class CategoryAdmin(BasicDataAdmin):
    """问题类别."""

    list_display = ("name", "sector_unit", "valid_from", "valid_to")
    list_select_related = ("sector_unit",)
    fields = ("name", "sector_unit", "valid_from", "valid_to")
    search_fields = ("name",)
    autocomplete_fields = ("sector_unit",)


class DisclosedAdmin(ReadOnlyAdmin):
    """Facts of problems that are no secret; what people wrote is read on the problem's own page."""

    viewers = (Role.SYSTEM_ADMIN,)
    to_problem = "problem__"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Never what its batch still keeps secret."""
        rows = super().get_queryset(request)
        return rows.filter(**{f"{self.to_problem}disclosed_at__isnull": False})


@admin.register(Problem)
class ProblemAdmin(DisclosedAdmin):
    """Problems."""

    to_problem = ""
    list_display = ("case", "title", "state", "lead_unit", "due_on", "closed_on")
    list_select_related = ("case", "lead_unit")
    list_filter = ("state", "major")
    search_fields = ("case__number", "title")
    fields = ("case", "title", "state", "round", "batch", "category", "lead_unit", "due_on", "closed_on")


@admin.register(Report)
class ReportAdmin(DisclosedAdmin):
    """Reports of rectification."""

    list_display = ("problem", "round", "version", "rectified_on", "by", "at")
    list_select_related = ("problem__case", "by")
    search_fields = ("problem__case__number",)
    fields = ("problem", "round", "version", "rectified_on", "by", "at", "recalled_at")


@admin.register(ReviewStep)
class ReviewStepAdmin(DisclosedAdmin):
    """Decisions of the levels."""

    list_display = ("problem", "round", "level", "passed", "by", "at", "on_paper")
    list_select_related = ("problem__case", "by")
    search_fields = ("problem__case__number",)
    fields = ("problem", "report", "round", "level", "passed", "by", "post", "at", "on_paper", "decided_by")
