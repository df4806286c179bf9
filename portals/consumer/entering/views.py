"""The public front page, signing in with a code, and signing out."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt

from accounts.models import SignInCode
from accounts.queries import find_consumer
from brands.queries import brand_of
from core.clock import now
from core.errors import DomainError
from core.unreadable import listing
from plans.offers import asks_service_fee
from portals import logins, passkeys, sessions
from portals.again import ask_again, find_kept, form_again, lead_to
from portals.consumer.frame import safe_next
from portals.contacts import shown
from portals.doors import SeeOther, page
from portals.sign_in import AnywhereForm, CodeForm, check_code, code_context, send_again, start


@page("GET")
def landing(request: HttpRequest) -> HttpResponse:
    """Introduce the product; a signed-in consumer goes to their home page."""
    if _is_signed_in(request):
        return redirect("home")
    return render(request, "portals/consumer/entering/landing.html", {"has_service_fee": asks_service_fee()})


def _is_signed_in(request: HttpRequest) -> bool:
    with listing():
        return sessions.find_consumer(request) is not None


@page("GET", "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the contact, and send the code to it."""
    at, there = now(), safe_next(request, request.GET.get("next", ""))
    if request.method != "POST":
        return redirect(there) if _is_signed_in(request) else _show_contact(request)
    form = AnywhereForm(request.POST)
    code_path = _code_path(there)
    on = form.is_valid() and start(request, form, there=code_path, contact=form.cleaned_data["contact"], market=None, at=at)
    return on or ask_again(request, form=form)


@page("GET", "POST")
def code(request: HttpRequest) -> HttpResponse:
    """Take the code and open the session; a person without an account is told that the first purchase creates one."""
    at, there = now(), safe_next(request, request.GET.get("next", ""))
    waiting = sessions.find_code(request, at)
    if waiting is None:
        return redirect("sign_in")
    if request.method != "POST":
        return _show_code(request, waiting, at)
    form = CodeForm(request.POST)
    if not (form.is_valid() and check_code(request, form, waiting, at)):
        return ask_again(request, form=form)
    with listing():
        # A person whose data cannot be decrypted may still sign in; the pages then say so.
        consumer = find_consumer(channel=waiting.channel, destination=waiting.destination, brand=brand_of(request).code)
    if consumer is None:
        sessions.drop_code(request)
        return lead_to(request, reverse("sign_in_unknown"), contact=shown(waiting.destination))
    sessions.sign_in(request, consumer, at)
    logins.link_waiting(request, consumer, waiting.destination, at)
    return redirect(there)


@page("POST")
def with_company(request: HttpRequest, company: str) -> HttpResponse:
    """Lead to another company by whose account the person wants to sign in."""
    return logins.begin(request, company, safe_next(request, request.GET.get("next", "")), now())


@csrf_exempt
@page("GET", "POST")
def back_from_company(request: HttpRequest, company: str) -> HttpResponse:
    """Take whom another company has sent back.

    A company that sends browsers back by a form of its own reaches us without the session's cookie, which goes with links alone: its values
    come once more by a link. They count for the session that began the visit and for no other.
    """
    if request.method == "POST":
        told = {name: request.POST[name][:2_000] for name in ("code", "state", "error") if name in request.POST}
        return SeeOther(f"{request.path}?{urlencode(told)}")
    return logins.finish(request, company, now())


@page("POST")
def options(request: HttpRequest) -> HttpResponse:
    """Answer with what a browser needs to use a passkey, the same for everybody."""
    return passkeys.ask_for_known(request, passkeys.SIGN_IN, now())


@page("POST")
def by_passkey(request: HttpRequest) -> HttpResponse:
    """Take the use of a passkey and open the session."""
    at, there = now(), safe_next(request, request.GET.get("next", ""))
    try:
        with listing():
            consumer = passkeys.consumer_of(request, passkeys.use(request, passkeys.SIGN_IN, at))
    except DomainError as error:
        return ask_again(request, f"{reverse('sign_in')}?{urlencode({'next': there})}", error=error)
    sessions.sign_in(request, consumer, at, how="passkey")
    return redirect(there)


@page("GET")
def unknown(request: HttpRequest) -> HttpResponse:
    """Say that there is no account with this contact."""
    kept = find_kept(request)
    return render(request, "portals/consumer/entering/unknown.html", {"contact": kept.data["contact"]}) if kept else redirect("sign_in")


@page("GET", "POST")
def resend(request: HttpRequest) -> HttpResponse:
    """Send another code to the same place."""
    at, there = now(), safe_next(request, request.GET.get("next", ""))
    waiting = sessions.find_code(request, at)
    if waiting is None or request.method != "POST":
        return redirect("sign_in")
    error = send_again(request, waiting, at)
    return ask_again(request, _code_path(there), error=error) if error else redirect(_code_path(there))


@page("GET", "POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.method == "POST":
        sessions.sign_out(request)
    return redirect("landing")


def _code_path(there: str) -> str:
    return f"{reverse('sign_in_code')}?{urlencode({'next': there})}"


def _show_contact(request: HttpRequest) -> HttpResponse:
    kept = find_kept(request)
    form = form_again(kept, AnywhereForm)
    return render(
        request,
        "portals/consumer/entering/sign_in.html",
        {
            "form": form,
            "query": urlencode({"next": safe_next(request, request.GET.get("next", ""))}),
            "companies": logins.offered(request),
            "notice": kept.problem.detail if kept and kept.problem and not kept.errors else "",
        },
    )


def _show_code(request: HttpRequest, waiting: SignInCode, at: datetime) -> HttpResponse:
    query = urlencode({"next": safe_next(request, request.GET.get("next", ""))})
    context = code_context(request, waiting, find_kept(request), at) | {"query": query}
    return render(request, "portals/consumer/entering/code.html", context)
