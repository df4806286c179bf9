"""Content of a credit decision's page: its inputs with their ages, the score, the reasons in words, and the versions used."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from checkout.models import Checkout, Order
from core.errors import NotFound
from core.ids import parse_id
from core.moments import amount_words, number_words, percent_words
from core.sentences import Text
from credit.checks import NEGATIVE, PARTIAL
from credit.models import Decision
from credit.queries import bureau_of, find_referral
from credit.reasons import sentences
from markets.catalog import SETTINGS
from markets.queries import ECONOMY, ECONOMY_WHOLE
from notifications.queries import notices_about
from operations.orders.checkout import offer_of
from operations.orders.deciding import FACTS, decided_by
from operations.orders.explaining import explained
from operations.orders.notice import line_of
from operations.orders.outcomes import outcome_text
from operations.orders.registers import registers_shown
from operations.orders.safety import safety_of
from operations.orders.shown import shown_after
from operations.orders.sources import source_name
from operations.wording import status_of

CHECKS: dict[str, Text] = {
    NEGATIVE: gettext_lazy("Negative check: only what counts against the person"),
    PARTIAL: gettext_lazy("Partial check: also their credit accounts"),
}
"""The kinds of credit checks that a market's law asks for, in words."""


def facts_of(decision: Decision) -> dict[str, Any]:
    """Return all parts of a decision's page, as plain values, in a constant number of queries."""
    inquiry, consumer = decision.inquiry, decision.consumer
    order = Order.objects.select_related("merchant").filter(decision=decision).first()
    referral, checkout = find_referral(decision.pk), _checkout(decision)
    bureau = bureau_of(decision)
    return {
        "decision": decision,
        "consumer": consumer,
        "person": consumer.name or consumer.public_id,
        "outcome": status_of(decision.outcome),
        "reasons": sentences(decision.reasons),
        "order": order,
        "checkout": None if order else checkout,
        "offer": offer_of(checkout) if checkout else None,
        "shown": shown_after(decision),
        "safety": safety_of(decision),
        "bureau": bureau.get("name", ""),
        "purpose": inquiry.purpose if inquiry else "",
        "check": str(CHECKS[inquiry.check_kind]) if inquiry and inquiry.check_kind else "",
        "asked_at": inquiry.asked_at if inquiry else None,
        "answered_at": inquiry.answered_at if inquiry else None,
        "age_days": (decision.at - inquiry.answered_at).days if inquiry and inquiry.answered_at else None,
        "bureau_facts": _bureau_facts(decision),
        "asked": [_asked(one) for one in decision.inputs.get("asked", ())],
        "registers": registers_shown(decision.inputs),
        "own_facts": own_facts(decision.inputs),
        "explained": explained(decision),
        "scorecard": decision.versions.get("scorecard", ""),
        **decided_by(decision),
        "source": source_name(decision.versions.get("source", "")),
        "notices": [line_of(one) for one in notices_about([decision.public_id, *([order.public_id] if order else [])])],
        "referral": referral,
        "referral_outcome": status_of(referral.outcome) if referral and referral.outcome else None,
    }


def _asked(one: dict[str, Any]) -> dict[str, Any]:
    """Return a source that was asked, what came of it, and what that took and cost."""
    days = one["age_days"]
    told = [ngettext("%(n)s day old", "%(n)s days old", days) % {"n": days}] if days else []
    told += [_("%(n)s ms") % {"n": one["took_ms"]}] if one["took_ms"] else []
    told += [outcome_text(one["why"])] if one.get("why") else []
    told += [amount_words(one["cost_minor"], one["cost_currency"])] if one["cost_minor"] else []
    return {"source": source_name(one["source"]), "outcome": outcome_text(one["outcome"]), "told": " · ".join(told)}


def _checkout(decision: Decision) -> Checkout | None:
    try:
        key = parse_id(Checkout.PREFIX, decision.reference)
    except NotFound:
        return None
    return Checkout.objects.select_related("merchant").filter(pk=key).first()


def _yes(value: object) -> str:
    return _("Yes") if value else _("No")


def _bureau_facts(decision: Decision) -> list[dict[str, Any]]:
    """Return the credit bureau's data, the most important first."""
    told = dict(decision.inputs.get("bureau") or {})
    if banked := decision.inputs.get("banked"):
        # What the person's bank showed stands in its place in the decision.
        told["disposable_income_minor"] = banked["bureau_minor"]
    names = {
        "score": FACTS["bureau_score"],
        **{
            name: FACTS[name] for name in ("delinquencies_24m", "utilization_pct", "oldest_account_months", "inquiries_6m", "open_accounts")
        },
        "disposable_income_minor": _("Income less regular spending, a month"),
        "thin": FACTS["thin_file"],
        "fraud_alert": FACTS["fraud_alert"],
        "manual_review": _("The bureau asks for a review by people"),
    }
    return [_fact(str(label), name, told[name]) for name, label in names.items() if name in told]


def own_facts(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the platform's own data that a decision, or a review of a limit, used; amounts are in minor units of its currency."""
    history = inputs.get("history", {})
    found = [
        _fact(_("Amount asked for"), "amount_minor", inputs.get("amount_minor")),
        _fact(_("In use before"), "used_minor", inputs.get("used_minor")),
        _fact(_("Identity"), "identity", status_of(inputs.get("identity", ""))["word"]),
        _fact(_("Payments made in time"), "", history.get("paid_on_time", 0)),
        _fact(_("Payments made late"), "", history.get("paid_late", 0)),
        _fact(_("Late then"), "", history.get("overdue_now", 0)),
    ]
    if history.get("eased_now"):
        found.append(_fact(_("Purchases with help for who cannot pay"), "", history["eased_now"]))
    if history.get("on_time_run"):
        found.append(_fact(_("Payments made in time since the last late one"), "", history["on_time_run"]))
    if inputs.get("economy_bps", ECONOMY_WHOLE) != ECONOMY_WHOLE:
        found.append(_fact(str(SETTINGS[ECONOMY].title), "", percent_words(inputs["economy_bps"])))
    if inputs.get("by_hand_minor") is not None:
        found.append(_fact(_("Limit set by hand"), "by_hand_minor", inputs["by_hand_minor"]))
    ruled = inputs.get("ruled") or {}
    if ruled.get("factor_bps") is not None:
        found.append(_fact(_("Rules multiply the limit by"), "", number_words(ruled["factor_bps"] / 10_000)))
    if ruled.get("cap_minor") is not None:
        found.append(_fact(_("Rules cap the limit at"), "cap_minor", ruled["cap_minor"]))
    behavior = inputs.get("behavior") or {}
    if behavior.get("buys"):
        found.append(_fact(_("May buy while something is late, by rules"), "", value=True))
    if behavior.get("factor_bps") is not None:
        found.append(_fact(_("Part of the limit that is left"), "", percent_words(behavior["factor_bps"])))
    found += _affordability(inputs.get("afford")) + _banked(inputs.get("banked"))
    if inputs.get("is_blocked"):
        found.append(_fact(_("Blocked"), "is_blocked", value=True))
    return found


def _banked(stored: Mapping[str, int] | None) -> list[dict[str, Any]]:
    """Return what the person's bank accounts showed, where it stood in place of the bureau's figure; else empty."""
    names = {
        "income_minor": _("Regular income by bank accounts, a month"),
        "fixed_minor": _("Fixed costs by bank accounts, a month"),
        "lenders_minor": _("Other lenders by bank accounts, a month"),
        "bureau_minor": _("The bureau's figure, which did not count"),
        "lowest_minor": _("Lowest balance of all bank accounts"),
        "below_zero_30d": _("Days below zero of the last 30"),
        "returned_90d": _("Debits that came back in the last 90 days"),
        "age_days": _("Age of these figures in days"),
    }
    found = [_fact(label, name, stored[name]) for name, label in names.items() if stored.get(name) is not None] if stored else []
    shares = {"gambling_bps": _("Gambling, of what came in"), "steady_bps": FACTS["steady_income"]}
    told = (
        [_fact(str(label), "", percent_words(stored[name])) for name, label in shares.items() if stored.get(name) is not None]
        if stored
        else []
    )
    return found + told


def _affordability(stored: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return what counted for affordability, and the market's law that asked for it; empty where none did."""
    if not stored:
        return []
    found = [
        _fact(_("Law on affordability"), "", stored["law"]["version"]),
        _fact(_("Payments within four weeks"), "payment_minor", stored["payment_minor"]),
        _fact(_("What must be left in a month after the payments"), "buffer_minor", stored["law"]["buffer_minor"]),
    ]
    names = {
        "income_minor": _("Declared income, a month"),
        "housing_minor": _("Declared cost of housing"),
        "credit_minor": _("Declared payments for other credit"),
        "dependants": _("Declared dependants"),
    }
    declared = stored["declared"] or {}
    found += [_fact(label, name, declared[name]) for name, label in names.items() if name in declared]
    return found + ([_fact(_("Leaves more than what was refused shortly before"), "raised", value=True)] if stored.get("raised") else [])


def _fact(label: str, name: str, value: Any) -> dict[str, Any]:
    if name.endswith("_minor"):
        return {"label": label, "minor": value}
    if isinstance(value, bool):
        return {"label": label, "text": _yes(value)}
    return {"label": label, "text": f"{value} %" if name.endswith("_pct") else str(value)}
