"""The content of an alert's page, as plain values, in a constant number of queries."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.services.watching import behavior_of
from checkout.suspicion import suspicion_facts
from controls.rule_kinds import language_of
from controls.rules.facts import FactType, value_of
from controls.wording import Wording
from core.moments import amount_words
from core.money import exponent
from fraud.laundering.facts import FACTS
from fraud.laundering.queries import list_looks
from fraud.laundering.ruling import LAUNDERING, LISTS, REASONS, rule_shown
from fraud.models import LaunderingAlert
from fraud.states import AlertStatus
from operations.wording import status_of

LOOKS = 20
KINDS: dict[str, Any] = {"order": gettext_lazy("Bought"), "charge": gettext_lazy("Paid"), "refund": gettext_lazy("Refunded")}


def facts_of(alert: LaunderingAlert, at: datetime) -> dict[str, Any]:
    """Return the content of an alert's page: why it was raised, the person, what they did, and what was decided."""
    person = alert.consumer
    told = alert.report or suspicion_facts(person, at)
    others = LaunderingAlert.objects.filter(consumer=person).exclude(pk=alert.pk).order_by("-id")[:LOOKS]
    return {
        "alert": {
            "id": alert.pk,
            "rule": rule_shown(alert.rule_name),
            "reason": str((REASONS | LISTS).get(alert.reason, alert.reason)),
            "version": alert.version,
            "status": status_of(alert.status),
            "at": alert.raised_at,
            "rules": reverse("admin:controls_rules_version", args=[LAUNDERING, alert.version]) if alert.version else "",
        },
        "is_open": alert.status == AlertStatus.OPEN,
        "is_reported": alert.status == AlertStatus.REPORTED,
        "decided": {"by": str(alert.decided_by), "at": alert.decided_at, "why": alert.decision} if alert.decided_by else None,
        "person": _person(told["person"]),
        "signals": _signals(alert, behavior_of(person, at)),
        "movements": [_movement(one) for one in told["movements"]],
        "others": [
            {"id": one.pk, "rule": rule_shown(one.rule_name), "at": one.raised_at, "status": status_of(one.status)} for one in others
        ],
        "looks": [{"who": str(look.user), "at": look.at} for look in list_looks(alert.pk, LOOKS)],
    }


def _person(told: dict[str, Any]) -> dict[str, Any]:
    home = told["address"] or {}
    place = " ".join(filter(None, (home.get("postal_code", ""), home.get("city", ""), home.get("region", ""))))
    return {
        **{name: told[name] for name in ("id", "email", "phone", "market")},
        "name": told["name"] or _("Nobody told us the name"),
        "born": date.fromisoformat(told["birth_date"]) if told["birth_date"] else None,
        "since": datetime.fromisoformat(told["since"]),
        "home": ", ".join(filter(None, (home.get("line1"), home.get("line2"), place))),
    }


def _signals(alert: LaunderingAlert, now: dict[str, Any]) -> list[dict[str, str]]:
    """Return each fact with its value at the time of the alert and now; facts unknown at both times are left out."""
    wording = Wording(language_of(LAUNDERING).facts, currency=alert.currency)

    def word(fact: Any, kept: Any) -> str:
        if kept is None:
            return "–"
        unit = "" if fact.type in {FactType.AMOUNT, FactType.SHARE} or not fact.unit else f" {fact.unit_of(kept)}"
        return f"{wording.value(fact, value_of(fact, kept, exponent=exponent(alert.currency)))}{unit}"

    return [
        {
            "title": str(fact.title)[:1].upper() + str(fact.title)[1:],
            "meaning": str(fact.meaning),
            "then": word(fact, alert.facts.get(fact.name)),
            "now": word(fact, now.get(fact.name)),
        }
        for fact in FACTS
        if alert.facts.get(fact.name) is not None or now.get(fact.name) is not None
    ]


def _movement(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one["id"],
        "kind": str(KINDS[one["kind"]]),
        "at": datetime.fromisoformat(one["at"]),
        "amount": amount_words(one["amount_minor"], one["currency"]),
        "where": one.get("shop") or one.get("method") or "",
        "elsewhere": one.get("elsewhere", False),
        "status": status_of(one["status"]),
    }
