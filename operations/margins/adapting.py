"""From a segment of the margins to a draft of rules about it: which kinds of rules can change its terms."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from controls.queries import may_see_rules
from controls.rule_kinds import get_rule_kind
from controls.services.ruling import MAY_PROPOSE
from core.formats import country_name
from core.once import new_key
from operations.frame import operator, show
from operations.ruling.places import names_in
from operations.ruling.segments import Segment
from reports.margins.queries import CLASSES, OTHERS, By

LEVERS = ("offers", "grades", "limits", "fees", "orders")
"""The kinds of rules that change what a sale earns and costs."""
FACTS = {By.PRODUCT: "plan", By.GRADE: "grade", **{by: f"customer_{by.value}" for by in CLASSES}}
"""The fact that says of a purchase to which group it belongs."""


def segment_of(by: By, key: tuple[Any, ...], shops: dict[Any, str]) -> Segment | None:
    """Return the segment of a group of margins; None for a group about which no rule can be. `shops` are public ids by key."""
    if by is By.SHOP:
        return Segment(merchant=shops[key[0]]) if key[0] not in (OTHERS, None) and key[0] in shops else None
    if by is By.MONTH or not key[1]:
        return None
    return Segment(market=key[0], fact=FACTS[by], value=key[1])


def adapt(request: HttpRequest) -> HttpResponse:
    """Show which rules can change the terms of a segment, each with a button that starts a draft that begins with it."""
    user = operator(request)
    if not user.may("reports.view_margin") or not may_see_rules(user):
        raise PermissionDenied
    segment = Segment.of(request.GET.dict())
    kinds = [get_rule_kind(name) for name in LEVERS]
    told: dict[str, Any] = {
        "segment": segment,
        "words": _words(segment),
        "levers": [(kind, reverse("admin:controls_rules_start", args=[kind.name])) for kind in kinds if segment.fits(kind)],
        "others": [kind for kind in kinds if not segment.fits(kind)],
        "may_propose": user.may(MAY_PROPOSE),
        "once": new_key(),
    }
    return show(request, "margins/adapt.html", _("Adapt the terms of a segment"), **told)


def _words(segment: Segment) -> str:
    """Return a segment in words."""
    parts = [country_name(segment.market) if segment.market else ""]
    if segment.merchant:
        parts.append(names_in([], [segment.merchant])("merchant", segment.merchant))
    if segment.fact:
        known = [get_rule_kind(name).terms.facts for name in LEVERS]
        fact = next((facts[segment.fact] for facts in known if segment.fact in facts), None)
        title = str(fact.title) if fact else segment.fact
        value = fact.choices.get(segment.value, segment.value) if fact else segment.value
        parts.append(_("%(fact)s: %(value)s") % {"fact": title, "value": value})
    return " · ".join(part for part in parts if part)
