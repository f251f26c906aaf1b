"""销号：what a problem takes over from the report that was finally accepted."""

from django.utils.translation import gettext as _

from organizations import clock
from rectification.models import Problem, Report
from workflows.steps import ActionRefused


def current_report(problem: Problem) -> Report:
    """The report version under review in this round."""
    report = problem.reports.filter(round=problem.round, recalled_at__isnull=True).last()
    if report is None:
        raise ActionRefused(_("这一轮还没有整改情况报告，请联系整改办。"))
    return report


def close_with(problem: Problem) -> None:
    """Take over the report's date and outcomes; both dates of success stand from now on."""
    report = current_report(problem)
    problem.rectified_on, problem.closed_on, problem.progress = report.rectified_on, clock.today(), 100
    for name, value in report.outcomes.items():
        setattr(problem, name, value)
