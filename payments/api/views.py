"""The endpoint to which gateways send their events."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import clock
from core.api.problems import problem_response
from core.errors import DomainError, TooLarge
from payments.queries import find_door
from payments.services import receive_event

MAX_BYTES = 256 * 1024


@csrf_exempt
@require_POST
def gateway_event(request: HttpRequest, name: str) -> HttpResponse:
    """Take an event of the gateway `name`: verify its signature over the raw body, then look up what the event is about.

    204 also for an event that was received before; 400 and 401 for anything but a signed event; 404 for a gateway that is not in use.
    """
    try:
        if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
            raise TooLarge("The event is too large.")
        notice = find_door(name).verify_event(request.headers, request.body)
        receive_event(gateway=name, notice=notice, at=clock.now())
    except DomainError as error:
        return problem_response(request, error)
    return HttpResponse(status=204)
