"""Two pages for machines: is this process alive, and is the installation doing its work."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from project import health


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: it answers, and asks nobody."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """503 as soon as one part fails, with which one it is."""
    parts = health.parts()
    ready = all(part["ok"] for part in parts.values())
    return JsonResponse({"ready": ready, "parts": parts}, status=200 if ready else 503)
