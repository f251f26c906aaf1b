"""viewflow as the router of human work items. It decides nothing: each node is bound to one state of
the life cycle, the next node is the one of the state the subject has moved to, and the edges of the
chart are read from the life cycle's transitions, so that the chart cannot drift from the code.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge
from viewflow.workflow.nodes.end import EndActivation
from viewflow.workflow.nodes.start import StartHandleActivation
from viewflow.workflow.nodes.view import ViewActivation
from viewflow.workflow.signals import task_finished
from viewflow.workflow.status import PROCESS, STATUS

from organizations import clock
from workflows.calendar import end_of_day
from workflows.lifecycles.problem import CLOCK_STATES, FINAL_STATES, ProblemState, edges
from workflows.models.routing import Routing, WorkItem
from workflows.registry import side_model, subject_type


@contextmanager
def held_by_the_door(flow_class: Any, process_pk: int) -> Iterator[None]:
    """The doors have locked the case already; here it is only made sure that somebody has."""
    if not connection.in_atomic_block:
        raise RuntimeError("work items move inside a door of workflows.steps only")
    yield


class BeginActivation(StartHandleActivation):
    """Opens a routing and follows the subject to its present state."""

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[Activation]:
        """The node of the state the subject is in."""
        yield self.flow_class.next_node(self.process)._create(self, self.task.token)


class StepActivation(ViewActivation):
    """Opens, completes and supersedes one work item, with our clock and one statement each."""

    @classmethod
    def create(
        cls, flow_task: Any, prev_activation: Activation, token: Any, data: Any = None, seed: Any = None
    ) -> "StepActivation":
        """Open the next item for the turn the door has found."""
        process = prev_activation.process
        turn = process.turn
        item = WorkItem(
            process=process,
            flow_task=flow_task,
            token=token,
            data={},
            unit_id=turn.unit_id,
            role=turn.role,
            addressee_id=turn.addressee_id,
            round=process.round,
            due_at=end_of_day(turn.due_on) if turn.due_on else None,
            created=clock.now(),
        )
        item.save(force_insert=True)
        process.opened = item
        return cls(item)

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        """Close the item as done."""
        self.task.finished = clock.now()
        self.task.save(update_fields=["status", "owner", "assigned", "started", "finished", "data"])
        task_finished.send(sender=self.flow_class, process=self.process, task=self.task)

    @Activation.status.transition(source=[STATUS.NEW, STATUS.ASSIGNED], target=STATUS.CANCELED)
    def supersede(self) -> None:
        """Close the item as overtaken by an office step or by the clock."""
        self.task.finished = clock.now()
        self.task.save(update_fields=["status", "finished", "data"])

    @Activation.status.transition(source=STATUS.CANCELED)
    def follow(self) -> None:
        """Open what comes after a superseded item."""
        self._activate_next(set(self._next()))

    @Activation.status.transition(source=STATUS.DONE)
    def create_next(self) -> Iterator[Activation]:
        """The life cycle has moved already; follow it."""
        yield from self._next()

    def _next(self) -> Iterator[Activation]:
        yield self.flow_class.next_node(self.process)._create(self, self.task.token)


class FinishActivation(EndActivation):
    """Finishes the routing, with our clock and without a savepoint of its own."""

    @classmethod
    def create(
        cls, flow_task: Any, prev_activation: Activation, token: Any, data: Any = None, seed: Any = None
    ) -> "FinishActivation":
        """The end needs no row of its own: the routing's `finished` says it."""
        return cls(WorkItem(process=prev_activation.process, flow_task=flow_task, token=token, data={}))

    def __hash__(self) -> int:
        """The engine keeps activations in a set; ours has no stored row to hash by."""
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    @Activation.status.super()
    def activate(self) -> None:
        """Mark the routing as done."""
        self.process.status = PROCESS.DONE
        self.process.finished = clock.now()
        self.process.save(update_fields=["status", "finished"])

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.DONE)
    def complete(self) -> None:
        """Nothing to store."""

    @Activation.status.super()
    def create_next(self) -> list[Activation]:
        """Nothing follows."""
        return []


class Begin(flow.StartHandle):
    """Where a routing begins: at the state its subject is in."""

    activation_class = BeginActivation


class Step(flow.View):
    """A node bound to one state of the problem's life cycle."""

    activation_class = StepActivation

    def __init__(self, state: str, title: Any = "") -> None:
        super().__init__(view=None)
        self.state = state
        self.task_title = title or ProblemState(state).label

    def _outgoing(self) -> Iterator[Edge]:
        """Arrows as the life cycle declares them, one to each target: BPMN wants every edge's id once."""
        labels: dict[Any, dict[str, None]] = {}
        for arrow in edges(self.flow_class.lifecycle()):
            if arrow["source"] == self.state:
                labels.setdefault(self.flow_class.node_for(arrow["target"]), {})[str(arrow["label"])] = None
        for target, found in labels.items():
            yield Edge(src=self, dst=target, edge_class="next", label="／".join(found))


class SideStep(Step):
    """A duty beside the main line, after which its routing ends."""

    def __init__(self, title: Any) -> None:
        super().__init__("side", title)

    def _outgoing(self) -> Iterator[Edge]:
        yield Edge(src=self, dst=self.flow_class.end, edge_class="next")


class Finish(flow.End):
    """Where a routing ends."""

    activation_class = FinishActivation


class RectificationFlow(flow.Flow):
    """整改主流程：one node for each open state."""

    process_title = "问题整改闭环流程"
    process_class = Routing
    task_class = WorkItem
    lock_impl = held_by_the_door

    start = Begin().Next(this.registered)
    registered = Step(ProblemState.REGISTERED, _("交办"))
    assigned = Step(ProblemState.ASSIGNED, _("签收"))
    planning = Step(ProblemState.PLANNING, _("报送整改方案"))
    plan_review = Step(ProblemState.PLAN_REVIEW, _("审核整改方案"))
    rectifying = Step(ProblemState.RECTIFYING, _("整改并申请销号"))
    suspended = Step(ProblemState.SUSPENDED, _("挂账复核"))
    verifying = Step(ProblemState.VERIFYING, _("现场核查"))
    village_review = Step(ProblemState.VILLAGE_REVIEW)
    township_review = Step(ProblemState.TOWNSHIP_REVIEW)
    sector_review = Step(ProblemState.SECTOR_REVIEW)
    county_review = Step(ProblemState.COUNTY_REVIEW)
    end = Finish()

    @classmethod
    def lifecycle(cls) -> Any:
        """The model whose transitions are this flow's arrows."""
        return subject_type("problem").model

    @classmethod
    def node_for(cls, state: str) -> Any:
        """The node of a state; final states share the end, and so do those that time ends: nobody owes them."""
        return cls.end if state in (*FINAL_STATES, *CLOCK_STATES) else getattr(cls, str(state))

    @classmethod
    def next_node(cls, process: Routing) -> Any:
        """The node of the state the subject has moved to."""
        return cls.node_for(process.subject_state)  # type: ignore[attr-defined]


class SideFlow(flow.Flow):
    """A process beside the main line. Its nodes bear the names of the states of what it is about."""

    process_class = Routing
    task_class = WorkItem
    lock_impl = held_by_the_door

    @classmethod
    def next_node(cls, process: Routing) -> Any:
        """The node of the state the side matter has moved to, or the end."""
        return cls.node_for(process.subject_state)  # type: ignore[attr-defined]

    @classmethod
    def node_for(cls, state: str) -> Any:
        """The node of a state; a final state is the end."""
        nodes = (node for node in cls._nodes_by_name.values() if getattr(node, "state", None) == str(state))
        return next(nodes, cls.end)  # type: ignore[attr-defined]


class CooperationFlow(SideFlow):
    """配合单位的责任：one duty, reported once."""

    process_title = "配合整改"

    start = Begin().Next(this.cooperating)
    cooperating = SideStep(_("报送配合落实情况"))
    end = Finish()


class ObjectionFlow(SideFlow):
    """公示异议：the office looks into it."""

    process_title = "公示异议"

    start = Begin().Next(this.looking_into)
    looking_into = SideStep(_("核实公示异议"))
    end = Finish()


class ProgressFlow(SideFlow):
    """长期坚持的定期报告：one report each cycle."""

    process_title = "定期报告进展"

    start = Begin().Next(this.reporting)
    reporting = SideStep(_("报送本期进展"))
    end = Finish()


class ExtensionFlow(SideFlow):
    """延期申请：the office, then the county leader."""

    process_title = "延期申请"

    start = Begin().Next(this.office_review)
    office_review = Step("office_review", _("审核延期申请"))
    leader_review = Step("leader_review", _("审批延期申请"))
    end = Finish()

    @classmethod
    def lifecycle(cls) -> Any:
        """The model whose transitions are this flow's arrows."""
        return side_model("extension")


class EscalationFlow(SideFlow):
    """督办升级：the office decides, the unit answers."""

    process_title = "督办升级"

    start = Begin().Next(this.proposed)
    proposed = Step("proposed", _("决定督办措施"))
    issued = Step("issued", _("答复督办"))
    end = Finish()

    @classmethod
    def lifecycle(cls) -> Any:
        """The model whose transitions are this flow's arrows."""
        return side_model("escalation")


FLOWS = {
    "main": RectificationFlow,
    "cooperation": CooperationFlow,
    "objection": ObjectionFlow,
    "progress": ProgressFlow,
    "extension": ExtensionFlow,
    "escalation": EscalationFlow,
}
