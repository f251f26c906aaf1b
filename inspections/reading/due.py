"""How a deadline was understood, as a record."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DeadlineReading:
    """How a deadline was understood; days as ISO text, `reading` says it in one sentence."""

    kind: str
    start: str | None = None
    end: str | None = None
    time: str | None = None
    period: str | None = None
    classes: tuple[str, ...] = ()
    reading: str = ""
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The deadline as the command line prints it; its warnings belong to the row."""
        return {
            "kind": self.kind,
            "start": self.start,
            "end": self.end,
            "time": self.time,
            "period": self.period,
            "classes": list(self.classes),
            "reading": self.reading,
        }
