"""Webhook endpoints: creating, changing, switching off and on, removing, and rotating the secret, which is shown once."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.ids import parse_id
from portals.again import ask_again, find_kept, form_again, lead_to, take_kept
from portals.forms import add_errors
from portals.merchant.frame import Desk, confirm, merchant_page, once_for, show
from portals.merchant.paging import slice_of
from portals.merchant.webhooks.forms import EndpointForm
from portals.merchant.webhooks.page import delivery_row, endpoint_row
from portals.merchant.webhooks.queries import find_deliveries
from webhooks import services as hooks
from webhooks.models import Endpoint
from webhooks.queries import access_endpoint, list_endpoints
from webhooks.texts import BY_TEAM


def get_endpoint(desk: Desk, endpoint_id: str) -> Endpoint:
    """Return the shop's own endpoint; NotFound."""
    return access_endpoint(parse_id(Endpoint.PREFIX, endpoint_id), desk.merchant)


def endpoint_path(endpoint: Endpoint) -> str:
    """Return the address of an endpoint's page."""
    return reverse("merchant_webhook", args=[endpoint.public_id])


def _own(desk: Desk, endpoint: Endpoint) -> dict[str, Any]:
    """Return the arguments that every service about an endpoint takes."""
    return {"merchant": desk.merchant, "endpoint_id": endpoint.id, "at": desk.at, "actor": desk.actor}


@merchant_page("GET", needs="webhooks.write")
def endpoints(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the endpoints."""
    return show(request, desk, "webhooks/webhooks", "webhooks", {"endpoints": [endpoint_row(one) for one in list_endpoints(desk.merchant)]})


@merchant_page("GET", "POST", needs="webhooks.write")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Add an endpoint; its secret is shown once, on the page that follows."""
    if request.method != "POST":
        form = form_again(find_kept(request), EndpointForm)
        return _show_form(
            request, desk, form, back=reverse("merchant_webhooks"), title=gettext("Add an endpoint"), button=gettext("Add the endpoint")
        )
    form = EndpointForm(request.POST)
    if form.is_valid():
        secrets: list[str] = []
        try:
            made, before = once_for(request, desk, lambda: _create(desk, form, secrets))
        except DomainError as error:
            add_errors(form, error)
        else:
            return _lead_to_secret(request, made, secrets, before=before, title=gettext("The endpoint is there"))
    return ask_again(request, form=form)


def _create(desk: Desk, form: EndpointForm, secrets: list[str]) -> str:
    """Create an endpoint; its secret is returned through `secrets`, so that it is not stored with the form's answer."""
    told = form.cleaned_data
    made = hooks.create_endpoint(merchant=desk.merchant, url=told["url"].strip(), events=told["events"], at=desk.at, actor=desk.actor)
    secrets.append(made.secrets[0]["secret"])
    return made.public_id


def _lead_to_secret(request: HttpRequest, made: str, secrets: list[str], *, before: bool, title: str) -> HttpResponse:
    if before:
        messages.error(request, _("This was done a moment ago, and the secret was shown once. If you did not keep it, make a new one."))
        return redirect("merchant_webhook", made)
    return lead_to(request, reverse("merchant_webhook_secret", args=[made]), title=title, secret=secrets[0])


@merchant_page("GET", needs="webhooks.write")
def secret(request: HttpRequest, desk: Desk, endpoint_id: str) -> HttpResponse:
    """Show a new signing secret, once."""
    path = endpoint_path(get_endpoint(desk, endpoint_id))
    kept = take_kept(request)
    if kept is None:
        messages.error(request, _("A secret is shown once. If you did not keep it, make a new one."))
        return redirect(path)
    return show(request, desk, "webhooks/secret_made", "webhooks", kept.data.dict() | {"path": path})


def _show_form(request: HttpRequest, desk: Desk, form: EndpointForm, *, back: str, title: str, button: str) -> HttpResponse:
    context = {"form": form, "back": back, "title": title, "button": button}
    return show(request, desk, "webhooks/webhook_form", "webhooks", context)


@merchant_page("GET", needs="webhooks.write")
def endpoint(request: HttpRequest, desk: Desk, endpoint_id: str) -> HttpResponse:
    """Show an endpoint and its deliveries, newest first."""
    found = get_endpoint(desk, endpoint_id)
    page = slice_of(find_deliveries(found), request)
    context = {
        "endpoint": endpoint_row(found),
        "deliveries": [delivery_row(delivery) for delivery in page.rows],
        "newer": page.newer,
        "older": page.older,
    }
    return show(request, desk, "webhooks/webhook", "webhooks", context)


@merchant_page("GET", "POST", needs="webhooks.write")
def edit(request: HttpRequest, desk: Desk, endpoint_id: str) -> HttpResponse:
    """Change an endpoint's address or its event types."""
    found = get_endpoint(desk, endpoint_id)
    if request.method != "POST":
        form = form_again(find_kept(request), lambda sent: EndpointForm(sent, initial={"url": found.url, "events": found.events}))
        return _show_form(request, desk, form, back=endpoint_path(found), title=gettext("Change the endpoint"), button=gettext("Save"))
    form = EndpointForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            hooks.update_endpoint(**_own(desk, found), url=told["url"].strip(), events=told["events"])
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The endpoint is changed."))
            return redirect(endpoint_path(found))
    return ask_again(request, form=form)


@merchant_page("GET", "POST", needs="webhooks.write")
def rotate(request: HttpRequest, desk: Desk, endpoint_id: str) -> HttpResponse:
    """Ask for confirmation, then give an endpoint a new secret, shown once on the page that follows."""
    found = get_endpoint(desk, endpoint_id)
    if request.method == "POST":
        secrets: list[str] = []
        made, before = once_for(request, desk, lambda: _rotate(desk, found, secrets))
        return _lead_to_secret(request, made, secrets, before=before, title=gettext("The new secret"))
    return confirm(
        request,
        desk,
        "webhooks",
        title=gettext("Make a new secret?"),
        text=gettext(
            "For 24 hours events are signed with the old secret too, so that you can change over. After that only the new one counts."
        ),
        button=gettext("Make a new secret"),
        back=endpoint_path(found),
        danger=False,
    )


def _rotate(desk: Desk, endpoint: Endpoint, secrets: list[str]) -> str:
    made = hooks.rotate_secret(**_own(desk, endpoint))
    secrets.append(made.secrets[0]["secret"])
    return made.public_id


@merchant_page("GET", "POST", needs="webhooks.write")
def disable(request: HttpRequest, desk: Desk, endpoint_id: str) -> HttpResponse:
    """Ask for confirmation, then stop sending events to an endpoint."""
    found = get_endpoint(desk, endpoint_id)
    if request.method == "POST":
        hooks.disable_endpoint(**_own(desk, found), reason=BY_TEAM)
        messages.success(request, _("Nothing is sent there any more."))
        return redirect(endpoint_path(found))
    return confirm(
        request,
        desk,
        "webhooks",
        title=gettext("Switch this endpoint off?"),
        text=gettext("Events are not sent there any more, and what waits to be sent counts as failed. You can switch it on again."),
        button=gettext("Switch it off"),
        back=endpoint_path(found),
    )


@merchant_page("POST", needs="webhooks.write")
def enable(request: HttpRequest, desk: Desk, endpoint_id: str) -> HttpResponse:
    """Send events to an endpoint again."""
    found = get_endpoint(desk, endpoint_id)
    hooks.enable_endpoint(**_own(desk, found))
    messages.success(request, _("Events are sent there again."))
    return redirect(endpoint_path(found))


@merchant_page("GET", "POST", needs="webhooks.write")
def remove(request: HttpRequest, desk: Desk, endpoint_id: str) -> HttpResponse:
    """Ask for confirmation, then remove an endpoint for good."""
    found = get_endpoint(desk, endpoint_id)
    if request.method == "POST":
        hooks.remove_endpoint(**_own(desk, found))
        messages.success(request, _("The endpoint is removed."))
        return redirect("merchant_webhooks")
    return confirm(
        request,
        desk,
        "webhooks",
        title=gettext("Remove this endpoint?"),
        text=gettext("Nothing is sent to %(url)s any more, and its log is not shown any more. This cannot be undone.") % {"url": found.url},
        button=gettext("Remove the endpoint"),
        back=endpoint_path(found),
    )
