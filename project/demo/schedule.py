"""Which steps a plot takes and when: between its registration and its last step, in office hours."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from organizations import clock
from project.demo.plots import Plot
from workflows.queries import calendar

# Step: fewest and most working days since the step before, and how readily it stretches.
GAPS: dict[str, tuple[int, int, float]] = {
    "disclose": (0, 0, 1),
    "assign": (1, 3, 0.1),
    "accept": (1, 2, 0.05),
    "submit_plan": (2, 4, 0.3),
    "approve_plan": (1, 2, 0.05),
    "progress": (2, 6, 4),
    "cooperate": (1, 3, 0.5),
    "submit": (1, 4, 1.5),
    "verify": (1, 4, 0.2),
    "review": (1, 3, 0.1),
    "suspend": (4, 9, 1),
    "resume": (10, 20, 1),
    "reopen": (12, 25, 1.5),
    "merge": (2, 4, 0.2),
    "withdraw": (2, 5, 0.3),
}
USUAL_GAP = (1, 2, 0.05)
SAME_DAY = {"before_picture", "after_picture", "correct", "major", "draft", "claim", "scan", "hand_over"}

# What befalls a problem: at which state, by which step, and where it lands.
DETOURS = {
    "objected": ("assigned", "object", "registered"),
    "reassigned_early": ("assigned", "reassign", "assigned"),
    "reassigned": ("planning", "reassign", "assigned"),
    "returned": ("plan_review", "return_plan", "planning"),
    "resumed": ("suspended", "resume", "rectifying"),
    "recalled": ("verifying", "recall", "rectifying"),
    "failed": ("verifying", "fail", "rectifying"),
    "sent_back": ("township_review", "send_back", "rectifying"),
    "sent_back_sector": ("sector_review", "send_back", "rectifying"),
    "reopened": ("closed", "reopen", "assigned"),
}
EXTENDING = {"asks": "ask_extension", "endorsed": "endorse_extension", "granted": "grant_extension"}
AGES = {
    "public_notice": (1, 2),
    "assigned": (1, 2), "planning": (1, 3), "plan_review": (1, 2), "rectifying": (1, 7), "suspended": (5, 15),
    "verifying": (1, 4), "village_review": (1, 3), "township_review": (1, 3), "sector_review": (1, 5),
    "county_review": (1, 4),
}  # fmt: skip


@dataclass(frozen=True)
class Road:
    """What decides the steps beside the plot: review levels, kind, partner."""

    levels: tuple[str, ...]
    immediate: bool
    partner: bool
    secret: bool
    notice: bool = False


def steps_of(plot: Plot, road: Road) -> list[str]:
    """The steps from registration to the plot's goal, detours included."""
    steps = ["register", "before_picture"] + ["disclose"] * (road.secret and plot.batch != "X")
    steps += ["correct"] * plot.has("corrected") + ["major"] * plot.has("major")
    state = "registered"
    for twist in plot.twists:
        if twist in DETOURS:
            waypoint, step, landing = DETOURS[twist]
            steps += [*_walk(state, waypoint, plot, road), step]
            state = landing
    steps += _walk(state, plot.goal, plot, road)
    steps += ["hand_over"] * plot.has("handover") + ["draft"] * plot.has("drafted")
    if plot.has("claimed_by_office") or plot.has("claimed_by_team"):
        steps.append("claim")
    return steps


def _walk(state: str, goal: str, plot: Plot, road: Road) -> list[str]:
    if goal in {"merged", "withdrawn"}:
        return ["merge" if goal == "merged" else "withdraw"]
    order = _order(road)
    walked: list[str] = []
    target = "rectifying" if goal == "suspended" else goal
    for place in order[order.index(state) : order.index(target)]:
        walked += _leave(place, plot, road)
    if goal == "rectifying":
        walked += ["progress", "progress"] + ["cooperate"] * road.partner * (not plot.has("unchanged"))
        walked += [step for twist, step in EXTENDING.items() if plot.has(twist)]
    return [*walked, "suspend"] if goal == "suspended" else walked


def _order(road: Road) -> list[str]:
    planning = [] if road.immediate else ["planning", "plan_review"]
    reviews = [f"{level}_review" for level in road.levels]
    notice = ["public_notice"] if road.notice else []
    return ["registered", "assigned", *planning, "rectifying", "verifying", *reviews, *notice, "closed"]


def _leave(state: str, plot: Plot, road: Road) -> list[str]:
    """The steps that lead out of a state on the straight way."""
    if state == "rectifying":
        own = ["progress", "progress", "after_picture", "submit"]
        return ["cooperate", *own] if road.partner and not plot.has("partner_silent") else own
    if state == "county_review" and plot.has("paper"):
        return ["scan", "paper"]
    return {
        "registered": ["assign"],
        "assigned": ["accept"],
        "planning": ["submit_plan"],
        "plan_review": ["approve_plan"],
        "verifying": ["verify"],
        "public_notice": [],  # the clock's own
    }.get(state, ["review"])


def days_of(steps: list[str], start: int, age: int, rng: Random, fixed: dict[str, int]) -> list[int]:
    """Working days before today of each step; `fixed` pins a step (the feedback of a secret batch)."""
    days = [start]
    pinned = next((place for place, step in enumerate(steps) if step in fixed), None)
    if pinned is not None:
        days = _between(steps[: pinned + 1], start, fixed[steps[pinned]], rng)
    begin, rest = days[-1], steps[len(days) - 1 :]
    end = min(age, begin - least_days(rest)) if len(rest) > 1 else begin
    return [*days, *_between(rest, begin, max(end, 1), rng)[1:]]


def least_days(steps: list[str]) -> int:
    """The working days that the steps after the first one take at the very least."""
    return sum(GAPS.get(step, USUAL_GAP)[0] for step in steps[1:] if step not in SAME_DAY)


def _between(steps: list[str], start: int, end: int, rng: Random) -> list[int]:
    """Spread the gaps over the days there are: least gaps first, the rest where it stretches best."""
    rows = [(0, 0, 0.0) if step in SAME_DAY else GAPS.get(step, USUAL_GAP) for step in steps[1:]]
    gaps: list[float] = [rng.randint(low, high) for low, high, _weight in rows]
    spare = start - end - sum(gaps)
    if spare < 0:
        gaps = [low for low, _high, _weight in rows]
        spare = start - end - sum(gaps)
        if spare < 0 and len(steps) > 1:
            raise ValueError(f"{steps} do not fit between {start} and {end} working days ago")
    total = sum(weight for _low, _high, weight in rows) or 1.0
    days, day = [start], float(start)
    for gap, (_low, _high, weight) in zip(gaps, rows, strict=True):
        day -= gap + spare * weight / total
        days.append(max(end, round(day)))
    return days


def start_and_age(plot: Plot, steps: list[str], batch_start: int, rng: Random) -> tuple[int, int]:
    """When the plot was registered and when its last step was, in working days before today."""
    start = plot.start or batch_start
    if plot.goal == "closed":
        longest = max(2, start - least_days(steps) - 4)
        return start, rng.randint(2, 10) if plot.has("acting") else rng.randint(2, longest)
    if plot.goal == "registered":
        return start, start
    if plot.goal in {"merged", "withdrawn"}:
        return start, start - rng.randint(2, 4)
    return start, rng.randint(*AGES[plot.goal])


def day_before(today: date, working_days: int) -> date:
    """The day that lies so many working days before today."""
    return calendar().add_working_days(today, -working_days)


def instants(days: list[int], today: date, rng: Random) -> list[datetime]:
    """An instant for each step: in office hours, later ones later on the same day."""
    found: list[datetime] = []
    for day in sorted(set(days), reverse=True):
        count = days.count(day)
        minutes = sorted(rng.sample(range(_OFFICE_MINUTES), count))
        found += [_at(day_before(today, day), minute, rng) for minute in minutes]
    return found


_MORNING = 170  # minutes from 8:50
_OFFICE_MINUTES = 340


def _at(day: date, minute: int, rng: Random) -> datetime:
    opens = time(8, 50) if minute < _MORNING else time(14, 35)
    begin = datetime.combine(day, opens, tzinfo=clock.SHANGHAI)
    return (begin + timedelta(minutes=minute % _MORNING, seconds=rng.randrange(60))).astimezone(UTC)
