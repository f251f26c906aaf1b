"""Pages: one's messages, how one wants to be told, the addresses of a unit, what was sent."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from notifications.actions.addresses import keep_preference, keep_unit_address, resend, switch_address
from notifications.actions.reading import read_all, read_notice
from notifications.actions.sending import channel_label
from notifications.forms import DeliveryFilterForm, PreferenceForm, UnitAddressForm, unit_channels
from notifications.models import IN_APP, KEEPERS, UNSENT, Address, Delivery, Notice, Preference
from notifications.queries import (
    DeliveryFilter,
    delivery_page,
    kept_units,
    notice_page,
    own_addresses,
    switched_off,
    unit_addresses,
    unread_count,
    watched_case,
)
from organizations.errors import Refused
from organizations.roles import Role
from organizations.views.access import UserRequest, only, with_query
from workflows.queries import inbox_counts
from workflows.scope import actor_of


@login_required
@require_safe
def message_list(request: UserRequest) -> HttpResponse:
    """What I was told, unread first."""
    page = notice_page(request.user, request.GET.get("page"))
    pager = {
        "total_text": _("共 %(n)d 条") % {"n": page.paginator.count},
        "previous_url": with_query(request, page=page.previous_page_number() if page.has_previous() else None),
        "next_url": with_query(request, page=page.next_page_number() if page.has_next() else None),
    }
    context = {"rows": page.object_list, "page": pager, "unread": unread_count(request.user), **_tabs(request)}
    return render(request, "notifications/message_list.html", context)


def _tabs(request: UserRequest) -> dict[str, Any]:
    return {"keeps_unit": actor_of(request.user).holds(*KEEPERS)}


@login_required
@require_safe
def message_open(request: UserRequest, notice_id: int) -> HttpResponse:
    """Note that I have read it, and go where it leads."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=notice_id)
    read_notice(notice)
    return redirect(notice.url or "message-list")


@login_required
@require_POST
def messages_read(request: UserRequest) -> HttpResponse:
    """全部标为已读."""
    messages.success(request, _("已将%(n)d条消息标为已读。") % {"n": read_all(request.user)})
    return redirect("message-list")


@login_required
def message_preferences(request: UserRequest) -> HttpResponse:
    """消息设置."""
    kept = Preference.objects.visible_to(request.user).first()
    form = PreferenceForm(request.POST or None, preference=kept, addresses=own_addresses(request.user))
    if request.method == "POST" and form.is_valid():
        keep_preference(request.user, form.choice(), form.addresses())
        messages.success(request, _("已保存。以后的消息按新的设置发送。"))
        return redirect("message-preferences")
    return render(request, "notifications/preferences.html", {"form": form, **_tabs(request)})


@login_required
def unit_address_list(request: UserRequest) -> HttpResponse:
    """The robots and webhooks of the units I answer for."""
    units = kept_units(request.user)
    if not units:
        raise PermissionDenied(_("这一页只对单位负责人和整改办开放。"))
    form = UnitAddressForm(request.POST or None, units=units, initial={"unit": units[0].pk})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        keep_unit_address(values["unit"], values["channel"], values["address"], values["secret"], request=request)
        messages.success(request, _("已添加。以后交办、退回、逾期和红色预警会发到这里。"))
        return redirect("unit-addresses")
    rows = [_with_label(row) for row in unit_addresses(request.user)]
    context = {"form": form, "rows": rows, "any_channel": bool(unit_channels()), **_tabs(request)}
    return render(request, "notifications/unit_addresses.html", context)


def _with_label(row: Any) -> Any:
    row.channel_label = _("系统内") if row.channel == IN_APP else channel_label(row.channel)
    return row


@login_required
@require_POST
def address_switch(request: UserRequest, address_id: int) -> HttpResponse:
    """启用或停用一个收件地址."""
    row = get_object_or_404(Address.objects.visible_to(request.user), pk=address_id)
    active = request.POST.get("active") == "1"
    switch_address(row, active=active, request=request)
    messages.success(request, _("地址已启用。") if active else _("地址已停用，不再向它发送消息。"))
    if actor_of(request.user).holds(Role.SYSTEM_ADMIN):
        return redirect("delivery-list")
    return redirect("message-preferences" if row.user_id == request.user.pk else "unit-addresses")


@require_safe
@only(Role.SYSTEM_ADMIN)
def delivery_list(request: UserRequest) -> HttpResponse:
    """发送情况: every message with its state, and the addresses that were switched off."""
    form = DeliveryFilterForm(request.GET or {})
    neighbours = {"before": _id(request, "before"), "after": _id(request, "after")}
    found = delivery_page(request.user, DeliveryFilter(**form.wanted()), **neighbours)
    for row in found.rows:
        _with_label(row).may_resend = row.channel != IN_APP and row.state not in UNSENT
    pager = {
        "total_text": _("本页 %(n)d 条，最新的在最前") % {"n": len(found.rows)},
        "previous_url": with_query(request, after=found.newer),
        "next_url": with_query(request, before=found.older),
    }
    off = [_with_label(row) for row in switched_off(request.user)]
    return render(
        request, "notifications/deliveries.html", {"form": form, "rows": found.rows, "page": pager, "off": off}
    )


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


@require_POST
@only(Role.SYSTEM_ADMIN)
def delivery_resend(request: UserRequest, delivery_id: int) -> HttpResponse:
    """重发."""
    rows = Delivery.objects.visible_to(request.user).select_related("address", "resend_of")
    try:
        resend(get_object_or_404(rows, pk=delivery_id))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已安排重发，会在工作时间发出。"))
    return redirect("delivery-list")


@login_required
@require_safe
@never_cache
def live_numbers(request: UserRequest) -> HttpResponse:
    """How much waits for me, and how far the case on my page has come: what the script asks for."""
    number = request.GET.get("case", "")
    case = watched_case(request.user, number) if number and "\x00" not in number else None
    numbers = {
        "inbox": inbox_counts(request.user)["all"],
        "notices": unread_count(request.user),
        "case": case[1] if case else None,
    }
    return JsonResponse(numbers)
