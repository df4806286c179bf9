"""Pages of products: their versions, and the proposals about them."""

import uuid
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from controls.kinds import get_kind
from controls.models import Proposal
from controls.queries import find_open_proposal, proposals_of
from core.admin import find_row
from core.clock import local_date
from core.errors import NotFound
from core.moments import day_words
from core.once import new_key
from core.sentences import translated
from markets.models import Market
from markets.queries import get_market
from operations.frame import operator, show
from operations.offers.forms import AmountForm, DayForm, NewForm, TermsForm, initial_of
from operations.offers.previewing import preview, term_differences
from operations.offers.proposing import MAY_PROPOSE, SHOWN, could_hold, propose_once, today_in
from plans.admin import ProductAdmin
from plans.models import Product
from plans.offers import draft_of, law_faults, law_on, terms_of
from plans.proposals import OFFERED, Offer, parts_of_product, subject_of_product
from plans.queries import list_versions
from plans.rules.terms import ADDED, TERMS, is_code
from plans.texts import TERMS as NAMES
from plans.texts import after_days, product_name, term_text

BEGIN = {
    "name": "",
    "count": 3,
    "interval": "monthly",
    "interval_days": 0,
    "first": "later",
    "rate_bps": 0,
    "remainder": "last",
    "minimum_minor": 100,
    "maximum_minor": 100_000,
    "refund_rule": "last_first",
    "position": 9,
    **ADDED,
}
"""The first values in the form of a product's first version."""


class ProductPages(ProductAdmin):
    """Products: their versions, and the proposals of new ones that two people decide."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the pages that propose changes."""
        wrap = self.admin_site.admin_view
        return [
            path("new/<str:market>/<str:code>/", wrap(self.first), name="plans_product_first"),
            path("proposed/<uuid:proposal>/", wrap(self.proposed), name="plans_product_proposed"),
            path("<int:pk>/version/", wrap(self.version), name="plans_product_version"),
            path("<int:pk>/stop/", wrap(self.stop), name="plans_product_stop"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let operators with the permission propose new products."""
        return operator(request).may(MAY_PROPOSE)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for the market and code of a new product."""
        self._may(request, MAY_PROPOSE)
        form = NewForm(request.GET if "code" in request.GET else None)
        if not form.is_valid():
            return show(request, "offers/new.html", _("Propose a new product"), form=form)
        market, code = form.cleaned_data["market"], form.cleaned_data["code"]
        versions = list_versions(market.code, code)
        if versions:
            return HttpResponseRedirect(self._address(versions[0]))
        return HttpResponseRedirect(reverse("admin:plans_product_first", args=[market.code, code]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a product with all its versions."""
        return self._page(request, self._load(request, object_id))

    def version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Preview the quotes of another version, then propose it."""
        product = self._load(request, pk, MAY_PROPOSE)
        versions = list_versions(product.market_id, product.code)
        return self._edit(request, product.market, product.code, versions)

    def first(self, request: HttpRequest, market: str, code: str) -> HttpResponse:
        """Preview the quotes of a product's first version, then propose it."""
        self._may(request, MAY_PROPOSE)
        try:
            found = get_market(market)
        except NotFound:
            raise Http404 from None
        if not is_code(code):
            raise Http404
        return self._edit(request, found, code, list_versions(market, code))

    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose to stop offering the product from a date on."""
        product = self._load(request, pk, MAY_PROPOSE)
        form = DayForm(request.POST or None, today=today_in(product.market))
        if request.method != "POST" or not form.is_valid():
            return self._page(request, product, form)
        subject = subject_of_product(product.market_id, product.code)
        return propose_once(request, form, Offer(), subject, {OFFERED: False}, back=self._address(product))

    def proposed(self, request: HttpRequest, proposal: uuid.UUID) -> HttpResponse:
        """Show the quotes of a proposed version, also for an amount that the second person types."""
        self._may(request)
        row = find_row(Proposal.objects.filter(kind=Offer.name), proposal)
        market, code = parts_of_product(row.subject)
        present = row.before if row.before.get(OFFERED) else {}
        shown: dict[str, Any] = {"proposal": row, "subject": get_kind(row.kind).subject_name(row.subject), "stops": not row.after[OFFERED]}
        if row.after[OFFERED]:
            asked = AmountForm(request.GET or None, market=market)
            given = asked.cleaned_data if asked.is_valid() else {}
            amount, start = given.get("amount"), given.get("starting") or row.starts_on or today_in(market)
            new = draft_of(market, code, row.after)
            was = draft_of(market, code, present) if present else None
            shown |= preview(new=new, present=was, start=start, amount=amount)
            shown["asked"] = asked
        shown["differences"] = term_differences(row.subject, row.before, row.after)
        return show(request, "offers/proposed.html", str(Offer.title), **shown)

    def _edit(self, request: HttpRequest, market: Market, code: str, versions: list[Product]) -> HttpResponse:
        offered = next((one for one in versions if one.active), None)
        begin = terms_of(versions[0]) if versions else BEGIN
        form = TermsForm(request.POST or None, market=market, code=code, today=today_in(market), initial=initial_of(begin))
        subject = subject_of_product(market.code, code)
        title = (
            _("A new version of %(name)s") % {"name": product_name(versions[0])}
            if versions
            else _("A new product: %(code)s") % {"code": code}
        )
        shown: dict[str, Any] = {"form": form, "market": market, "versions": versions, "once": new_key()}
        shown["waiting"] = find_open_proposal(Offer.name, subject)
        if request.method == "POST" and form.is_valid():
            after = {OFFERED: True, **form.terms()}
            start: date = form.cleaned_data["starts_on"]
            if could_hold(form, Offer(), subject, after):
                if "confirmed" in request.POST:
                    back = self._address(versions[0]) if versions else reverse("admin:plans_product_changelist")
                    return propose_once(request, form, Offer(), subject, after, back=back)
                new = draft_of(market, code, after)
                shipped = form.cleaned_data["starting"] or start
                shown |= preview(new=new, present=offered, start=shipped, amount=form.cleaned_data["amount"])
                shown["differences"] = term_differences(subject, {OFFERED: True, **terms_of(offered)} if offered else {}, after)
                shown["starts_on"] = start
        return show(request, "offers/version.html", title, **shown)

    def _may(self, request: HttpRequest, acting: str = "") -> None:
        if not self.has_view_permission(request) or (acting and not operator(request).may(acting)):
            raise PermissionDenied

    def _load(self, request: HttpRequest, pk: object, acting: str = "") -> Product:
        self._may(request, acting)
        if not str(pk).isascii() or not str(pk).isdigit() or len(str(pk)) > 18:
            raise Http404
        return get_object_or_404(Product.objects.select_related("market"), pk=pk)

    def _address(self, product: Product) -> str:
        return reverse("admin:plans_product_change", args=[product.pk])

    def _page(self, request: HttpRequest, product: Product, form: DayForm | None = None) -> HttpResponse:
        versions = list_versions(product.market_id, product.code)
        offered = next((one for one in versions if one.active), None)
        subject, today = subject_of_product(product.market_id, product.code), today_in(product.market)
        shown: dict[str, Any] = {
            "product": product,
            "offered": offered,
            "newest": versions[0],
            "terms": [(NAMES[name], term_text(name, getattr(offered or versions[0], name), product.currency)) for name in TERMS],
            "versions": [_line(one) for one in versions],
            "waiting": find_open_proposal(Offer.name, subject),
            "proposals": list(proposals_of(subject, (Offer.name,))[:SHOWN]),
            "may_propose": operator(request).may(MAY_PROPOSE),
            "stop_form": form or DayForm(today=today),
            "breaks": _breaks(offered, today) if offered else [],
            "once": new_key(),
        }
        return show(request, "offers/product.html", f"{product_name(versions[0])}, {product.market.country}", model_admin=self, **shown)


def _breaks(product: Product, today: date) -> list[str]:
    """Return in words the legal caps in force that a version on offer exceeds."""
    found = law_faults(product, law_on(product.market, today), today)
    return [f"{NAMES[name]}: {translated(fault)}" for name, fault in found.items()]


def _line(product: Product) -> dict[str, Any]:
    """Return a version as a row of the list."""
    zone = product.market.time_zone
    since, until = product.offered_since, product.offered_until
    told = {name: term_text(name, getattr(product, name), product.currency) for name in TERMS}
    when = after_days(product.interval_days) if product.interval == "days" else told["interval"]
    return {
        "version": product.version,
        "active": product.active,
        "since": day_words(local_date(since, zone)) if since else _("the beginning"),
        "until": day_words(local_date(until, zone)) if until else "",
        "payments": f"{told['count']} · {when} · {told['first']}" if product.count > 1 else f"{told['count']} · {when}",
        "rate": told["rate_bps"],
        "amounts": f"{told['minimum_minor']} – {told['maximum_minor']}",
        "name": product_name(product),
    }
