"""How a person wants to be asked to pay what is late: on their own page, and by the link of a letter."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.queries import get_consumer
from brands.queries import brand_of
from collection import services as collection
from collection.contacting import list_stops
from collection.links import stopping_of_link
from collection.models import ContactStop
from core.clock import now
from core.errors import NotFound
from portals.consumer.frame import Visitor, consumer_page, show
from portals.doors import page


@consumer_page("GET", "POST")
def contact(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show by which channels the person is asked to pay what is late, and take what they choose."""
    consumer = visitor.consumer
    if request.method == "POST":
        wanted = set(request.POST.getlist("channel"))
        for channel, _name in ContactStop.CHANNELS:
            change = collection.allow_contact if channel in wanted else collection.stop_contact
            change(consumer_id=consumer.pk, channel=channel, actor=consumer.public_id, at=visitor.at)
        messages.success(request, _("It is noted."))
        return redirect("profile_contact")
    stops = list_stops(consumer.pk)
    context = {"channels": [{"code": code, "name": name, "allowed": code not in stops} for code, name in ContactStop.CHANNELS]}
    return show(request, visitor, "account/contact", "profile", context)


@page("GET", "POST")
def stop_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Stop messages of one channel by the link of a letter, without signing in; asked once more, since mail programs open links."""
    at = now()
    told = stopping_of_link(token, at.date())
    consumer = get_consumer(told.consumer)
    if consumer.is_erased or consumer.brand_id != brand_of(request).code:
        raise NotFound("There is no such page.")
    if request.method == "POST":
        collection.stop_contact(consumer_id=consumer.pk, channel=told.channel, actor=consumer.public_id, at=at)
        return redirect(request.path)
    context = {"by_sms": told.channel == ContactStop.SMS, "stopped": told.channel in list_stops(consumer.pk)}
    return render(request, "portals/consumer/account/stop_by_link.html", context)
