"""Pages get plain values: every test of the portals watches what their templates are rendered from, the crawls first of all."""

from dataclasses import dataclass

from django.template import Context

from accounts.models import Consumer
from checkout.models import Order
from tests.portals.plain_values import rows_of_page


@dataclass(frozen=True)
class Shown:
    minor: int
    order: Order | None = None


def test_rows_are_found_however_deep_they_lie():
    context = Context({"order": Order(), "rows": [{"shown": Shown(1, Order())}], "many": Order.objects.none(), "user": Consumer()})
    assert rows_of_page(context) == {"order: Order", "rows[].shown.order: Order", "many: QuerySet"}


def test_plain_values_are_let_through():
    assert rows_of_page(Context({"order": Shown(1), "rows": [Shown(2)], "total": {"minor": 3}, "name": "Anna", "none": None})) == set()
