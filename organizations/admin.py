"""基础数据 in Django's admin: each page asks for a post, each save goes through an action."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Field, QuerySet
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import admin_forms as forms
from organizations.actions.basic_data import keep_row
from organizations.actions.people import (
    PersonEntry,
    PostEntry,
    add_post,
    add_user,
    end_post,
    rename_user,
)
from organizations.errors import Refused
from organizations.models import AccessEntry, DictionaryEntry, Division, Post, Unit, User
from organizations.powers import holds
from organizations.queries import label_of
from organizations.roles import Role


class PoweredAdmin(admin.ModelAdmin):
    """A page that roles open: `editors` may change, `viewers` may look; nothing is ever deleted."""

    editors: tuple[Role, ...] = ()
    viewers: tuple[Role, ...] = ()
    # Fields that stay as they were made.
    fixed: tuple[str, ...] = ()
    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change or look."""
        return holds(request.user, *self.editors, *self.viewers)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Listed on the first page for whoever may look."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may change."""
        return holds(request.user, *self.editors)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change."""
        return holds(request.user, *self.editors)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what was in force is ended by a date, not taken away."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is fixed once it is there."""
        return (*self.readonly_fields, *(self.fixed if obj else ()))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """A refusal of an action undoes the save and becomes a message."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class ReadOnlyAdmin(PoweredAdmin):
    """A page to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


class BasicDataAdmin(PoweredAdmin):
    """Rows the system administrator keeps."""

    editors = (Role.SYSTEM_ADMIN,)

    def save_model(self, request: HttpRequest, obj: Any, form: Form, change: bool) -> None:
        """Store the row and write the log."""
        keep_row(obj, by=request.user, request=request)  # type: ignore[arg-type]


@admin.register(Division)
class DivisionAdmin(BasicDataAdmin):
    """Names and days only; the tree itself comes from load_divisions."""

    viewers = (Role.SECURITY_ADMIN,)
    list_display = ("code", "name", "level", "parent", "valid_to")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("name", "code", "initials")
    fields = ("code", "name", "level", "parent", "valid_from", "valid_to")
    readonly_fields = ("code", "level", "parent")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: manage.py load_divisions adds."""
        return False


@admin.register(Unit)
class UnitAdmin(BasicDataAdmin):
    """Units."""

    viewers = (Role.SECURITY_ADMIN,)
    form = forms.UnitForm
    list_display = ("name", "short_name", "kind_label", "division", "valid_to")
    list_select_related = ("division",)
    search_fields = ("name", "short_name", "division__name")
    autocomplete_fields = ("division",)
    fields = ("name", "short_name", "kind", "division", "contact", "aliases", "valid_from", "valid_to")

    @admin.display(description=gettext_lazy("单位类别"), ordering="kind")
    def kind_label(self, unit: Unit) -> str:
        """The dictionary's word."""
        return label_of("unit_kind", unit.kind)


@admin.register(DictionaryEntry)
class DictionaryEntryAdmin(BasicDataAdmin):
    """Words a government may change."""

    form = forms.DictionaryForm
    list_display = ("label", "kind", "code", "position", "valid_from", "valid_to")
    list_filter = ("kind",)
    fields = ("kind", "code", "label", "position", "valid_from", "valid_to")
    fixed = ("kind", "code")


@admin.register(User)
class UserAdmin(PoweredAdmin):
    """People; passwords are never seen here, and whoever leaves is stopped, not deleted."""

    editors = (Role.SECURITY_ADMIN,)
    list_display = ("username", "name", "is_active", "must_change_password", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "name")
    fields = ("username", "name", "is_active", "must_change_password", "last_login")
    readonly_fields = ("is_active", "must_change_password", "last_login")
    fixed = ("username",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Two fields make a person."""
        return self.fields if obj else ("username", "name")

    def save_model(self, request: Any, obj: User, form: Form, change: bool) -> None:
        """Make or rename a person; the first password is shown in a message, once."""
        if change:
            rename_user(obj.pk, by=request.user, name=obj.name, request=request)
            return
        made, password = add_user(PersonEntry(obj.username, obj.name), by=request.user, request=request)
        obj.pk = made.pk
        text = _("%(name)s的初始密码是 %(password)s ，只显示这一次，请当面告知本人。")
        self.message_user(request, text % {"name": made.name, "password": password}, messages.WARNING)


@admin.register(Post)
class PostAdmin(PoweredAdmin):
    """Posts are added and ended, never changed and never deleted."""

    editors = (Role.SECURITY_ADMIN,)
    form = forms.PostForm
    list_display = ("user", "unit", "role_label", "valid_from", "valid_to", "acting_for")
    list_filter = ("role",)
    list_select_related = ("user", "unit", "acting_for")
    search_fields = ("user__name", "user__username", "unit__name")
    autocomplete_fields = ("user", "unit", "acting_for")
    fields = ("user", "unit", "role", "valid_from", "valid_to", "acting_for")
    fixed = ("user", "unit", "role", "valid_from", "acting_for")

    @admin.display(description=gettext_lazy("角色"), ordering="role")
    def role_label(self, post: Post) -> str:
        """The dictionary's word."""
        return label_of("role", post.role)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Roles by the dictionary's words."""
        made: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "role":
            made.choices = [("", "---------"), *forms.choices_of("role")]
        return made

    def save_model(self, request: Any, obj: Post, form: ModelForm, change: bool) -> None:
        """Add a post, or say when it ends."""
        if change:
            end_post(obj.pk, by=request.user, last_day=form.cleaned_data["valid_to"], request=request)
            return
        entry = PostEntry(obj.unit, obj.role, obj.valid_from, obj.valid_to, obj.acting_for)
        obj.pk = add_post(obj.user_id, by=request.user, entry=entry, request=request).pk


@admin.register(AccessEntry)
class AccessEntryAdmin(ReadOnlyAdmin):
    """The auditor's log."""

    viewers = (Role.AUDITOR,)
    list_display = ("at", "kind", "username", "address", "text")
    list_filter = ("kind",)
    search_fields = ("username", "text")
    date_hierarchy = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessEntry]:
        """With names."""
        return super().get_queryset(request).select_related("user")
