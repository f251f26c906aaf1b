"""The problem: one thing to put right."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations import clock
from organizations.models import Division, Level, Unit
from rectification.models.sources import Batch, Category, granted_cases
from workflows.lifecycles.problem import (
    CLOCK_STATES,
    FINAL_STATES,
    LEVEL_OF_STATE,
    ProblemLifecycle,
    ProblemState,
)
from workflows.models import Case, DeadlinePolicy, ReviewPolicy
from workflows.scope import ScopedQuerySet, actor_of

BEFORE = (ProblemState.REGISTERED, ProblemState.ASSIGNED, ProblemState.PLANNING, ProblemState.PLAN_REVIEW)
# Open, but nobody is late in them: the case clock stands still.
STOPPED = (ProblemState.SUSPENDED, *CLOCK_STATES)
FEW = 2_000  # rows of a single person's sight that are named by id rather than found by subquery
AREA_COLUMN = {Level.COUNTY: "county_id", Level.TOWN: "town_id", Level.VILLAGE: "village_id"}


class RectificationKind(models.TextChoices):
    """整改类型."""

    IMMEDIATE = "immediate", _("立行立改")
    DATED = "dated", _("限期整改")
    PHASED = "phased", _("分阶段整改")
    STANDING = "standing", _("长期坚持")


class Veracity(models.TextChoices):
    """属实性."""

    TRUE = "true", _("属实")
    MOSTLY = "mostly", _("基本属实")
    PARTLY = "partly", _("部分属实")
    UNTRUE = "untrue", _("不属实")


class Authenticity(models.TextChoices):
    """整改真实性."""

    DONE = "done", _("到位")
    INCOMPLETE = "incomplete", _("不彻底")
    NOT_DONE = "not_done", _("未整改")
    PAPER = "paper", _("书面整改")
    FALSE = "false", _("虚假整改")


class AuditWording(models.TextChoices):
    """审计口径."""

    RECTIFIED = "rectified", _("已整改")
    CONTINUING = "continuing", _("持续整改")
    UNRECTIFIED = "unrectified", _("未整改")


class ProblemQuerySet(ScopedQuerySet):
    """Problems one may see, and the filters the ledger offers."""

    def visible_to(self, user: Any) -> "ProblemQuerySet":
        """Area by supervising posts (once disclosed); led, cooperating, found; given as a work item."""
        actor = actor_of(user)
        condition = Q(pk__in=[])
        for division in actor.area_divisions:
            condition |= area(division) & Q(disclosed_at__isnull=False)
        if actor.unit_ids:
            condition |= Q(lead_unit_id__in=actor.unit_ids, disclosed_at__isnull=False)
            condition |= Q(found_unit_id__in=actor.unit_ids)
        if actor.posts:
            condition |= _beside(actor, condition)
        return self.filter(condition)

    def open(self) -> "ProblemQuerySet":
        """Problems that still have to be dealt with."""
        return self.exclude(state__in=FINAL_STATES)

    def late(self) -> "ProblemQuerySet":
        """Open problems whose case clock has run out; a suspension stops it."""
        return self.filter(late_condition())


def late_condition(prefix: str = "") -> Q:
    """Open, not suspended, past the case clock; with a prefix, as seen from a related table."""
    stopped = [*FINAL_STATES, *STOPPED]
    return ~Q(**{f"{prefix}state__in": stopped}) & Q(**{f"{prefix}due_on__lt": clock.today()})


def area(division: Division) -> Q:
    """The condition for places at or below a division, on an indexed column."""
    column = AREA_COLUMN.get(Level(division.level))
    if column:
        return Q(**{column: division.pk})
    below = Division.objects.filter(path__startswith=division.path)
    counties = below.filter(level=Level.COUNTY).values_list("pk", flat=True)
    above = below.filter(level__in=[Level.PROVINCE, Level.CITY]).values_list("pk", flat=True)
    return Q(county_id__in=list(counties)) | Q(county__isnull=True, case__division_id__in=list(above))


def _beside(actor: Any, plain: Q) -> Q:
    """What one sees beyond one's area and units: given as a work item, cooperating, secret but one's principal's.

    Few such rows are named by their ids, so that an index of the area or unit can be walked: with a subquery
    in the OR the database looks at every row there is. Where they are many, the subqueries it is.
    """
    everything = Problem._default_manager
    cooperating = everything.filter(cooperations__unit_id__in=actor.unit_ids, cooperations__ended_at__isnull=True)
    principal = Batch.objects.filter(principal_id__in=[post.unit_id for post in actor.posts], secret=True)
    ways = [
        Q(pk__in=granted_cases(actor)),
        Q(pk__in=cooperating.order_by().values("pk")),
        Q(batch_id__in=principal.order_by().values("pk")),
    ]
    rows = [everything.filter(way).exclude(plain).order_by().values_list("pk") for way in ways]
    found = list(rows[0].union(*rows[1:], all=True)[: FEW + 1])
    if len(found) <= FEW:
        return Q(pk__in={pk for (pk,) in found})
    return ways[0] | ways[1] | ways[2]


class Problem(ProblemLifecycle):
    """问题：one thing to put right, fed by one or more findings."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="problem")
    title = models.CharField(_("问题"), max_length=200)
    description = models.TextField(_("问题详情"), blank=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="problems", verbose_name=_("批次"), db_index=False)
    # The form it was typed into: the same form sent twice makes one problem.
    submission = models.UUIDField(null=True, unique=True, editable=False)
    source_serial = models.CharField(_("来文序号"), max_length=40, blank=True)
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("类别")
    )
    kind = models.CharField(
        _("整改类型"), max_length=20, choices=RectificationKind.choices, default=RectificationKind.DATED
    )
    major = models.BooleanField(_("重大"), default=False)
    place_text = models.CharField(_("具体地点"), max_length=200, blank=True)
    # Copies of the place's path for the index; the place itself is Case.division.
    county = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+", db_index=False)
    town = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+", db_index=False)
    village = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+", db_index=False)

    found_on = models.DateField(_("发现日期"), null=True, blank=True)
    found_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    found_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("发现单位")
    )
    disclosed_at = models.DateTimeField(_("公开时间"), null=True, editable=False)

    proposed_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("拟交办单位"), db_index=False
    )
    proposed_partners = models.JSONField(_("拟配合单位"), default=list, blank=True)  # ids of units
    lead_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("牵头单位"), db_index=False
    )
    lead_leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("包案领导"),
        db_index=False,
    )
    person_in_charge = models.CharField(_("责任人"), max_length=40, blank=True)
    due_on = models.DateField(_("整改时限"), null=True, blank=True)
    # A copy of the day the case clock counts from, so that a list can colour its rows.
    clock_from = models.DateField(null=True, editable=False)
    review_cycle = models.PositiveSmallIntegerField(_("长期坚持复查周期（月）"), null=True, blank=True)

    review_policy = models.ForeignKey(ReviewPolicy, models.PROTECT, related_name="+", db_index=False)
    deadline_policy = models.ForeignKey(DeadlinePolicy, models.PROTECT, related_name="+", db_index=False)
    objections = models.PositiveSmallIntegerField(_("异议次数"), default=0)

    progress = models.PositiveSmallIntegerField(_("进度（%）"), default=0)
    progress_at = models.DateTimeField(_("进展更新时间"), null=True)
    veracity = models.CharField(_("属实性"), max_length=20, choices=Veracity.choices, blank=True)
    authenticity = models.CharField(_("整改真实性"), max_length=20, choices=Authenticity.choices, blank=True)
    audit_wording = models.CharField(_("审计口径"), max_length=20, choices=AuditWording.choices, blank=True)
    money = models.DecimalField(_("挽回或支出资金（元）"), max_digits=14, decimal_places=2, null=True, blank=True)
    rules_written = models.PositiveIntegerField(_("建章立制（项）"), null=True, blank=True)
    people_held = models.PositiveIntegerField(_("追责问责（人）"), null=True, blank=True)
    households = models.PositiveIntegerField(_("惠及户数（户）"), null=True, blank=True)
    rectified_on = models.DateField(_("整改完成日期"), null=True)
    closed_on = models.DateField(_("销号日期"), null=True)
    review_on = models.DateField(_("挂账复核日期"), null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    moved_at = models.DateTimeField(_("最近办理时间"), null=True)
    search_text = models.TextField(editable=False, blank=True)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("问题")
        ordering = ["-case_id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ProblemState.values), name="problem_state_known"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="progress_is_a_percentage"),
            models.CheckConstraint(
                condition=~Q(state="suspended") | Q(review_on__isnull=False),
                name="suspended_has_a_review_date",
            ),
            models.UniqueConstraint(
                fields=["batch", "source_serial"], condition=~Q(source_serial=""), name="serial_once_in_batch"
            ),
        ]
        indexes = [
            # Only what is disclosed, as every look by area asks for: pages and totals need the index alone.
            *(
                models.Index(fields=[level, "-case"], condition=Q(disclosed_at__isnull=False), name=f"problem_{level}")
                for level in ("county", "town", "village")
            ),
            models.Index(fields=["county", "state", "-case"], name="problem_county_state"),
            models.Index(fields=["lead_unit", "-case"], name="problem_lead"),
            models.Index(fields=["batch", "-case"], name="problem_batch"),
            models.Index(fields=["county", "due_on"], condition=~Q(state__in=FINAL_STATES), name="problem_open_due"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The problem's page."""
        return reverse("problem-detail", args=[self.case.number])

    @property
    def area_path(self) -> str:
        """The path of the problem's place, by which supervising posts are matched."""
        return self.case.division.path

    @property
    def is_final(self) -> bool:
        """Whether nobody owes anything any more."""
        return self.state in FINAL_STATES

    @property
    def is_running(self) -> bool:
        """Whether the time until its date is being counted: open, and its clock does not stand still."""
        return not self.is_final and self.state not in STOPPED

    @property
    def is_with_the_clock(self) -> bool:
        """Whether time alone moves it on, so that nobody owes a step."""
        return self.state in CLOCK_STATES

    @property
    def is_under_way(self) -> bool:
        """Whether rectifying has begun, so that what is photographed now is the state afterwards."""
        return self.state not in BEFORE

    @property
    def is_late(self) -> bool:
        """Open, not suspended, and past its case clock."""
        stopped = self.is_final or self.state in STOPPED
        return not stopped and self.due_on is not None and self.due_on < clock.today()

    @property
    def is_judged(self) -> bool:
        """Whether somebody is judging it now, so that recusal matters."""
        return self.state in LEVEL_OF_STATE or self.state == ProblemState.VERIFYING

    @property
    def clerk_may_send_in(self) -> bool:
        """Whether the clerk may report without the head."""
        return self.review_policy.clerk_submits

    @property
    def responsible_unit_ids(self) -> set[int]:
        """The lead unit and the cooperating ones."""
        partners = {row.unit_id for row in self.cooperations.all() if row.ended_at is None}
        return partners | ({self.lead_unit_id} if self.lead_unit_id else set())

    def place(self, division: Division, known: dict[int, Division] | None = None) -> None:
        """Set the place and its copies for the index. The caller saves the case and the problem.

        `known` remembers divisions by id from one problem of a list to the next.
        """
        self.case.division = division
        self.county_id = self.town_id = self.village_id = None
        ids = division.ancestor_ids()
        known = {} if known is None else known
        if missing := [pk for pk in ids if pk not in known]:
            known.update(Division.objects.in_bulk(missing))
        for pk in ids:
            column = AREA_COLUMN.get(Level(known[pk].level))
            if column:
                setattr(self, column, pk)
