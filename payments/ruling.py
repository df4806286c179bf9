"""Rules that choose between several gateway accounts, for a new payment method and for a payout."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.classes import groups_of
from accounts.models import Consumer
from controls.models import RuleCase
from controls.rule_kinds import RuleKind, Sweep, kept_rule
from controls.rules.facts import Fact, FactType
from controls.rules.sets import Finding, Outcome, Place
from controls.rules.trials import Compared
from controls.services import consult_rules
from core import providers
from core.clock import wall
from core.errors import NotFound
from core.ids import parse_id
from core.money import Money
from core.provider_calls import list_health
from core.providers import Account, Capability
from core.sentences import Text
from payments.models import Payout

ROUTES = "routes"
FIRST = "first"
LOOK_BACK_H = 2
WHAT: dict[str, Text] = {
    Capability.CARDS: _("a new card"),
    Capability.PULLS: _("a new bank account"),
    Capability.PAYOUTS: _("a payout to a shop"),
}


class Accounts(Mapping[str, str]):
    """The current gateway accounts by code, each with its provider's name."""

    def __getitem__(self, code: str) -> str:
        """Return an account's name; KeyError."""
        account = _gateways().get(code)
        if account is None:
            raise KeyError(code)
        return f"{providers.get_provider(account.provider).name}: {code}"

    def __iter__(self) -> Iterator[str]:
        """Iterate over the codes."""
        return iter(_gateways())

    def __len__(self) -> int:
        """Return the number of accounts."""
        return len(_gateways())


def _gateways() -> dict[str, Account]:
    return {one.code: one for one in providers.list_accounts() if not one.capabilities.isdisjoint(WHAT)}


ACCOUNTS = Accounts()
FACTS = (
    Fact("what", FactType.TEXT, _("what the account is for"), _("What it is asked to do."), "cards", choices=WHAT),
    Fact("currency", FactType.TEXT, _("the currency"), _("By its code."), "EUR"),
    Fact("amount", FactType.AMOUNT, _("the amount"), _("Of a payout, or of the purchase for which a card is added."), 249_900),
    Fact("usual", FactType.TEXT, _("the account that comes first without rules"), _("By priority."), "sandbox", choices=ACCOUNTS),
    Fact(
        "usual_success",
        FactType.SHARE,
        _("the share of its calls that succeed"),
        _("Of the account that comes first without rules, in the last two hours."),
        0.98,
    ),
)


class RouteRules(RuleKind):
    """Rules that move an account to the first place; each case is a visit to a card page, or a payout."""

    name, title = ROUTES, _("Routes of money")
    about = _(
        "Where several accounts with gateways serve, these rules say which is asked for a new card or bank account, and for a payout. The"
        " first rule that holds counts. What is charged later stays with the account that has the card."
    )
    facts = FACTS
    outcomes: ClassVar = {FIRST: Outcome(_("Ask first"), value=FactType.TEXT, choices=ACCOUNTS)}
    reasons: ClassVar = {
        "cost": _("Its fees"),
        "success": _("How often it succeeds"),
        "share": _("A part goes to each"),
        "other": _("Another reason"),
    }
    compared = Compared.BY_NAME
    sweep = Sweep(
        every=_("This version would have chosen the account each time in these months."),
        many=_("This version would have chosen the account in %(share)s of all cases."),
        none=_("This version would have chosen no account in these months."),
    )

    def counting(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return the first rule that holds."""
        return findings[:1]

    def link(self, subject: str) -> str:
        """Return the payout's page; a visit to a card page has none."""
        try:
            return reverse("admin:payments_payout_change", args=[parse_id(Payout.PREFIX, subject)])
        except NotFound:
            return ""


@dataclass(frozen=True, slots=True)
class Routed:
    """The chosen account, the rule that chose it (`kept_rule`; empty for none), and the case for the caller to save, if any."""

    account: str
    rule: Mapping[str, Any]
    case: RuleCase | None


def route(
    capability: Capability,
    *,
    subject: str,
    amount: Money,
    market: str,
    brand: str | None,
    at: datetime,
    merchant: str = "",
    consumer: Consumer | None = None,
) -> Routed:
    """Return the account to use in a market, a currency and a brand; ProviderMissing.

    Rules apply if several accounts serve there. If the account of the first matching rule does not serve there, the usual account is used.
    `amount` is zero if it is not known. At most one query.
    """
    serving = providers.in_order(capability, market=market, currency=amount.currency, brand=brand)
    usual = serving[0].code
    if len(serving) == 1:
        return Routed(usual, {}, None)
    groups: Sequence[str] = groups_of(consumer) if consumer else ()
    asked, case = consult_rules(
        kind=ROUTES,
        subject=subject,
        facts=_facts(capability, amount, usual),
        place=Place(brand or "", market, merchant, groups, at.date()),
        amount=amount,
        at=at,
    )
    found = next(iter(asked.findings), None)
    if found is None or all(one.code != found.then.value for one in serving):
        return Routed(usual, {}, case)
    return Routed(found.then.value, kept_rule(found, asked.version, ROUTES), case)


def _facts(capability: Capability, amount: Money, usual: str) -> dict[str, Any]:
    health = list_health(hours=LOOK_BACK_H, at=wall()).get(usual)
    success = health.success if health else None
    return {
        "what": capability.value,
        "currency": amount.currency,
        "amount": amount.minor or None,
        "usual": usual,
        "usual_success": None if success is None else round(success, 4),
    }
