"""Who works where: divisions, units, people and their posts, and the words a government may rename."""

from datetime import date
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organizations.powers import Powers
from organizations.roles import SEAT_OF_ROLE, Role
from organizations.spelling import spellings


class Level(models.TextChoices):
    """Levels of the division tree, highest first. Labels shown to people are dictionary rows."""

    PROVINCE = "province", _("省级")
    CITY = "city", _("市级")
    COUNTY = "county", _("县级")
    TOWN = "town", _("乡镇级")
    VILLAGE = "village", _("村级")


class DatedQuerySet(models.QuerySet):
    """Rows that hold from a day until a day (both included)."""

    def on(self, day: date) -> Self:
        """Rows in force on a day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        )


class DictionaryEntry(models.Model):
    """One name a government may change: of a level, a role, a source kind, a unit kind …"""

    kind = models.CharField(_("类别"), max_length=40)
    code = models.CharField(_("代码"), max_length=40)
    label = models.CharField(_("名称"), max_length=60)
    position = models.PositiveSmallIntegerField(_("顺序"), default=0)
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("字典项")
        ordering = ["kind", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "code", "valid_from"], name="dictionary_entry_once"),
            models.UniqueConstraint(
                fields=["kind", "code"],
                condition=Q(valid_from__isnull=True),
                name="dictionary_entry_undated_once",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Division(models.Model):
    """An administrative division with its 12-digit statistical code."""

    code = models.CharField(_("区划代码"), max_length=12, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    level = models.CharField(_("级别"), max_length=10, choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级区划")
    )
    path = models.CharField(_("路径"), max_length=120, editable=False)
    initials = models.CharField(_("拼音首字母"), max_length=80, editable=False, db_index=True)
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("行政区划")
        ordering = ["code"]
        indexes = [models.Index(fields=["path"], name="division_path")]

    def __str__(self) -> str:
        return self.name

    def ancestor_ids(self) -> list[int]:
        """Ids from the top of the tree down to this division itself."""
        return [int(part) for part in self.path.strip("/").split("/") if part]

    def covers(self, path: str) -> bool:
        """Whether a path lies in this division (itself included)."""
        return path.startswith(self.path)


class SpellingsField(models.TextField):
    """The spellings of a unit's names, made anew whenever the row is stored, singly or in bulk."""

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """From the name, the short name and the aliases as they are now."""
        made = spellings([model_instance.name, model_instance.short_name, *model_instance.aliases])
        setattr(model_instance, self.attname, made)
        return made

    def deconstruct(self) -> Any:
        """A plain text column, so that no migration needs this class."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs


class Unit(models.Model):
    """A department, a township, a village committee, an inspection team, a rectification office."""

    name = models.CharField(_("单位名称"), max_length=120)
    short_name = models.CharField(_("简称"), max_length=60, blank=True)
    kind = models.CharField(_("单位类别"), max_length=40)
    division = models.ForeignKey(Division, models.PROTECT, related_name="units", verbose_name=_("所在区划"))
    aliases = models.JSONField(_("别名"), default=list, blank=True)
    spellings = SpellingsField(editable=False, default="", db_default="")
    contact = models.CharField(
        _("联系方式"),
        max_length=150,
        blank=True,
        default="",
        db_default="",
        help_text=_("办公电话和地址，公示和文书上写给群众看。"),
    )
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("单位")
        ordering = ["division__code", "id"]
        constraints = [models.UniqueConstraint(fields=["division", "name"], name="unit_once_in_division")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name


class UserManager(BaseUserManager["User"]):
    """Makes users; there is no superuser: powers come from posts alone."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without a password nobody can log in as them."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(Powers, AbstractBaseUser):
    """A person who can log in."""

    username = models.CharField(_("登录名"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=40)
    is_active = models.BooleanField(_("启用"), default=True)
    must_change_password = models.BooleanField(_("首次登录须改密码"), default=True)
    looked_at = models.DateTimeField(_("上次查看工作台"), null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = _("用户")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The person's name, as Django's admin asks for it."""
        return self.name

    get_short_name = get_full_name


class PostQuerySet(DatedQuerySet):
    """Posts, always with the unit and the division they stand for."""

    def standing(self, day: date) -> "PostQuerySet":
        """Posts of active people in force on a day, in a stable order."""
        return (
            self.on(day)
            .filter(user__is_active=True)
            .select_related("unit__division", "user", "acting_for")
            .order_by("id")
        )


class Post(models.Model):
    """A person in a unit with a role, from a day until a day; perhaps acting for somebody."""

    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name=_("人员"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", verbose_name=_("单位"))
    role = models.CharField(_("角色"), max_length=30, choices=Role.choices)
    valid_from = models.DateField(_("任职日期"), null=True, blank=True)
    valid_to = models.DateField(_("离任日期"), null=True, blank=True)
    acting_for = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="stand_ins", verbose_name=_("代理何人")
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("任职")
        ordering = ["id"]
        indexes = [models.Index(fields=["unit", "role"], name="post_unit_role")]
        constraints = [
            models.CheckConstraint(
                condition=Q(acting_for__isnull=True) | ~Q(acting_for=models.F("user")),
                name="nobody_acts_for_oneself",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
                name="post_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.user}"

    @property
    def seat(self) -> str:
        """The seat whose work items this post serves; empty for posts that owe none."""
        return SEAT_OF_ROLE.get(self.role, "")


class AccessKind(models.TextChoices):
    """What the auditor's log records."""

    LOGIN = "login", _("登录")
    LOGIN_FAILED = "login_failed", _("登录失败")
    LOGOUT = "logout", _("退出")
    EXPORT = "export", _("导出")
    DOWNLOAD = "download", _("下载原件")
    PERMISSION = "permission", _("权限变更")
    BASIC_DATA = "basic_data", _("基础数据变更")
    PASSWORD = "password", _("密码变更")


class AccessEntry(models.Model):
    """One line of the log that only the auditor reads; rows are never changed or deleted."""

    at = models.DateTimeField(_("时间"))
    kind = models.CharField(_("类别"), max_length=20, choices=AccessKind.choices)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("人员"))
    username = models.CharField(_("登录名"), max_length=60, blank=True)
    address = models.GenericIPAddressField(_("来源地址"), null=True, blank=True)
    text = models.CharField(_("内容"), max_length=500)
    data = models.JSONField(_("明细"), default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("审计日志")
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "-id"], name="access_kind")]

    def __str__(self) -> str:
        return self.text
