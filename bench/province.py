"""A province of one hundred counties, one of them with a third of all problems."""

from dataclasses import dataclass

from bench.loading import bulk, copy, read, run
from bench.wording import RARE, texts
from organizations.models import Post, Unit, User
from rectification.models import Batch, Category
from workflows.models import DeadlinePolicy, ReviewPolicy

COUNTIES, TOWNS, VILLAGES, DEPARTMENTS = 100, 20, 10, 20
PROVINCE, COUNTY, TOWN, VILLAGE = 1, 1_000, 10_000, 100_000
TABLES = ("workflows_case", "rectification_problem", "workflows_routing", "workflows_workitem")

DIVISIONS = f"""
    INSERT INTO organizations_division (id, code, name, level, parent_id, path, initials)
    SELECT {PROVINCE}, '990000000000', '测试省', 'province', NULL::bigint, '/{PROVINCE}/', 'css'
    UNION ALL
    SELECT {COUNTY} + c, to_char(c, 'FM000000') || '000000', '第' || c || '县', 'county', {PROVINCE},
        '/{PROVINCE}/' || {COUNTY} + c || '/', 'dx' FROM generate_series(0, {COUNTIES - 1}) c
    UNION ALL
    SELECT {TOWN} + t, '1' || to_char(t, 'FM00000000000'), '第' || t || '镇', 'town', {COUNTY} + t / {TOWNS},
        '/{PROVINCE}/' || {COUNTY} + t / {TOWNS} || '/' || {TOWN} + t || '/', 'dz'
        FROM generate_series(0, {COUNTIES * TOWNS - 1}) t
    UNION ALL
    SELECT {VILLAGE} + v, '2' || to_char(v, 'FM00000000000'), '第' || v || '村', 'village', {TOWN} + v / {VILLAGES},
        '/{PROVINCE}/' || {COUNTY} + v / {TOWNS * VILLAGES} || '/' || {TOWN} + v / {VILLAGES} || '/'
        || {VILLAGE} + v || '/', 'dc' FROM generate_series(0, {COUNTIES * TOWNS * VILLAGES - 1}) v
"""
# Units 1..2000 are departments, twenty in each county.
UNITS = f"""
    INSERT INTO organizations_unit (id, name, short_name, kind, division_id, aliases)
    SELECT u + 1, '第' || u || '局', '', 'department', {COUNTY} + u / {DEPARTMENTS}, '[]'
    FROM generate_series(0, {COUNTIES * DEPARTMENTS - 1}) u
"""
BATCHES = """
    INSERT INTO rectification_batch (id, code, name, source_id, authority, document_number, division_id, secret,
        review_policy_id, deadline_policy_id, warning_code, ladder_code, created_at)
    SELECT b, 'B' || b, '第' || b || '批', %(source)s, '', '', %(division)s, false, %(review)s, %(deadline)s,
        'blue_yellow_red', 'standard', now()
    FROM generate_series(1, 200) b
"""
# One row of dice for each problem: which county, town, village, department, text, and whether it is open.
DICE = f"""
    CREATE UNLOGGED TABLE dice AS
    SELECT n, county, town, {VILLAGE} + (town - {TOWN}) * {VILLAGES} + floor(random() * {VILLAGES})::int AS village,
        (county - {COUNTY}) * {DEPARTMENTS} + 1 + floor(random() * {DEPARTMENTS})::int AS lead,
        floor(random() * (SELECT count(*) FROM pool))::int AS text, random() < 20.0 / %(count)s AS rare,
        n %% %(one_in)s = 7 %% %(one_in)s AS open, now() + (floor(random() * 120) - 60) * interval '1 day' AS due
    FROM (SELECT n, county, {TOWN} + (county - {COUNTY}) * {TOWNS} + floor(random() * {TOWNS})::int AS town
        FROM (SELECT n, {COUNTY} + CASE WHEN random() < 0.31 THEN 0 ELSE 1 + floor(random() * {COUNTIES - 1})::int
            END AS county FROM generate_series(1, %(count)s) n) a) b
"""
CASES = """
    INSERT INTO workflows_case (id, number, kind, division_id, event_count, head_hash, sealed_count, created_at)
    SELECT n, 'DX2026-' || to_char(n, 'FM0000000'), 'problem', village, 1, '', 0, now() FROM dice
"""
PROBLEMS = """
    INSERT INTO rectification_problem (case_id, state, round, sent_back, title, description, batch_id, source_serial,
        category_id, kind, major, place_text, county_id, town_id, village_id, disclosed_at, lead_unit_id,
        person_in_charge, due_on, review_policy_id, deadline_policy_id, objections, progress, veracity,
        authenticity, audit_wording, search_text, proposed_partners)
    SELECT n, CASE WHEN open THEN 'rectifying' ELSE 'closed' END, 1, 0, p.title || CASE WHEN rare THEN %(rare)s ELSE ''
        END, p.description, 1 + n %% 200, '', %(category)s, 'dated', false, '', county, town, village, now(), lead,
        '', due, %(review)s, %(deadline)s, 0, 0, '', '', '', p.pieces || ' dx2026 ' || to_char(n, 'FM0000000')
        || CASE WHEN rare THEN ' ' || %(rare)s ELSE '' END, '[]'
    FROM dice JOIN pool p ON p.id = text ORDER BY n
"""
ROUTINGS = """
    INSERT INTO workflows_routing (id, case_id, kind, key, flow_class, status, created, finished)
    SELECT n, n, 'main', '', 'workflows/flows.RectificationFlow', CASE WHEN open THEN 'NEW' ELSE 'DONE' END, now(),
        CASE WHEN open THEN NULL ELSE now() END FROM dice
"""
# Open items: the first hundredth of all goes to one department, the next two-thousandth to another, fourteen
# to a third; the rest lie with whoever leads. A fiftieth of the closed ones was given to the leader by name.
ITEMS = """
    INSERT INTO workflows_workitem (id, process_id, flow_task, flow_task_type, token, data, unit_id, role,
        addressee_id, round, due_at, status, created)
    SELECT n, n, 'workflows/flows.RectificationFlow.rectifying', 'HUMAN', 'start', '{}',
        CASE WHEN NOT open THEN lead WHEN place <= %(big)s THEN 1 WHEN place <= %(middle)s THEN 2
            WHEN place <= %(little)s THEN 3 ELSE greatest(lead, 4) END, 'unit',
        CASE WHEN NOT open AND county = %(county)s AND n %% 150 = 0 THEN %(leader)s END,
        1, due, CASE WHEN open THEN 'NEW' ELSE 'DONE' END, now()
    FROM (SELECT *, CASE WHEN open THEN row_number() OVER (PARTITION BY open ORDER BY text, n) END AS place FROM dice) d
"""


@dataclass(slots=True)
class Province:
    """The people who look at it."""

    count: int
    people: dict[str, User]


def build(count: int, *, one_in: int = 20) -> Province:
    """Make the province with this many problems, each with one work item, a twentieth of them open unless told."""
    run(DIVISIONS)
    run(UNITS)
    run("SELECT setval(pg_get_serial_sequence('organizations_unit', 'id'), 100000)")
    people = _people()
    policies = {
        "review": ReviewPolicy.objects.get(code="three_levels", in_force=True).pk,
        "deadline": DeadlinePolicy.objects.get(code="standard", in_force=True).pk,
    }
    source = Batch._meta.get_field("source").related_model.objects.first().pk
    run(BATCHES, source=source, division=PROVINCE, **policies)
    run("CREATE UNLOGGED TABLE pool (id int PRIMARY KEY, title text, description text, pieces text)")
    copy("pool", ("id", "title", "description", "pieces"), texts())
    run("SELECT setseed(0.5)")
    with bulk(*TABLES):
        run(DICE, count=count, one_in=one_in)
        run(CASES)
        run(PROBLEMS, category=Category.objects.first().pk, rare=RARE, **policies)
        run(ROUTINGS)
        marks = {"big": count // 100, "middle": count // 100 + count // 2000}
        leader, little = people["leader"].pk, marks["middle"] + 14
        run(ITEMS, county=COUNTY, leader=leader, little=little, **marks)
    for table in ("workflows_case", "workflows_routing", "workflows_workitem"):
        run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    run("ANALYZE")
    return Province(count, people)


def _people() -> dict[str, User]:
    seats = {
        "county": ("office", "office", COUNTY),
        "leader": ("leadership", "county_leader", COUNTY),
        "township": ("township", "township_reviewer", TOWN),
        "village": ("village", "village_assessor", VILLAGE),
    }
    found = {}
    for name, (kind, role, division) in seats.items():
        unit = Unit.objects.create(name=f"{name} {kind}", kind=kind, division_id=division)
        found[name] = _person(name, [(unit.pk, role)])
    for name, units in {"10,000": [1], "500": [2], "14": [3], "4 posts": [3, 25, 26, 27]}.items():
        found[name] = _person(name, [(unit, "unit_clerk") for unit in units])
    return found


def _person(name: str, posts: list[tuple[int, str]]) -> User:
    user = User.objects.create(username=name, name=name, must_change_password=False)
    for unit, role in posts:
        Post.objects.create(user=user, unit_id=unit, role=role)
    return user


def size_of_tables() -> str:
    """How many problems and open items there are."""
    problems, items, opened = read(
        "SELECT (SELECT count(*) FROM rectification_problem), (SELECT count(*) FROM workflows_workitem), "
        "(SELECT count(*) FROM workflows_workitem WHERE status IN ('NEW', 'ASSIGNED'))"
    )[0]
    return f"{problems:,} problems, {items:,} work items, {opened:,} of them open"
