"""Forms of the pages about messages."""

from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications import channels
from notifications.actions.addresses import Choice
from notifications.models import DIGEST_AT, IN_APP, Address, DeliveryState, Preference, Preset
from notifications.timing import Wishes
from organizations.models import Unit
from workflows.queries import office_hours

WRONG_HOUR = gettext_lazy("请按 08:30 的样子填写时间。")
REQUIRED = gettext_lazy("请填写这一栏。")
NOT_LISTED = gettext_lazy("请从列表中选择。")
FREE_MINUTES = 60


def own_channels() -> list[channels.Channel]:
    """The ways to a person outside the system."""
    return [each for each in channels.channels() if each.scope == "person" and each.code != IN_APP]


def unit_channels() -> list[channels.Channel]:
    """The ways to a unit."""
    return [each for each in channels.channels() if each.scope == "unit"]


def hour_field(label: Any, *, required: bool = False, help_text: Any = "") -> forms.TimeField:
    """An hour of the day."""
    return forms.TimeField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": WRONG_HOUR, "required": REQUIRED},
    )


class PreferenceForm(forms.Form):
    """How one wants to be told, and where."""

    preset = forms.ChoiceField(
        label=gettext_lazy("系统外发送哪些消息"),
        choices=Preset.choices,
        widget=forms.RadioSelect,
        error_messages={"required": NOT_LISTED, "invalid_choice": NOT_LISTED},
    )
    digest_at = hour_field(
        gettext_lazy("每日汇总时间"), required=True, help_text=gettext_lazy("每个工作日最多发送一次汇总。")
    )
    quiet_from = hour_field(
        gettext_lazy("免打扰开始"),
        help_text=gettext_lazy("夜间和休息日本来就不发送；免打扰期间的消息推迟发送，不会丢失。"),
    )
    quiet_to = hour_field(gettext_lazy("免打扰结束"))

    def __init__(self, *args: Any, preference: Preference | None, addresses: dict[str, Address], **kwargs: Any) -> None:
        kept = preference or Preference(preset=Preset.ALL, digest_at=DIGEST_AT)
        names = ("preset", "digest_at", "quiet_from", "quiet_to")
        initial = {name: getattr(kept, name) for name in names}
        initial |= {f"address_{code}": row.address for code, row in addresses.items() if row.active}
        super().__init__(*args, **{"initial": initial, "label_suffix": "", **kwargs})
        for each in own_channels():
            self.fields[f"address_{each.code}"] = forms.CharField(
                label=str(each.label),
                required=False,
                max_length=500,
                help_text=_("留空就不发送到这里。"),
                error_messages={"max_length": _("这个地址太长，请核对。")},
            )

    def clean(self) -> dict[str, Any]:
        """Quiet hours have both ends and leave an hour of the office day; each address can be one."""
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("quiet_from"), cleaned.get("quiet_to")
        if "quiet_from" in cleaned and "quiet_to" in cleaned:
            if (begins is None) != (ends is None):
                self.add_error(
                    "quiet_to" if ends is None else "quiet_from", _("请同时填写开始和结束时间，或者都留空。")
                )
            elif begins is not None and _free_minutes(Wishes(quiet_from=begins, quiet_to=ends)) < FREE_MINUTES:
                self.add_error("quiet_to", _("免打扰占满了工作时间，消息就发不出去了。请至少留出一个小时。"))
        at, hours = cleaned.get("digest_at"), office_hours()
        if at is not None and not hours.opens <= at < hours.closes:
            said = _("汇总在工作时间发送，请填写%(opens)s至%(closes)s之间的时间。")
            self.add_error("digest_at", said % {"opens": f"{hours.opens:%H:%M}", "closes": f"{hours.closes:%H:%M}"})
        for each in own_channels():
            self._check(f"address_{each.code}", each)
        return cleaned

    def _check(self, name: str, channel: channels.Channel) -> None:
        text = self.cleaned_data.get(name, "")
        if text:
            try:
                channel.check(text)
            except ValidationError as error:
                self.add_error(name, error)

    def choice(self) -> Choice:
        """What was chosen."""
        names = ("preset", "quiet_from", "quiet_to", "digest_at")
        return Choice(**{name: self.cleaned_data[name] for name in names})

    def addresses(self) -> dict[str, str]:
        """The address of each channel, perhaps empty."""
        return {each.code: self.cleaned_data[f"address_{each.code}"] for each in own_channels()}


def _free_minutes(wishes: Wishes) -> int:
    """Minutes of an office day in which messages may go out."""
    hours = office_hours()
    minutes = range(hours.opens.hour * 60 + hours.opens.minute, hours.closes.hour * 60 + hours.closes.minute)
    return sum(not wishes.is_quiet(time(minute // 60, minute % 60)) for minute in minutes)


class UnitAddressForm(forms.Form):
    """An address of a unit: a group's robot, a webhook."""

    unit = forms.ModelChoiceField(
        label=gettext_lazy("单位"),
        queryset=Unit.objects.none(),
        empty_label=None,
        error_messages={"required": NOT_LISTED, "invalid_choice": NOT_LISTED},
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("渠道"), error_messages={"required": NOT_LISTED, "invalid_choice": NOT_LISTED}
    )
    address = forms.CharField(
        label=gettext_lazy("地址"),
        max_length=500,
        help_text=gettext_lazy("群里的人不一定能看到问题，所以群消息只写编号、时限和链接。"),
        error_messages={"required": REQUIRED, "max_length": gettext_lazy("这个地址太长，请核对。")},
    )
    secret = forms.CharField(
        label=gettext_lazy("密钥"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("没有密钥的渠道留空；重新添加同一个地址可以更换密钥。"),
        error_messages={"max_length": gettext_lazy("这个密钥太长，请核对。")},
    )

    def __init__(self, *args: Any, units: list[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["unit"].queryset = Unit.objects.filter(pk__in=[unit.pk for unit in units])  # type: ignore[attr-defined]
        self.fields["channel"].choices = [(each.code, each.label) for each in unit_channels()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The address fits the channel."""
        cleaned = super().clean() or {}
        if cleaned.get("channel") and cleaned.get("address"):
            try:
                channels.channel(cleaned["channel"]).check(cleaned["address"])
            except ValidationError as error:
                self.add_error("address", error)
        if self._lacks_its_secret(cleaned):
            self.add_error("secret", _("这个渠道的每条消息都要签名，请填写密钥，并告诉收件系统同一个密钥。"))
        return cleaned

    def _lacks_its_secret(self, cleaned: dict[str, Any]) -> bool:
        code = cleaned.get("channel", "")
        if not code or cleaned.get("secret") or not getattr(channels.channel(code), "needs_secret", False):
            return False
        known = Address.objects.filter(unit=cleaned.get("unit"), channel=code, address=cleaned.get("address", ""))
        return not known.exclude(secret="").exists()


class DeliveryFilterForm(forms.Form):
    """What the system administrator looks for."""

    q = forms.CharField(label=gettext_lazy("收件人或问题编号"), required=False, max_length=60)
    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("渠道"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        outside = [(each.code, each.label) for each in channels.channels() if each.code != IN_APP]
        everything = [("", _("全部系统外渠道")), *outside, (IN_APP, _("系统内"))]
        self.fields["state"].choices = [("", _("全部")), *DeliveryState.choices]  # type: ignore[attr-defined]
        self.fields["channel"].choices = everything  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, str]:
        """The filters; one that is none asks for everything."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("state", "channel", "q")}
