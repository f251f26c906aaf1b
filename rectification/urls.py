"""Addresses of the pages about problems."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from rectification.views import bulk, desk, evidence, items, ledger, policies, problems, timing


class CodeConverter(StringConverter):
    """A number or a code; a zero byte is none, and PostgreSQL would stumble over it."""

    regex = r"[^/\x00]+"


register_converter(CodeConverter, "code")

urlpatterns = [
    path("", desk.workbench, name="workbench"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/export/", ledger.ledger_export, name="ledger-export"),
    path("ledger/assign/", bulk.bulk_assign, name="bulk-assign"),
    path("problems/new/", problems.problem_new, name="problem-new"),
    path("problems/<code:number>/", problems.problem_detail, name="problem-detail"),
    path("problems/<code:number>/do/<slug:deed>/", problems.problem_do, name="problem-do"),
    path("problems/<code:number>/major/", problems.problem_major, name="problem-major"),
    path("problems/<code:number>/progress/", problems.progress_new, name="progress-new"),
    path("problems/<code:number>/unchanged/", problems.progress_unchanged, name="progress-unchanged"),
    path("problems/<code:number>/dates/", timing.problem_dates, name="problem-dates"),
    path("problems/<code:number>/extension/", timing.extension_new, name="extension-new"),
    path("problems/<code:number>/notice/", timing.notice_sheet, name="notice-sheet"),
    path("problems/<code:number>/notice/revise/", timing.notice_revise, name="notice-revise"),
    path("problems/<code:number>/notice/objection/", timing.notice_objection, name="notice-objection"),
    path("problems/<code:number>/evidence/", evidence.evidence_new, name="evidence-new"),
    path("evidence/<int:evidence_id>/original/", evidence.evidence_original, name="evidence-original"),
    path("evidence/<int:evidence_id>/remove/", evidence.evidence_remove, name="evidence-remove"),
    path("evidence/<int:evidence_id>/<slug:form>/", evidence.evidence_file, name="evidence-file"),
    path("items/<int:item_id>/", items.item_open, name="item-open"),
    path("items/<int:item_id>/assign/", items.item_assign, name="item-assign"),
    path("items/<int:item_id>/accept/", items.item_accept, name="item-accept"),
    path("items/<int:item_id>/object/", items.item_object, name="item-object"),
    path("items/<int:item_id>/plan/", items.item_plan, name="item-plan"),
    path("items/<int:item_id>/plan-review/", items.item_plan_review, name="item-plan-review"),
    path("items/<int:item_id>/submit/", items.item_submit, name="item-submit"),
    path("items/<int:item_id>/verify/", items.item_verify, name="item-verify"),
    path("items/<int:item_id>/review/", items.item_review, name="item-review"),
    path("items/<int:item_id>/paper/", items.item_paper, name="item-paper"),
    path("items/<int:item_id>/cooperate/", items.item_cooperate, name="item-cooperate"),
    path("items/<int:item_id>/extension/", timing.item_extension, name="item-extension"),
    path("items/<int:item_id>/extension/take-back/", timing.extension_take_back, name="extension-take-back"),
    path("items/<int:item_id>/escalation/", timing.item_escalation, name="item-escalation"),
    path("items/<int:item_id>/objection/", timing.item_objection, name="item-objection"),
    path("items/<int:item_id>/report/", timing.item_progress, name="item-progress"),
    path("items/<int:item_id>/claim/", items.item_claim, name="item-claim"),
    path("items/<int:item_id>/release/", items.item_release, name="item-release"),
    path("items/<int:item_id>/hand-over/", items.item_hand_over, name="item-hand-over"),
    path("batches/", desk.batch_list, name="batch-list"),
    path("batches/new/", desk.batch_new, name="batch-new"),
    path("batches/<code:code>/", desk.batch_detail, name="batch-detail"),
    path("batches/<code:code>/feed-back/", desk.batch_feed_back, name="batch-feed-back"),
    path("policies/", policies.policy_list, name="policy-list"),
    path("policies/<slug:kind>/new/", policies.policy_new, name="policy-new"),
    path("policies/<slug:kind>/<slug:code>/", policies.policy_detail, name="policy-detail"),
    path("policies/<slug:kind>/<slug:code>/edit/", policies.policy_edit, name="policy-edit"),
    path("lookup/places/", desk.lookup_places, name="lookup-places"),
    path("lookup/units/", desk.lookup_units, name="lookup-units"),
    path("drafts/<slug:key>/", desk.draft, name="draft"),
    path("flow/", desk.flow_chart, name="flow-chart"),
]
