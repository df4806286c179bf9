"""The cookie of a browser in which somebody signed in: the session counts only together with it."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from accounts.devices.services import hash_of, remember_device
from accounts.models import Consumer
from core.network import client_address
from portals.agents import device_name

COOKIE = "__Host-bnpl_device" if settings.SECURE else "bnpl_device"
"""The prefix makes browsers take it from this host alone, over TLS."""
AGE_S = 400 * 24 * 3600
DEVICE, FROM = "consumer_device", "consumer_from"
"""In the session: the device with the hash of its cookie, and since when the session is the consumer's."""


class DeviceCookie:
    """Gives a browser its cookie, with the answer to the request that signed somebody in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        response = self.get_response(request)
        if token := getattr(request, "device_token", ""):
            response.set_cookie(COOKIE, token, max_age=AGE_S, httponly=True, secure=settings.SECURE, samesite="Lax")
        return response


def remember(request: HttpRequest, consumer: Consumer, at: datetime) -> None:
    """Remember the browser in which a consumer signs in, and bind the session to it."""
    token = request.COOKIES.get(COOKIE, "")[:100]
    found = remember_device(consumer=consumer, token=token, name=device_name(request), address=client_address(request), at=at)
    request.session[DEVICE], request.session[FROM] = [found.device, hash_of(found.token)], at.isoformat()
    request.device_token = found.token  # type: ignore[attr-defined]


def stay(request: HttpRequest, at: datetime) -> None:
    """Let this session count when all from before a moment end."""
    request.session[FROM] = at.isoformat()


def device_of(request: HttpRequest) -> str:
    """Return the public id of the device to which the session belongs; empty for a session from before devices were remembered."""
    found = request.session.get(DEVICE)
    return str(found[0]) if found else ""


def is_ended(request: HttpRequest, consumer: Consumer) -> bool:
    """Return whether the session counts no more: its device was signed out, or everything before a moment, or its cookie is missing."""
    session, told = request.session, consumer.signed_out
    since = session.get(FROM) or session.get("consumer_since") or ""
    if told and (device_of(request) in told.get("devices", {}) or since < told.get("before", "")):
        return True
    found = session.get(DEVICE)
    token = getattr(request, "device_token", "") or request.COOKIES.get(COOKIE, "")
    return found is not None and hash_of(token) != found[1]
