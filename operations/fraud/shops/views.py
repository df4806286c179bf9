"""Pages of the risk of shops: the list, its file, and one shop."""

import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core import clock
from core.admin import find_row
from core.csv_files import csv_answer
from merchants.models import Merchant
from operations.frame import operator, show
from operations.fraud.shops.page import asked_by, header, lines_of, list_of, shop_of

MAY_SEE = "fraud.view_shoprisk"


def shops(request: HttpRequest) -> HttpResponse:
    """List shops by how their orders go bad, as a page or as a CSV file."""
    _check(request)
    asked, at = asked_by(request), clock.now()
    if request.GET.get("as") == "csv":
        return csv_answer(f"risk-of-shops-{at:%Y-%m-%d}", header(), lines_of(asked, at))
    return show(request, "fraud/shops.html", _("Risk of shops"), **list_of(asked, at))


def shop(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one shop beside all others: its figures, its trend, and its worst orders."""
    _check(request)
    found = find_row(Merchant.objects.all(), pk)
    return show(request, "fraud/shop.html", _("Risk of %(shop)s") % {"shop": found.name}, **shop_of(found, asked_by(request), clock.now()))


def _check(request: HttpRequest) -> None:
    if not operator(request).may(MAY_SEE):
        raise PermissionDenied
