"""Lives through the past of the county: every step of every problem, in the order of time, by real actions."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from organizations import clock
from project.demo import judging, opening, timing, working
from project.demo.casting import Casting
from project.demo.clockwork import forget_old_news, give_addresses, mornings, pass_a_morning
from project.demo.county import County
from project.demo.people import People
from project.demo.pictures import Album
from project.demo.plots import BATCHES, BatchPlan, plots
from project.demo.schedule import day_before, days_of, instants, start_and_age, steps_of
from project.demo.stage import Stage
from project.demo.threads import Thread
from rectification.actions.batches import create_batch
from rectification.models import Batch, Problem, Source
from workflows.queries import deadline_policy_in_force, review_policy_in_force

SEED = 921
Step = Callable[[Stage, Thread], None]

STEPS: dict[str, Step] = {
    "register": opening.register,
    "before_picture": opening.before_picture,
    "disclose": opening.disclose,
    "correct": opening.correct,
    "major": opening.major,
    "assign": opening.assign,
    "object": opening.object_to,
    "reassign": opening.reassign,
    "accept": opening.accept,
    "submit_plan": opening.plan,
    "approve_plan": opening.approve,
    "return_plan": opening.hand_back_plan,
    "merge": opening.merge,
    "withdraw": opening.withdraw,
    "progress": working.progress,
    "cooperate": working.cooperate,
    "after_picture": working.after_picture,
    "draft": working.draft,
    "hand_over": working.hand_over,
    "claim": working.claim,
    "submit": working.submit,
    "recall": working.recall,
    "suspend": working.suspend,
    "resume": working.resume,
    "reopen": working.reopen,
    "verify": judging.verify,
    "fail": judging.fail,
    "review": judging.review,
    "send_back": judging.reject,
    "scan": judging.scan,
    "paper": judging.on_paper,
    "ask_extension": timing.ask,
    "endorse_extension": timing.endorse,
    "grant_extension": timing.grant,
}


def tell_story(county: County, report: Callable[[str], None]) -> int:
    """Tell everything; returns the number of problems."""
    today = clock.today()
    album = Album(SEED)
    report("佐证图片已画好")
    batches = {plan.code: _make_batch(county, plan, today) for plan in BATCHES}
    casting = Casting(county, today, SEED)
    threads = [
        casting.cast(number, plot, batches[plot.batch][0], batches[plot.batch][1])
        for number, plot in enumerate(plots())
    ]
    moments = sorted(
        (instant, number, place, step)
        for number, thread in enumerate(threads)
        for place, (instant, step) in enumerate(_moments(thread))
    )
    stage = Stage(county, People(county), album)
    _live_through(stage, threads, moments)
    forget_old_news()
    give_addresses(county.users.values())
    _check_goals(threads)
    report(f"{len(threads)}个问题走完{len(moments)}步")
    return len(threads)


def _live_through(stage: Stage, threads: list[Thread], moments: list[tuple[datetime, int, int, str]]) -> None:
    """Every step at its instant, and every morning what time has brought."""
    now = clock.now()
    days = mornings(moments[0][0], now)
    for instant, number, _place, step in moments:
        while days and days[0] < instant:
            _pass(stage, days.pop(0), now)
        with clock.at(instant):
            STEPS[step](stage, threads[number])
    for day in days:
        _pass(stage, day, now)


def _pass(stage: Stage, day: datetime, now: datetime) -> None:
    with clock.at(day):
        pass_a_morning(stage.people, now)


def _check_goals(threads: list[Thread]) -> None:
    """Every problem must have got where its plot leads."""
    states = dict(Problem.objects.values_list("pk", "state"))
    astray = [each for each in threads if states[each.problem_id] != each.plot.goal]
    if astray:
        raise ValueError([(each.plot, states[each.problem_id], each.matter.title) for each in astray])


def _moments(thread: Thread) -> list[tuple[datetime, str]]:
    plan, rng = thread.plan, Random(f"{SEED}-{thread.place.pk}-{thread.plot}")
    steps = steps_of(thread.plot, thread.road)
    first = plan.days_ago - rng.randint(0, plan.spread)
    start, age = start_and_age(thread.plot, steps, first, rng)
    fixed = {"disclose": plan.fed_back} if plan.fed_back else {}
    days = days_of(steps, start, age, rng, fixed)
    thread.ends_on = day_before(thread.today, days[-1])
    return list(zip(instants(days, thread.today, rng), steps, strict=True))


def _make_batch(county: County, plan: BatchPlan, today: date) -> tuple[BatchPlan, Batch]:
    begun = day_before(today, plan.days_ago)
    by = county.users["demo-teamlead" if plan.secret else "demo-office"]
    with clock.at(instants([plan.days_ago + 1], today, Random(plan.code))[0]):
        batch = create_batch(
            by=by,
            name=f"{begun.year}年{plan.name}",
            team=county.units[plan.team] if plan.team else None,
            source=Source.objects.get(code=plan.source),
            authority=plan.authority,
            document_number=plan.document.format(year=begun.year),
            document_date=begun,
            due_on=begun + timedelta(days=plan.limit) if plan.limit else None,
            secret=plan.secret,
            principal=county.units["leaders"] if plan.team else None,
            review_policy=review_policy_in_force(plan.policy),
            deadline_policy=deadline_policy_in_force("standard"),
        )
    return plan, batch
