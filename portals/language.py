"""The language of pages: the one chosen in this browser, else the account's, else the first supported one that the browser asks for."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts import services as people
from core.clock import now
from portals import sessions
from portals.consumer.frame import safe_next
from portals.doors import SeeOther, page

ENGLISH = ("/design",)
"""Pages that are written in English only."""
MACHINES = "/api/"
"""Answers here are in the language that the program asks for in its headers."""
PEOPLE = "/api/docs/"
"""These pages are for people."""
YEAR_S = 365 * 86_400


class Language:
    """Answers each page in the visitor's language, and names the language in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the visitor's language."""
        with translation.override(_language_of(request)):
            response = self.get_response(request)
            response.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        patch_vary_headers(response, ["Accept-Language"])
        return response


def _language_of(request: HttpRequest) -> str:
    if request.path.startswith(ENGLISH):
        return settings.LANGUAGE_CODE
    if request.path.startswith(MACHINES) and request.path != PEOPLE:
        return _of_program(request)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    kept = chosen if chosen in dict(settings.LANGUAGES) else sessions.language_of(request) or _of_user(request)
    return kept or translation.get_language_from_request(request)


def _of_program(request: HttpRequest) -> str:
    """Return the first supported language in `Accept-Language`, whatever the cookies say; English if there is none."""
    for asked, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return translation.get_supported_language_variant(asked)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def _of_user(request: HttpRequest) -> str:
    """Return the language that a signed-in operator or member of a shop's team chose; empty if nobody is signed in."""
    return str(getattr(request.user, "language", "")) if SESSION_KEY in request.session else ""


@page("POST")
def choose_language(request: HttpRequest) -> HttpResponse:
    """Store the language that a visitor chose, for this browser and for their account, and go back to the page."""
    language, back = request.POST.get("language", ""), SeeOther(safe_next(request, request.POST.get("next", "")))
    if language not in dict(settings.LANGUAGES):
        return back  # The form does not come from a page of ours, so nobody chose this.
    if consumer := sessions.find_consumer(request):
        people.choose_language(consumer_id=consumer.pk, language=language, at=now(), actor=consumer.public_id)
        sessions.keep_language(request, language)
    if request.user.is_authenticated:
        people.choose_language_of_user(user_id=request.user.pk, language=language)
    back.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR_S, samesite="Lax", secure=settings.SECURE, httponly=True)
    return back
