"""The flow chart: viewflow's export for files, and our own drawing for a page, without inline styles.

Both read their arrows from the life cycle. Places and routes here are only geometry: an arrow without
a route is told in words beneath the drawing, so none is ever lost.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from viewflow.workflow import chart

from workflows.flows import RectificationFlow
from workflows.lifecycles.problem import ProblemState, edges
from workflows.registry import subject_type

WIDTH, HEIGHT = 784, 484
NODE_WIDTH, NODE_HEIGHT = 100, 44
LEFT, PITCH = 40, 156
ROWS = (16, 132, 304, 404)
ROUND = 10
LINE = 15

# Column and row of each state that is drawn; the others end a case early and stand in the notes.
PLACES = {
    "suspended": (4, 0),
    "registered": (0, 1),
    "assigned": (1, 1),
    "planning": (2, 1),
    "plan_review": (3, 1),
    "rectifying": (4, 1),
    "verifying": (0, 2),
    "village_review": (1, 2),
    "township_review": (2, 2),
    "sector_review": (3, 2),
    "county_review": (4, 2),
    "public_notice": (2, 3),
    "closed": (4, 3),
}
SIGN_LANE, SUBMIT_LANE, RETURN_LANE, REOPEN_LANE, REOPEN_EDGE = 194, 218, 262, 36, 14
NOTICE_EDGE = 27

Point = tuple[float, float]
Route = tuple[list[Point], Point]  # the corners of a line, and the middle of its label


def export_chart(form: str) -> str:
    """The main flow as SVG or BPMN 2.0, drawn by viewflow."""
    grid = chart.calc_layout_data(RectificationFlow)
    return chart.grid_to_bpmn(grid) if form == "bpmn" else chart.grid_to_svg(grid)


def flow_drawing(current: str = "") -> dict[str, Any]:
    """Nodes, edges and notes for `rectification/_flow_chart.html`; `current` marks one state."""
    arrows = _arrows()
    drawn, told, said = [], [], set()
    for (source, target), found in arrows.items():
        route = ROUTES.get((source, target))
        if route is None:
            told += found
            continue
        label = "／".join(dict.fromkeys(str(arrow["label"]) for arrow in found))
        drawn.append(_edge(source, target, label, route(source, target)))
        if route in (_send_back, _uphold):
            drawn[-1]["joins"] = source != _JUDGES[0]
            drawn[-1]["lines"] = [] if label in said else drawn[-1]["lines"]  # one lane, one label
            said.add(label)
    return {
        "viewbox": f"0 0 {WIDTH} {HEIGHT}",
        "nodes": [_node(state, current) for state in PLACES],
        "edges": drawn,
        "stops": _stops(drawn),
        "skips": _notes(told, beside=False),
        "beside": _notes(told, beside=True),
    }


def _stops(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The drawn arrows one state beneath the other, for a screen too narrow for the drawing."""
    order = [str(state) for state in ProblemState if state != ProblemState.SUSPENDED]
    order.insert(order.index("rectifying") + 1, "suspended")  # beside the line, next to where it leaves it
    return [
        {
            "code": state,
            "label": str(ProblemState(state).label),
            "arrows": [
                {"label": edge["label"], "target": str(ProblemState(edge["target"]).label), "back": edge["back"]}
                for edge in sorted(drawn, key=lambda edge: edge["back"])
                if edge["source"] == state
            ],
        }
        for state in order
        if state in PLACES
    ]


def _arrows() -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    order = [str(state) for state in ProblemState]
    rows = edges(subject_type("problem").model)
    rows.sort(key=lambda arrow: (order.index(arrow["source"]), order.index(arrow["target"]), arrow["name"]))
    for arrow in rows:
        found[arrow["source"], arrow["target"]].append(arrow)
    return found


def _node(state: str, current: str) -> dict[str, Any]:
    x, y = _corner(state)
    label = str(ProblemState(state).label)
    return {
        "code": state,
        "x": x,
        "y": y,
        "w": NODE_WIDTH,
        "h": NODE_HEIGHT,
        "label": label,
        "lines": _lines(label, x + NODE_WIDTH / 2, y + NODE_HEIGHT / 2),
        "current": state == current,
    }


def _edge(source: str, target: str, label: str, route: Route) -> dict[str, Any]:
    corners, (x, y) = route
    lines = _lines(label, x, y)
    return {
        "source": source,
        "target": target,
        "d": _path(corners),
        "back": _is_back(source, target),
        "joins": False,
        "label": label,
        "label_x": x,
        "label_y": y,
        "lines": lines if len(lines) == 1 else [(x, up - LINE / 2, text) for x, up, text in lines],
        "title": f"{ProblemState(source).label} → {ProblemState(target).label}：{label}",
    }


def _is_back(source: str, target: str) -> bool:
    order = [str(state) for state in ProblemState]
    return "suspended" not in (source, target) and order.index(target) < order.index(source)


def _lines(label: str, x: float, y: float, longest: int = 5) -> list[tuple[float, float, str]]:
    """A label of one line, or of two halves one above the other."""
    if len(label) <= longest or "／" in label:
        return [(x, y, label)]
    middle = (len(label) + 1) // 2 if len(label) > 6 else 4
    return [(x, y - LINE / 2, label[:middle]), (x, y + LINE / 2, label[middle:])]


def _path(corners: list[Point]) -> str:
    """A line with rounded corners; every stretch is horizontal or vertical."""
    (x, y), *rest = corners
    parts = [f"M{x:g} {y:g}"]
    for place, (x2, y2) in enumerate(rest):
        if place + 1 == len(rest):
            parts.append(f"L{x2:g} {y2:g}")
            break
        x3, y3 = rest[place + 1]
        before, after = _short_of((x, y), (x2, y2)), _short_of((x3, y3), (x2, y2))
        parts.append(f"L{before[0]:g} {before[1]:g} Q{x2:g} {y2:g} {after[0]:g} {after[1]:g}")
        x, y = x2, y2
    return " ".join(parts)


def _short_of(start: Point, end: Point) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    reach = min(ROUND, max(abs(dx), abs(dy)) / 2)
    return (
        end[0] - (reach if dx > 0 else -reach if dx < 0 else 0),
        end[1] - (reach if dy > 0 else -reach if dy < 0 else 0),
    )


def _corner(state: str) -> Point:
    column, row = PLACES[state]
    return LEFT + PITCH * column, ROWS[row]


def _top(state: str, shift: float = 0) -> Point:
    x, y = _corner(state)
    return x + NODE_WIDTH / 2 + shift, y


def _bottom(state: str, shift: float = 0) -> Point:
    x, y = _top(state, shift)
    return x, y + NODE_HEIGHT


def _straight(source: str, target: str) -> Route:
    (x, y), (x2, _y2) = _corner(source), _corner(target)
    middle = y + NODE_HEIGHT / 2
    return [(x + NODE_WIDTH, middle), (x2, middle)], ((x + NODE_WIDTH + x2) / 2, middle - 10)


def _arc(source: str, target: str) -> Route:
    """Back to the neighbour on the left, over the top."""
    start, end = _top(source, -30), _top(target, 0)
    lane = start[1] - 26
    return [start, (start[0], lane), (end[0], lane), end], ((start[0] + end[0]) / 2, lane - 11)


def _sign(source: str, target: str) -> Route:
    start, end = _bottom(source), _bottom(target, -38)
    corners = [start, (start[0], SIGN_LANE), (end[0], SIGN_LANE), end]
    return corners, (start[0] + 60, SIGN_LANE - 10)


def _submit(source: str, target: str) -> Route:
    start, end = _bottom(source, -12), _top(target, -20)
    corners = [start, (start[0], SUBMIT_LANE), (end[0], SUBMIT_LANE), end]
    return corners, (start[0] - 130, SUBMIT_LANE + 12)


def _send_back(source: str, target: str) -> Route:
    """Verification's line runs back all the way; those of the levels join it."""
    (x, y), end = _top(source, 20), _bottom(target, 20)
    if source == _JUDGES[0]:
        corners = [(x, y), (x, RETURN_LANE), (end[0], RETURN_LANE), end]
    elif x == end[0]:
        corners = [(x, y), (x, RETURN_LANE)]
    else:
        corners = [(x, y), (x, RETURN_LANE), (x + 2 * ROUND, RETURN_LANE)]
    return corners, (x + 56, RETURN_LANE + 14)


def _up(source: str, target: str) -> Route:
    start, end = _top(source, 16), _bottom(target, 16)
    return [start, end], (start[0] + 22, (start[1] + end[1]) / 2)


def _down(source: str, target: str) -> Route:
    start, end = _bottom(source, -16), _top(target, -16)
    return [start, end], (start[0] - 32, (start[1] + end[1]) / 2)


def _close(source: str, target: str) -> Route:
    start, end = _bottom(source), _top(target)
    return [start, end], (start[0] + 34, (start[1] + end[1]) / 2 + LINE / 2)


def _put_up(source: str, target: str) -> Route:
    start, end = _bottom(source, -30), _top(target, 20)
    lane = start[1] + 22
    return [start, (start[0], lane), (end[0], lane), end], ((start[0] + end[0]) / 2, lane + 24)


def _uphold(source: str, target: str) -> Route:
    """Around the left into the lane of everything that is sent back."""
    (x, y), (joined, _y) = _corner(source), _top(_JUDGES[0], 20)
    middle = y + NODE_HEIGHT / 2
    corners = [(x, middle), (NOTICE_EDGE, middle), (NOTICE_EDGE, RETURN_LANE), (joined + 2 * ROUND, RETURN_LANE)]
    return corners, (x - 80, middle - 11)


def _reopen(source: str, target: str) -> Route:
    start, end = _bottom(source), _top(target, 10)
    lane = start[1] + 20
    corners = [start, (start[0], lane), (REOPEN_EDGE, lane), (REOPEN_EDGE, REOPEN_LANE), (end[0], REOPEN_LANE), end]
    return corners, (start[0] - 156, lane - 11)


_MAIN_LINE = [
    ("registered", "assigned"),
    ("assigned", "planning"),
    ("planning", "plan_review"),
    ("plan_review", "rectifying"),
    ("verifying", "village_review"),
    ("village_review", "township_review"),
    ("township_review", "sector_review"),
    ("sector_review", "county_review"),
]
_JUDGES = ["verifying", "village_review", "township_review", "sector_review", "county_review"]
ROUTES: dict[tuple[str, str], Callable[[str, str], Route]] = {
    **dict.fromkeys(_MAIN_LINE, _straight),
    **{(state, "rectifying"): _send_back for state in _JUDGES},
    ("assigned", "registered"): _arc,
    ("plan_review", "planning"): _arc,
    ("assigned", "rectifying"): _sign,
    ("rectifying", "verifying"): _submit,
    ("rectifying", "suspended"): _up,
    ("suspended", "rectifying"): _down,
    ("county_review", "closed"): _close,
    ("county_review", "public_notice"): _put_up,
    ("public_notice", "closed"): _straight,
    ("public_notice", "rectifying"): _uphold,
    ("closed", "assigned"): _reopen,
}


def _notes(arrows: list[dict[str, Any]], *, beside: bool) -> list[dict[str, str]]:
    """Arrows that are not drawn, in words: steps from beside the line, or levels passed over."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for arrow in arrows:
        groups[arrow["name"]].append(arrow)
    return [
        {
            "label": str(group[0]["label"]),
            "sources": _labels(group, "source"),
            "targets": _labels(group, "target"),
        }
        for group in groups.values()
        if beside == (group[0]["target"] not in _JUDGES)
    ]


def _labels(arrows: list[dict[str, Any]], end: str) -> str:
    return "、".join(dict.fromkeys(str(ProblemState(arrow[end]).label) for arrow in arrows))
