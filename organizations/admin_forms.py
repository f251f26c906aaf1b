"""Forms of the admin's pages."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.models import DictionaryEntry, Level, Post, Unit
from organizations.queries import labels
from organizations.roles import Role
from organizations.three_admins import Term, refusal, rival

KINDS = {
    "unit_kind": gettext_lazy("单位类别"),
    "role": gettext_lazy("角色"),
    "level": gettext_lazy("区划级别"),
}
# Codes the programme itself knows; a dictionary renames them and adds none.
FIXED_CODES = {"role": set(Role.values), "level": set(Level.values)}


def choices_of(kind: str) -> list[tuple[str, str]]:
    """The choices of a dictionary as in force today."""
    return list(labels(kind).items())


class AliasesField(forms.CharField):
    """Names in one line, kept as a list."""

    def prepare_value(self, value: Any) -> Any:
        """The list as a line."""
        return "、".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The line as a list."""
        return [part.strip() for part in re.split(r"[、，,;；]", super().to_python(value) or "") if part.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as lists."""
        return (initial or []) != self.to_python(data)


class UnitForm(forms.ModelForm):
    """A unit, its kind chosen from the dictionary."""

    kind = forms.ChoiceField(label=gettext_lazy("单位类别"), choices=lambda: choices_of("unit_kind"))
    aliases = AliasesField(label=gettext_lazy("别名"), required=False, help_text=gettext_lazy("有多个时用顿号分开。"))

    class Meta:
        model = Unit
        fields = ("name", "short_name", "kind", "division", "contact", "aliases", "valid_from", "valid_to")


class DictionaryForm(forms.ModelForm):
    """A word of a dictionary."""

    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=list(KINDS.items()))

    class Meta:
        model = DictionaryEntry
        fields = ("kind", "code", "label", "position", "valid_from", "valid_to")

    def clean(self) -> dict[str, Any]:
        """Roles and levels are renamed, never invented; a word does not end before it begins."""
        data = super().clean() or {}
        kind, code = data.get("kind", ""), data.get("code", "")
        if code and kind in FIXED_CODES and code not in FIXED_CODES[kind]:
            raise ValidationError(
                _("这一类的代码由系统规定，只能改名称，可用的代码：%s。") % "、".join(sorted(FIXED_CODES[kind]))
            )
        begins, ends = data.get("valid_from"), data.get("valid_to")
        if begins and ends and ends < begins:
            raise ValidationError(_("停用日期早于启用日期，请更正。"))
        return data


class PostForm(forms.ModelForm):
    """A post; the rule of 三员 is told before the save, and asked again under the lock."""

    class Meta:
        model = Post
        fields = ("user", "unit", "role", "valid_from", "valid_to", "acting_for")

    def clean(self) -> dict[str, Any]:
        """Nobody becomes two of 三员."""
        data = super().clean() or {}
        if self.instance.pk and not data.get("valid_to"):
            self.add_error("valid_to", _("请填写离任日期。其他内容不能更改：需要时先离任，再新增一条任职。"))
        user, role = data.get("user"), data.get("role")
        if user and role:
            held = rival(
                Term(role, data.get("valid_from"), data.get("valid_to")),
                [Term(post.role, post.valid_from, post.valid_to) for post in user.posts.all()],
            )
            if held:
                raise ValidationError(refusal(user.name, held, role))
        return data
