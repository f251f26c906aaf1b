"""What the security administrator does with people and posts, and what a person does with their password."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from organizations import clock
from organizations.access_log import note_access
from organizations.errors import Refused
from organizations.first_passwords import hash_of, random_password
from organizations.models import AccessKind, Post, Unit, User
from organizations.three_admins import Term, refusal, rival


@dataclass(frozen=True)
class PostEntry:
    """A post somebody is to hold."""

    unit: Unit
    role: str
    valid_from: date | None = None
    valid_to: date | None = None
    acting_for: User | None = None


@dataclass(frozen=True)
class PersonEntry:
    """A person who is to log in."""

    username: str
    name: str


@transaction.atomic
def add_user(entry: PersonEntry, *, by: User | None, request: HttpRequest | None = None) -> tuple[User, str]:
    """Make a person; returns them and the first password, which is shown once and kept nowhere."""
    if User.objects.filter(username=entry.username).exists():
        raise Refused(_("登录名“%(name)s”已经有人使用，请换一个。") % {"name": entry.username})
    password = random_password()
    user = User(username=entry.username, name=entry.name, must_change_password=True)
    user.password = hash_of(password)
    user.save()
    text = _("新增人员 %(user)s") % {"user": _named(user)}
    note_access(AccessKind.PERMISSION, text, by=by, request=request, new=vars(entry))
    return user, password


@transaction.atomic
def rename_user(user_id: int, *, by: User, name: str, request: HttpRequest | None = None) -> User:
    """Correct a person's name."""
    user = _locked(user_id)
    old, user.name = user.name, name
    if old != name:
        user.save(update_fields=["name"])
        text = _("更改姓名 %(user)s") % {"user": _named(user)}
        note_access(AccessKind.PERMISSION, text, by=by, request=request, old={"name": old}, new={"name": name})
    return user


@transaction.atomic
def change_password(user_id: int, *, password: str, request: HttpRequest | None = None) -> User:
    """A person chooses a password of their own."""
    user = _locked(user_id)
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    note_access(AccessKind.PASSWORD, _("本人修改密码"), by=user, request=request)
    return user


@transaction.atomic
def reset_password(user_id: int, *, by: User, request: HttpRequest | None = None) -> tuple[User, str]:
    """Give a person a new first password; their open sessions end."""
    if user_id == by.pk:
        raise Refused(_("自己的密码请在“修改密码”里更改。"))
    user = _locked(user_id)
    password = random_password()
    user.password = hash_of(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    text = _("重置密码 %(user)s") % {"user": _named(user)}
    note_access(AccessKind.PASSWORD, text, by=by, request=request, target=user.username)
    return user, password


@transaction.atomic
def set_active(user_id: int, *, by: User, active: bool, request: HttpRequest | None = None) -> User:
    """Stop a person from logging in, or let them in again."""
    if user_id == by.pk:
        raise Refused(_("不能停用自己的账号，请由另一位安全管理员办理。"))
    user = _locked(user_id)
    if user.is_active == active:
        return user
    user.is_active = active
    user.save(update_fields=["is_active"])
    verb = _("重新启用") if active else _("停用")
    note_access(
        AccessKind.PERMISSION,
        f"{verb} {_named(user)}",
        by=by,
        request=request,
        old={"is_active": not active},
        new={"is_active": active},
    )
    return user


@transaction.atomic
def add_post(user_id: int, *, by: User | None, entry: PostEntry, request: HttpRequest | None = None) -> Post:
    """Give a person a post; they are locked first, so two at once cannot make one person two of 三员."""
    user = _locked(user_id)
    _refuse_backwards(entry.valid_from, entry.valid_to)
    if entry.acting_for and entry.acting_for.pk == user.pk:
        raise Refused(_("一个人不能代理自己，请更正“代理何人”。"))
    _refuse_second_admin(user, Term(entry.role, entry.valid_from, entry.valid_to))
    twin = Post.objects.on(clock.today()).filter(
        user=user, unit=entry.unit, role=entry.role, acting_for=entry.acting_for
    )
    if twin.exists():
        raise Refused(_("%(name)s已在这个单位担任这个角色，不用重复添加。") % {"name": user.name})
    post = Post.objects.create(user=user, **vars(entry))
    text = _("新增任职 %(post)s") % {"post": _described(post)}
    note_access(AccessKind.PERMISSION, text, by=by, request=request, old=None, new=facts_of_post(post))
    return post


@transaction.atomic
def end_post(post_id: int, *, by: User | None, last_day: date, request: HttpRequest | None = None) -> Post:
    """Say until which day a post is held; posts are never deleted."""
    holder = Post.objects.values_list("user_id", flat=True).get(pk=post_id)
    user = _locked(holder)
    post = Post.objects.select_related("unit", "user").get(pk=post_id)
    if post.valid_to and post.valid_to < clock.today():
        raise Refused(_("这个任职已经结束，不能再改；再次任职请新增一条。"))
    _refuse_backwards(post.valid_from, last_day)
    old = facts_of_post(post)
    _refuse_second_admin(user, Term(post.role, post.valid_from, last_day), without=post.pk)
    post.valid_to = last_day
    post.save(update_fields=["valid_to"])
    text = _("结束任职 %(post)s") % {"post": _described(post)}
    note_access(AccessKind.PERMISSION, text, by=by, request=request, old=old, new=facts_of_post(post))
    return post


def facts_of_post(post: Post) -> dict[str, object]:
    """What the auditor's log keeps of a post."""
    return {
        "user": post.user.username,
        "unit": post.unit_id,
        "unit_name": post.unit.name,
        "role": post.role,
        "valid_from": post.valid_from and post.valid_from.isoformat(),
        "valid_to": post.valid_to and post.valid_to.isoformat(),
        "acting_for": post.acting_for_id,
    }


def _locked(user_id: int) -> User:
    return User.objects.select_for_update().get(pk=user_id)


def _named(user: User) -> str:
    return f"{user.name}（{user.username}）"


def _described(post: Post) -> str:
    return f"{_named(post.user)} · {post.unit.name} · {post.get_role_display()}"


def _refuse_second_admin(user: User, wanted: Term, without: int | None = None) -> None:
    others = [post for post in user.posts.all() if post.pk != without]
    held = rival(wanted, [Term(post.role, post.valid_from, post.valid_to) for post in others])
    if held:
        raise Refused(refusal(user.name, held, wanted.role))


def _refuse_backwards(begins: date | None, ends: date | None) -> None:
    if begins and ends and ends < begins:
        raise Refused(_("离任日期早于任职日期，请更正。"))
