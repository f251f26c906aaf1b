"""Forms of the entrance, of people and of the auditor's log."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from organizations.listings import LogFilter
from organizations.models import AccessKind, User
from organizations.people_file import MAX_BYTES


class LoginForm(AuthenticationForm):
    """Log-in name and password."""

    error_messages = {
        "invalid_login": _("登录名或密码不正确。请核对大小写后再试；连续输错5次，账号将锁定15分钟。"),
        "inactive": _("这个账号已停用。如需继续使用，请联系本单位的安全管理员重新启用。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("登录名")
        self.fields["username"].error_messages["required"] = _("请填写登录名。")
        self.fields["password"].error_messages["required"] = _("请填写密码。")

    def get_invalid_login_error(self) -> ValidationError:
        """Only whoever knows the password learns that the account is stopped."""
        user = User.objects.filter(username=self.cleaned_data.get("username"), is_active=False).first()
        if user and user.check_password(self.cleaned_data.get("password", "")):
            return ValidationError(self.error_messages["inactive"], code="inactive")
        return ValidationError(self.error_messages["invalid_login"], code="invalid_login")


class PasswordForm(PasswordChangeForm):
    """A new password of one's own; the old one is asked for always."""

    error_messages = {
        "password_mismatch": _("两次填写的新密码不一致，请重新填写。"),
        "password_incorrect": _("原密码不正确，请重新填写。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in {
            "old_password": _("原密码"),
            "new_password1": _("新密码"),
            "new_password2": _("再填一次新密码"),
        }.items():
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = _("请填写这一栏。")
        self.fields["new_password1"].help_text = _("至少10个字符，同时包含字母和数字，不要用常见的密码。")
        self.fields["new_password2"].help_text = ""

    def clean_new_password2(self) -> str:
        """The old password is no new one."""
        new = self.cleaned_data.get("new_password2", "")
        if new and new == self.cleaned_data.get("old_password"):
            raise ValidationError(_("新密码不能与原密码相同，请换一个。"), code="same")
        return new


class PeopleFileForm(forms.Form):
    """The workbook of units, people and posts."""

    file = forms.FileField(
        label=_("人员表（xlsx）"),
        error_messages={
            "required": _("请选择要导入的 xlsx 文件。"),
            "empty": _("这个文件是空的，请重新选择。"),
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx", "data-max-bytes": str(MAX_BYTES)}),
    )

    def clean_file(self) -> Any:
        """Size and ending; the content is judged by its reader."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise ValidationError(_("文件超过 10 MB。请按单位拆成几个文件后分别导入。"))
        if not upload.name.lower().endswith(".xlsx"):
            raise ValidationError(_("只接收 xlsx 文件。请用 WPS 或 Excel 另存为 xlsx 后再导入。"))
        return upload


class LogForm(forms.Form):
    """Filters of the auditor's log."""

    kind = forms.ChoiceField(label=_("类别"), required=False, choices=[("", _("全部类别")), *AccessKind.choices])
    username = forms.CharField(label=_("登录名或姓名"), required=False, max_length=60)
    begins = forms.DateField(
        label=_("从"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请写成 2026-06-30 这样的日期。")},
    )
    ends = forms.DateField(
        label=_("到"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请写成 2026-06-30 这样的日期。")},
    )

    def wanted(self) -> LogFilter:
        """What was asked for; a field that cannot be read asks for nothing."""
        self.is_valid()
        return LogFilter(**self.cleaned_data)
