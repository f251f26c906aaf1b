"""The id of a request: on every log line it causes, and in the answer, so that a caller can name it."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response
from structlog.contextvars import bound_contextvars

log = structlog.get_logger("project.requests")

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestId:
    """Outermost: whatever happens further in happens under the id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Take the proxy's id if it looks like one, else make one; note path and status, never the query."""
        given = request.headers.get(HEADER, "")
        number = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        began = time.perf_counter()
        with bound_contextvars(request_id=number):
            response = self.get_response(request)
            if response.status_code >= 400:  # Django would say it, but further out, where the id is gone
                log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
            took = round((time.perf_counter() - began) * 1000)
            log.info("request", method=request.method, path=request.path, status=response.status_code, ms=took)
        response[HEADER] = number
        return response
