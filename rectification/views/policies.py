"""时限、预警、督办升级政策：read; drafted, tried on today's ledger, and only then put in force."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from organizations.errors import Refused
from organizations.roles import Role
from organizations.views.access import only
from rectification.actions.policies import begin_policy, put_in_force, put_in_force_for_running
from rectification.forms.policies import FORMS, PolicyForms
from rectification.policy_page import KIND_NAMES, content, history, overview
from rectification.shell import POLICY_READERS
from rectification.trying import rungs_left_hanging, try_dates, try_levels, try_rungs
from rectification.views.acting import UserRequest
from workflows.colours import read_levels
from workflows.models.policies import Versioned
from workflows.queries import POLICY_KINDS, level_names, policies_in_force, policy_versions
from workflows.scope import actor_of


@require_safe
@only(*POLICY_READERS)
def policy_list(request: UserRequest) -> HttpResponse:
    """The three kinds with what is in force."""
    return render(request, "rectification/policies/list.html", {"kinds": overview(), "may_edit": _may_edit(request)})


@require_safe
@only(*POLICY_READERS)
def policy_detail(request: UserRequest, kind: str, code: str) -> HttpResponse:
    """One policy with its history."""
    versions = _versions(kind, code)
    context = {
        "kind": kind,
        "kind_name": KIND_NAMES[kind],
        "policy": versions[0],
        "history": history(versions),
        "may_edit": _may_edit(request),
    }
    return render(request, "rectification/policies/detail.html", context)


@only(Role.SYSTEM_ADMIN)
def policy_new(request: UserRequest, kind: str) -> HttpResponse:
    """A policy with a code of its own."""
    if kind not in POLICY_KINDS:
        raise Http404
    return _drafted(request, kind, POLICY_KINDS[kind]())


@only(Role.SYSTEM_ADMIN)
def policy_edit(request: UserRequest, kind: str, code: str) -> HttpResponse:
    """A new version of a policy, from the one the person has seen."""
    versions = _versions(kind, code)
    seen = request.POST.get("seen", str(versions[0].pk))
    return _drafted(request, kind, next((row for row in versions if str(row.pk) == seen), versions[0]))


def _versions(kind: str, code: str) -> list[Any]:
    found = policy_versions(kind, code)
    if not found:
        raise Http404
    return found


def _may_edit(request: UserRequest) -> bool:
    return actor_of(request.user).holds(Role.SYSTEM_ADMIN)


def _drafted(request: UserRequest, kind: str, policy: Any) -> HttpResponse:
    """The one course of a draft: typed, tried, put in force; every answer but the last leaves all as it was."""
    if request.method != "POST":
        return _form_page(request, kind, FORMS[kind](policy))
    if wish := request.POST.get("wish", ""):
        return _form_page(request, kind, FORMS[kind](policy, request.POST, wish))
    forms, stage = FORMS[kind](policy, request.POST), request.POST.get("stage", "")
    if not forms.is_valid() or stage == "back":
        return _form_page(request, kind, forms)
    if stage not in {"force", "adjust"}:
        return _preview_page(request, kind, forms)
    former = policy.pk
    try:
        made = _put(request, forms, stage)
    except Refused as refusal:
        forms.main.add_error(None, str(refusal))
        return _form_page(request, kind, forms)
    messages.success(request, _said(made, former, stage))
    return redirect("policy-detail", kind=kind, code=made.code)


def _put(request: UserRequest, forms: PolicyForms, stage: str) -> Versioned:
    policy: Any = forms.policy
    if not policy.pk:
        return begin_policy(forms.draft(), by=request.user, request=request, reason=forms.reason)
    put = put_in_force_for_running if stage == "adjust" and forms.running_dates else put_in_force
    return put(policy, forms.values(), by=request.user, request=request, reason=forms.reason)


def _said(made: Any, former: int | None, stage: str) -> str:
    if stage == "adjust":
        return _("%s已生效；正在办理的时限正在按它逐批调整，每一处调整都记入问题的办理过程。") % made
    return _("内容与现行版本相同，没有生成新版本。") if made.pk == former else _("%s已生效。") % made


def _form_page(request: UserRequest, kind: str, forms: PolicyForms) -> HttpResponse:
    context = {"kind": kind, "kind_name": KIND_NAMES[kind], "policy": forms.policy, "forms": forms, "form": forms.main}
    return render(request, "rectification/policies/form.html", context)


def _preview_page(request: UserRequest, kind: str, forms: PolicyForms) -> HttpResponse:
    draft = forms.draft()
    context = {
        "kind": kind,
        "kind_name": KIND_NAMES[kind],
        "policy": forms.policy,
        "draft": draft,
        "posted": forms.posted(),
        "version": content(draft, level_names()),
        "asks": forms.running_dates and bool(forms.policy.pk),
        **_tried(kind, draft),
    }
    return render(request, "rectification/policies/preview.html", context)


def _tried(kind: str, draft: Any) -> dict[str, Any]:
    if kind == "deadline":
        return {"trial": try_dates(draft)}
    if kind == "warning":
        levels = read_levels(draft.levels)
        ladders, others = policies_in_force("escalation"), policies_in_force("warning")
        return {"trial": try_levels(draft.code, levels), "hanging": rungs_left_hanging(levels, draft, ladders, others)}
    return {"trial": try_rungs(draft.code, draft.rungs)}
