"""What a proxy or an orchestrator asks: does the process live, and can it work."""

from django.db import connection
from django.http import HttpRequest, HttpResponse


def live(_request: HttpRequest) -> HttpResponse:
    """Answer that the process lives; touches nothing."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(_request: HttpRequest) -> HttpResponse:
    """Answer that the process reaches its database; where it does not, that is a 503 like any other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")
