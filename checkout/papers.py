"""The documents of an order for operators: the list, and each as a PDF."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from checkout.models import Order
from plans.documents.pdf import file_name, render
from plans.documents.reading import Paper
from plans.hardship import papers_of_plan

OPERATORS = {
    "information": _("Information before the agreement"),
    "agreement": _("Credit agreement"),
    "payment_plan": _("Payment plan"),
    "new_plan": _("New payment plan"),
    "new_terms": _("Agreement on new payments"),
    "settlement": _("Letter of settlement"),
    "pricing": _("Risk-based pricing notice"),
}
"""Names of the documents for operators."""


def papers_of_order(order: Order) -> dict[str, Paper]:
    """Return the documents of an order, by kind; none if the person is erased."""
    return papers_of_plan(order.plan)


def links_to_papers(order: Order) -> list[tuple[Any, str]]:
    """Return the name and back-office URL of each document of an order."""
    return [(OPERATORS[kind], reverse("admin:checkout_order_paper", args=[order.pk, kind])) for kind in papers_of_order(order)]


def pdf_of(order: Order, paper: Paper, *, large: bool = False) -> tuple[bytes, str]:
    """Return a document of an order as a PDF, in large print or not, and its file name."""
    made = render(paper, reference=order.public_id, market=order.plan.product.market_id, large=large)
    return made, file_name(paper, order.public_id)
