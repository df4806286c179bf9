"""Before something dangerous the person shows once more that it is them: with a passkey, or a code to a contact that they confirmed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.factors.queries import list_passkeys
from accounts.models import Consumer, SignInCode
from accounts.rules import is_same_destination
from core.errors import DomainError
from portals import passkeys, sessions
from portals.again import ask_again, find_kept
from portals.consumer.frame import Visitor, consumer_page, safe_next, show
from portals.contacts import mask
from portals.doors import View
from portals.sign_in import CodeForm, check_code, code_context, send_code


def confirmed_page(there: str, *, methods: tuple[str, ...] = ("POST",)) -> Callable[[View], View]:
    """Make a view a page of the consumer who showed a moment ago who they are; others do so first, and then come to the page `there`."""

    def decorate(view: View) -> View:
        @consumer_page(*methods)
        @wraps(view)
        def answer(request: HttpRequest, visitor: Visitor, *args: Any, **kwargs: Any) -> HttpResponse:
            if not sessions.is_fresh(request, visitor.at):
                return redirect(confirm_path(reverse(there)))
            return view(request, visitor, *args, **kwargs)

        return answer

    return decorate


def confirm_path(there: str) -> str:
    """Return the address at which the person shows that it is them, and is then led to a page."""
    return f"{reverse('security_confirm')}?{urlencode({'next': there})}"


@consumer_page("GET", "POST")
def confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for a passkey or a code, and take the code."""
    there, code = _there(request), _code_for(request, visitor)
    if request.method != "POST":
        fresh = sessions.is_fresh(request, visitor.at) and find_kept(request) is None
        return redirect(there) if fresh else _show(request, visitor, code)
    form = CodeForm(request.POST)
    if code is None or not (form.is_valid() and check_code(request, form, code, visitor.at)):
        return ask_again(request, form=form)
    sessions.confirm(request, visitor.at)
    return redirect(there)


@consumer_page("GET", "POST")
def send(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Send a code to a contact that the person confirmed."""
    back = confirm_path(_there(request))
    if request.method != "POST":
        return redirect(back)
    consumer = visitor.consumer
    error = send_code(request, contact=contact_of(consumer), market=consumer.market, at=visitor.at, typed=False)
    return ask_again(request, back, error=error) if error else redirect(back)


@consumer_page("POST")
def options(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Answer with what the browser needs to use one of the person's passkeys."""
    return passkeys.ask_for_known(request, passkeys.CONFIRM, visitor.at, passkeys=list_passkeys(visitor.consumer))


@consumer_page("POST")
def by_passkey(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Take the use of one of the person's own passkeys."""
    there = _there(request)
    try:
        passkeys.use(request, passkeys.CONFIRM, visitor.at, owner=visitor.consumer)
    except DomainError as error:
        return ask_again(request, confirm_path(there), error=error)
    sessions.confirm(request, visitor.at)
    return redirect(there)


def contact_of(consumer: Consumer) -> str:
    """Return where a code is sent. A phone comes first, so that a stolen mailbox is not enough."""
    return str(consumer.phone if consumer.phone_hash else consumer.email)


def _there(request: HttpRequest) -> str:
    return safe_next(request, request.GET.get("next", reverse("security")))


def _code_for(request: HttpRequest, visitor: Visitor) -> SignInCode | None:
    """Return the code that was sent from this browser to the person's own contact and still works."""
    code, consumer = sessions.find_code(request, visitor.at), visitor.consumer
    mine = code is not None and is_same_destination(code.channel, contact_of(consumer), code.destination, consumer.market_id)
    return code if mine else None


def _show(request: HttpRequest, visitor: Visitor, code: SignInCode | None) -> HttpResponse:
    kept = find_kept(request)
    query = urlencode({"next": _there(request)})
    context: dict[str, Any] = {
        "contact": mask(contact_of(visitor.consumer)),
        "query": query,
        "sent": code is not None,
        "has_passkeys": bool(list_passkeys(visitor.consumer)),
        "notice": kept.problem.detail if kept and kept.problem else "",
    }
    if code is not None:
        context |= code_context(request, code, kept, visitor.at)
    return show(request, visitor, "security/confirm", "profile", context)
