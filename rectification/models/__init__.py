"""Problems: registration, assignment, plan, progress, evidence, report, review, closure."""

from rectification.models.evidence import Evidence
from rectification.models.handling import (
    Cooperation,
    Measure,
    Plan,
    ProgressEntry,
    Report,
    ReportDraft,
    ReviewStep,
    Statement,
    Verification,
)
from rectification.models.problem import Problem
from rectification.models.sources import Batch, Category, Source
from rectification.models.timing import Escalation, Extension, ExtensionStep, NoticeObjection, PublicNotice

__all__ = [
    "Batch",
    "Category",
    "Cooperation",
    "Escalation",
    "Evidence",
    "Extension",
    "ExtensionStep",
    "Measure",
    "NoticeObjection",
    "Plan",
    "Problem",
    "ProgressEntry",
    "PublicNotice",
    "Report",
    "ReportDraft",
    "ReviewStep",
    "Source",
    "Statement",
    "Verification",
]
