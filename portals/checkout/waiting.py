"""A page in a shop's frame that waits for another window: it looks again by itself, also without JavaScript, for some minutes.

With JavaScript `static/js/beside.js` is a little quicker than the header, so that the browser's history does not grow (`data-again`).
"""

from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse

LOOK_AGAIN_S, MOST_LOOKS = 3, 100


def looks_of(request: HttpRequest) -> int:
    """Return how often the page has looked; 0 before the other window was opened."""
    text = request.GET.get("looks", "")
    return min(int(text), MOST_LOOKS) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def is_looking(looks: int) -> bool:
    """Return whether the page looks again by itself."""
    return 0 < looks < MOST_LOOKS


def next_look(address: str, looks: int) -> str:
    """Return the address that looks once more."""
    path, _, query = address.partition("?")
    return f"{path}?{urlencode([*parse_qsl(query), ('looks', str(looks + 1))])}"


def look_again(response: HttpResponse, again: str, looks: int) -> HttpResponse:
    """Let the browser look again after some seconds, unless it has looked for long."""
    if is_looking(looks):
        response["Refresh"] = f"{LOOK_AGAIN_S}; url={again}"
    return response
