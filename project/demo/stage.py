"""What every step of the story needs at hand: people, pictures, serial numbers, the open item."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

from organizations import clock
from organizations.models import User
from project.demo.county import County
from project.demo.people import People
from project.demo.pictures import Album
from project.demo.threads import Thread
from rectification.actions.evidence import add_evidence
from workflows.models import WorkItem
from workflows.queries import open_items


@dataclass
class Stage:
    """The county, its people and the album of drawn pictures."""

    county: County
    people: People
    album: Album
    serials: Counter[str] = field(default_factory=Counter)

    def next_serial(self, thread: Thread) -> str:
        """The next serial number in the batch's own document."""
        self.serials[thread.plan.code] += 1
        return str(self.serials[thread.plan.code])

    def photograph(self, thread: Thread, by: User, *, after: bool) -> None:
        """Take a picture on the spot and upload it."""
        taken = clock.local(clock.now()) - timedelta(minutes=thread.rng.randint(20, 200))
        thread.pictures += 1
        picture = self.album.picture(thread.matter.scene, after, thread.pictures, _seconds(taken), _spot(thread))
        phase = "after" if after else "before"
        label = "整改后" if after else "整改前"
        add_evidence(
            thread.problem_id,
            by=by,
            name=f"{thread.place.name}{label}{thread.pictures}.jpg",
            stream=BytesIO(picture),
            phase=phase,
            caption=f"{thread.place.name}{label}",
        )


def item_of(thread: Thread) -> WorkItem:
    """The open item of the main line."""
    main = {"process__case_id": thread.problem_id, "process__kind": "main", "flow_task_type": "HUMAN"}
    return open_items().get(**main)


def seen(thread: Thread) -> int:
    """The number of the last event, as a page just opened shows it."""
    return thread.problem().case.event_count


def _seconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def _spot(thread: Thread) -> tuple[float, float]:
    """A place near the village, in the empty sea of coordinates where no real county lies."""
    code = int(thread.place.code[6:])
    return 21.40 + code % 97 / 400 + thread.rng.random() / 500, 117.60 + code % 89 / 400
