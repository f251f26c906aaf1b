"""Log lines that people and machines can read, each with the request's, the task's and the event's id."""

import inspect
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars, merge_contextvars

FORMATS = ("lines", "json")
_EVERY_LINE: list[Any] = [
    merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
]


def configure(form: str, level: str) -> dict[str, Any]:
    """Set structlog up to speak through Python's logging, and return what Django's LOGGING shall be."""
    structlog.configure(
        processors=[*_EVERY_LINE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    console = {"handlers": ["console"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [structlog.stdlib.PositionalArgumentsFormatter(), *_EVERY_LINE],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(form)],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "uvicorn": {**console, "level": "WARNING"},
            # Its lines hold query strings, and with them names and search words; ours hold the path.
            "uvicorn.access": {"handlers": [], "propagate": False},
        },
    }


def _rendering(form: str) -> list[Any]:
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain, pad_event_to=0)]


def request_id() -> str:
    """The id of the request, or of the request behind the task, that is being worked on; else nothing."""
    return str(get_contextvars().get("request_id", ""))


def begin_task(task: Any, task_id: str, args: Any, kwargs: dict[str, Any]) -> None:
    """Bind the task's id, its request's, and of its arguments those that are ids and nothing else."""
    names = [name for name in inspect.signature(task.run).parameters if name != "self"]
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    ids = {name: value for name, value in given.items() if name.endswith("_id")}
    clear_contextvars()
    caused_by = task.request.get("request_id")
    bind_contextvars(**ids, task=task.name, task_id=task_id, **({"request_id": caused_by} if caused_by else {}))


def end_task() -> None:
    """Forget what was bound."""
    clear_contextvars()
