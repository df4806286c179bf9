"""What is kept of a person, why, and until when: the sections of the copy of their data, by the reason that keeps them longest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.erasure import IDENTITY_YEARS
from accounts.models import IdentityCheck, IdentityPicture, Look, SupportFlag
from collection.models import Trace
from core.formats import day_text
from core.months import add_months
from core.retention import list_retentions
from credit.adverse import DECISION_MONTHS, KEEP_MONTHS
from credit.models import BankAccess, Decision
from fraud.models import AccountAct
from markets.queries import rows_in_force
from notifications.models import Notice
from payments.models import CardSetup
from plans.models import ChargeOff, Installment, Plan
from plans.queries import AGREEMENT_YEARS
from portals.consumer.account.copying import SECTIONS
from portals.consumer.frame import Visitor

AGREEMENTS = (
    *("purchases", "plans_shown", "payments", "transfers", "cards", "promises", "settlements", "returns", "letters", "calls", "agencies"),
    *("complaints", "reminders", "stopped_channels", "standstills", "links_to_pay", "money_held", "money_back", "disputes", "fee_credits"),
)
IDENTITY = ("identity_checks",)
DECISIONS = (
    *("decisions", "credit_reports", "income_and_costs", "approvals", "fraud_assessments", "limits", "limit_changes", "limit_reviews"),
    *("notices", "baskets"),
)
ACCOUNT = (
    *("you", "changes", "classes", "blocks", "notes", "consents", "messages", "passkeys", "logins", "contact_changes", "devices"),
    "requests",
)
BY_SCHEDULE: dict[str, type[Model]] = {
    "identity_pictures": IdentityPicture,
    "bank_accounts": BankAccess,
    "sign_ins": AccountAct,
    "looks": Look,
    "card_tries": CardSetup,
    "found_out": Trace,
    "situation": SupportFlag,
}
"""Sections that are deleted by themselves, by the retention of a model."""
HOUSE = "House policy"
"""The source of a market's setting that no law asks for."""
DOT = " · "
KEEP_IDENTITY = "records.keep_identity_years"
# Of the longest period in our markets' laws, see `plans.queries.AGREEMENT_YEARS`.
BOOKKEEPING = "Bokföringslagen (1999:1078), 7:2"
WHY_AGREEMENTS = gettext_noop("The law on bookkeeping: agreements and payments are kept for %(years)s years after the last payment.")
WHY_IDENTITY = gettext_noop("The law on knowing customers: we must be able to show for %(years)s years who our customers are.")
WHY_DECISIONS = gettext_noop("We must be able to explain our decisions: an application and its decision are kept for %(months)s months.")
WHY_ACCOUNT = gettext_noop("You have an account with us. We need this to serve you.")


@dataclass(frozen=True, slots=True)
class Kept:
    """Some sections of a person's data: their titles, why they are kept, the law (empty where the reason is ours), and until when."""

    names: Sequence[str]
    why: str
    law: str
    until: str


def list_periods(market: str, day: date) -> list[str]:
    """Return how long each kind of data is kept in a market, and why, in Markdown for its privacy policy; from the settings in force."""
    law = rows_in_force(market, [KEEP_IDENTITY, KEEP_MONTHS], day)
    years, months = _years(law), _months(law)
    found = [
        (AGREEMENTS, _(WHY_AGREEMENTS) % {"years": AGREEMENT_YEARS}),
        (IDENTITY, _(WHY_IDENTITY) % {"years": years}),
        (DECISIONS, _(WHY_DECISIONS) % {"months": months}),
        (ACCOUNT, f"{_(WHY_ACCOUNT)} " + _("Until you close your account, and nothing above must be kept") + "."),
    ]
    timed = [f"**{one.until}.** {DOT.join(one.names)}. {one.why}" for one in _scheduled()]
    return [*(f"**{why}** {DOT.join(_titles(names))}." for names, why in found), *timed]


def _years(law: dict[str, Any]) -> int:
    return int(law[KEEP_IDENTITY].value) if KEEP_IDENTITY in law else IDENTITY_YEARS


def _months(law: dict[str, Any]) -> int:
    return int(law[KEEP_MONTHS].value) if KEEP_MONTHS in law else DECISION_MONTHS


def list_kept(visitor: Visitor) -> list[Kept]:
    """Return everything that is kept of a person, the law's reasons first; six queries."""
    consumer, day = visitor.consumer, visitor.today
    law = rows_in_force(consumer.market_id, [KEEP_IDENTITY, KEEP_MONTHS], day)
    years, months = _years(law), _months(law)
    mine: dict[str, Any] = {"consumer": consumer}
    checked = _last(visitor, IdentityCheck.objects.filter(**mine).aggregate(at=Max("at")))
    decided = _last(visitor, Decision.objects.filter(**mine).aggregate(at=Max("at")))
    noticed = _last(visitor, Notice.objects.filter(**mine).aggregate(at=Max("keep_until")))
    refused = [noticed] if noticed else []
    decisions = max([*refused, *([add_months(decided, months)] if decided else [])], default=None)
    return [
        _made(
            visitor, AGREEMENTS, _(WHY_AGREEMENTS) % {"years": AGREEMENT_YEARS}, BOOKKEEPING, _after(_last_paid(visitor), AGREEMENT_YEARS)
        ),
        _made(visitor, IDENTITY, _(WHY_IDENTITY) % {"years": years}, _source(law, KEEP_IDENTITY), _after(checked, years)),
        _made(visitor, DECISIONS, _(WHY_DECISIONS) % {"months": months}, _source(law, KEEP_MONTHS), decisions),
        *_scheduled(),
        Kept(_titles(ACCOUNT), _(WHY_ACCOUNT), "", _("Until you close your account, and nothing above must be kept")),
    ]


def _last_paid(visitor: Visitor) -> date | None:
    """Return the day of the last payment of all plans, due or made; a plan's own day if it has none."""
    mine = {"plan__consumer": visitor.consumer}
    told = {
        **Installment.objects.filter(**mine).aggregate(due=Max("due_date"), paid=Max("paid_at")),
        **ChargeOff.objects.filter(**mine).aggregate(closed=Max("closed_at"), proposed=Max("proposed_at")),
        **Plan.objects.filter(consumer=visitor.consumer).aggregate(made=Max("created_at")),
    }
    return _last(visitor, told)


def _last(visitor: Visitor, told: dict[str, Any]) -> date | None:
    """Return the latest of some days and moments, as a day where the person lives."""
    return max((visitor.day(one) if isinstance(one, datetime) else one for one in told.values() if one), default=None)


def _after(day: date | None, years: int) -> date | None:
    return add_months(day, 12 * years) if day else None


def _source(law: dict[str, Any], key: str) -> str:
    source = str(law[key].source) if key in law else ""
    return "" if source == HOUSE else source


def _titles(names: Sequence[str]) -> list[str]:
    return [_(SECTIONS[name]) for name in names]


def _made(visitor: Visitor, names: Sequence[str], why: str, law: str, until: date | None) -> Kept:
    told = _("Until %(day)s at least") % {"day": day_text(until, visitor.locale, "year")} if until else _("There is nothing of this yet")
    return Kept(_titles(names), why, law, told)


def _scheduled() -> list[Kept]:
    """Return what is deleted by itself; a setting's days after the moment that counts."""
    known = {one.model: one for one in list_retentions()}
    found = [(name, known[model]) for name, model in BY_SCHEDULE.items()]
    return [Kept(_titles([name]), _(one.why), "", _("Deleted by itself after %(days)s days") % {"days": one.days}) for name, one in found]
