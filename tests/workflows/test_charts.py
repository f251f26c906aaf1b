"""The flow chart cannot drift from the life cycle: every arrow is drawn or told, and the files are sound."""

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string

from rectification.models import Problem
from workflows.charts import export_chart, flow_drawing
from workflows.flows import RectificationFlow, Step
from workflows.lifecycles.problem import CLOCK_STATES, FINAL_STATES, ProblemState, edges

SENT_BACK_FROM = ["verifying", "village_review", "township_review", "sector_review", "county_review"]


def told(notes: list[dict[str, str]]) -> set[tuple[str, str, str]]:
    return {
        (note["label"], source, target)
        for note in notes
        for source in note["sources"].split("、")
        for target in note["targets"].split("、")
    }


def test_every_arrow_of_the_life_cycle_is_drawn_or_told() -> None:
    drawing = flow_drawing()

    shown = told(drawing["skips"]) | told(drawing["beside"])
    for edge in drawing["edges"]:
        source, target = ProblemState(edge["source"]).label, ProblemState(edge["target"]).label
        shown |= {(label, str(source), str(target)) for label in edge["label"].split("／")}
    wanted = {
        (str(arrow["label"]), str(ProblemState(arrow["source"]).label), str(ProblemState(arrow["target"]).label))
        for arrow in edges(Problem)
    }
    assert wanted <= shown


def test_every_state_has_a_place_or_is_told() -> None:
    drawing = flow_drawing()

    drawn = {node["code"] for node in drawing["nodes"]}
    assert set(ProblemState.values) - drawn == {"merged", "withdrawn"}


def test_a_phone_reads_every_line_of_the_drawing_from_top_to_bottom() -> None:
    drawing = flow_drawing()

    html = render_to_string("rectification/_flow_chart.html", {"drawing": drawing})
    read = {(stop["code"], each["label"], each["target"]) for stop in drawing["stops"] for each in stop["arrows"]}
    assert read == {
        (edge["source"], edge["label"], str(ProblemState(edge["target"]).label)) for edge in drawing["edges"]
    }
    codes = [stop["code"] for stop in drawing["stops"]]
    assert codes.index("suspended") == codes.index("rectifying") + 1
    assert codes[-1] == "closed"
    assert 'class="timeline only-phone"' in html
    assert 'class="table-wrap only-desktop"' in html


def test_two_states_are_joined_by_one_line_at_most() -> None:
    pairs = Counter((edge["source"], edge["target"]) for edge in flow_drawing()["edges"])

    assert set(pairs.values()) == {1}


def test_sending_back_and_reopening_are_drawn_as_back_edges() -> None:
    back = {(edge["source"], edge["target"]) for edge in flow_drawing()["edges"] if edge["back"]}

    assert back == {
        *((source, "rectifying") for source in SENT_BACK_FROM),
        ("assigned", "registered"),
        ("plan_review", "planning"),
        ("closed", "assigned"),
        ("public_notice", "rectifying"),
    }


def test_no_two_nodes_and_no_two_labels_lie_on_each_other() -> None:
    drawing = flow_drawing()

    corners = [(node["x"], node["y"]) for node in drawing["nodes"]]
    labels = [line[:2] for edge in drawing["edges"] for line in edge["lines"]]
    assert len(set(corners)) == len(corners)
    assert len(set(labels)) == len(labels)


def test_the_page_shows_every_label_without_inline_style() -> None:
    html = render_to_string("rectification/_flow_chart.html", {"drawing": flow_drawing("rectifying")})

    assert "style" not in html
    assert html.count("node--current") == 1
    for node in flow_drawing()["nodes"]:
        for _x, _y, text in node["lines"]:
            assert f">{text}</text>" in html


def test_the_bpmn_file_has_every_open_state_and_no_id_twice() -> None:
    root = ET.fromstring(export_chart("bpmn"))

    ids = Counter(element.attrib["id"] for element in root.iter() if "id" in element.attrib)
    assert max(ids.values()) == 1
    names = {element.attrib.get("name") for element in root.iter() if element.tag.endswith("userTask")}
    steps = [node for node in RectificationFlow.instance.nodes() if isinstance(node, Step)]
    assert names == {str(node.task_title) for node in steps}
    nobody_owes = {*FINAL_STATES, *CLOCK_STATES}
    assert {node.state for node in steps} == {str(state) for state in ProblemState if state not in nobody_owes}


def test_the_chart_joins_two_nodes_by_one_edge() -> None:
    for node in RectificationFlow.instance.nodes():
        targets = [edge.dst for edge in node._outgoing()]
        assert len(targets) == len(set(targets))


@pytest.mark.parametrize("form", ["svg", "bpmn"])
def test_the_command_writes_a_well_formed_file(form: str, tmp_path: Path) -> None:
    file = tmp_path / f"flow.{form}"

    call_command("export_flow", format=form, out=file)

    ET.fromstring(file.read_text(encoding="utf-8"))
    assert "县级审定" in file.read_text(encoding="utf-8")


def test_the_command_prints_where_no_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("export_flow", format="svg")

    assert capsys.readouterr().out.startswith("<svg")


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="无法写入"):
        call_command("export_flow", format="svg", out=tmp_path / "no" / "flow.svg")
