"""What is proposed in the tests of four eyes: one case a kind, each with what it changes and who else could change it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import Group

from accounts.proposals import Access
from accounts.services import set_access
from checkout import services as checkouts
from checkout.errors import TwoPeople
from checkout.models import Refund
from collection import services as collection
from controls.provider_keys import seal
from core.clock import wall
from core.errors import Forbidden
from core.models import ProviderAccount
from core.provider_accounts import save_account
from credit.models import CreditLine
from credit.proposals import OrderLimit, subject_of_limit
from credit.services import set_order_limit
from fraud.lists.services import WIDE, add_agreed, add_entry
from fraud.models import ListEntry
from fraud.states import Listed, ListKind
from merchants.models import AccountChange, Merchant
from merchants.services import update_terms
from plans.guards import GIVING_UP
from plans.models import ChargeOff, Plan
from tests.cast import NOW
from tests.operators import make_operator
from tests.shops import AT, open_shop

Fixture = Callable[[str], Any]


class Case(ABC):
    """A change of a kind: `after` is proposed about `subject`; `pages` are the forms of the row it changes, in the back office."""

    kind: ClassVar[str]
    about: ClassVar[str]
    subject: str
    after: dict[str, Any]
    pages: list[tuple[str, Any]]

    @property
    def may_propose(self) -> str:
        return f"propose_{self.about}"

    @property
    def may_approve(self) -> str:
        return f"approve_{self.about}"

    @abstractmethod
    def times(self) -> int:
        """Return how often the change was made; fails where something else was changed."""

    @abstractmethod
    def meanwhile(self) -> None:
        """Change the same otherwise, so that the proposal does not fit any more."""

    def alone(self, user: Any) -> tuple[Callable[[], Any], type[Exception]] | None:
        """Return the service by which one person would do it alone, and its refusal; None where a service cannot be called as a person."""
        return None


class Terms(Case):
    """Another fee of a shop."""

    kind, about = "merchants.terms", "shop"

    def __init__(self, fixture: Fixture) -> None:
        self.shop = open_shop()
        self.subject, self.after = self.shop.public_id, {"fee_bps": 350}
        self.pages = [("merchants_merchant", self.shop.pk)]

    def times(self) -> int:
        made = AccountChange.objects.filter(actor__startswith="proposal:").count()
        assert made == 0 or Merchant.objects.get(pk=self.shop.pk).fee_bps == 350
        return made

    def meanwhile(self) -> None:
        update_terms(merchant=self.shop, changes={"fee_bps": 390}, actor="test", at=AT)


class LargeRefund(Case):
    """A refund that is too large for one operator."""

    kind, about = "checkout.refund", "refund"

    def __init__(self, fixture: Fixture) -> None:
        buy, self.shop = fixture("buy"), fixture("merchant")
        self.order = buy(self.shop, 90_000)
        checkouts.capture_order(order_id=self.order.pk, merchant=self.shop, amount_minor=None, actor="key:test", at=NOW)
        self.subject, self.after = self.order.public_id, {"amount_minor": 60_000}
        self.pages = [("checkout_order", self.order.pk)]

    def times(self) -> int:
        made = Refund.objects.filter(order=self.order, amount_minor=60_000)
        assert all(one.actor.startswith("proposal:") for one in made)
        return made.count()

    def meanwhile(self) -> None:
        checkouts.refund_order(order_id=self.order.pk, merchant=self.shop, amount_minor=100, reason="x", actor="key:test", at=NOW)

    def alone(self, user: Any) -> tuple[Callable[[], Any], type[Exception]]:
        told = {"order_id": self.order.pk, "merchant": self.shop, "amount_minor": 60_000, "reason": "x", "actor": str(user.pk)}
        return lambda: checkouts.refund_order(**told, at=wall()), TwoPeople


class GivenUp(Case):
    """A plan that is given up as lost."""

    kind, about = GIVING_UP, "chargeoff"
    may_approve = "confirm_chargeoff"

    def __init__(self, fixture: Fixture) -> None:
        buy, shop = fixture("buy"), fixture("merchant")
        self.shop, self.order = shop, buy(shop, 90_000, wall() - timedelta(days=200))
        since = wall() - timedelta(days=200)
        checkouts.capture_order(order_id=self.order.pk, merchant=shop, amount_minor=None, actor="key:test", at=since)
        collection.mark_overdue(at=wall())
        owed = sum(one.principal_minor - one.paid_principal_minor for one in self.order.plan.installments.all())
        self.subject, self.after = str(self.order.plan_id), {"cause": "fraud", "principal_minor": owed, "interest_minor": 0}
        self.pages = [("plans_plan", self.order.plan_id)]

    def times(self) -> int:
        made = ChargeOff.objects.filter(plan=self.order.plan_id)
        given_up = Plan.objects.get(pk=self.order.plan_id).is_charged_off
        assert given_up == bool(made)
        return made.count()

    def meanwhile(self) -> None:
        checkouts.refund_order(order_id=self.order.pk, merchant=self.shop, amount_minor=100, reason="x", actor="key:test", at=wall())


class PersonsOrderLimit(Case):
    """An order limit of a person."""

    kind, about = OrderLimit.name, "limit"

    def __init__(self, fixture: Fixture) -> None:
        self.line = CreditLine.objects.get(consumer=fixture("buy")(fixture("merchant"), 9_000).consumer, currency="USD")
        self.until = wall().date() + timedelta(days=60)
        self.subject = subject_of_limit(self.line.consumer, "USD")
        self.after = {"order_limit_minor": 100, "until": self.until.isoformat()}
        self.pages = [("accounts_consumer", self.line.consumer_id), ("credit_creditline", self.line.pk)]

    def times(self) -> int:
        self.line.refresh_from_db()
        set_by_hand = (self.line.order_limit_minor, self.line.order_by_hand_until) == (100, self.until)
        assert set_by_hand or self.line.order_by_hand_minor in {None, 200}
        return int(set_by_hand)

    def meanwhile(self) -> None:
        set_order_limit(consumer_id=self.line.consumer_id, currency="USD", limit_minor=200, until=self.until, at=wall())


class Role(Case):
    """A role of an operator."""

    kind, about = Access.name, "access"

    def __init__(self, fixture: Fixture) -> None:
        self.user = make_operator("nina@kvart.example")
        Group.objects.create(name="Helpers")
        self.subject, self.after = str(self.user.pk), {"is_staff": True, "is_active": True, "groups": ["Helpers"]}
        self.pages = [("accounts_user", self.user.pk), ("auth_group", Group.objects.get(name="Helpers").pk)]

    def times(self) -> int:
        changes = self.user.changes.filter(after__groups=["Helpers"])
        assert all(one.actor.startswith("proposal:") for one in changes)
        return changes.count()

    def meanwhile(self) -> None:
        set_access(user_id=self.user.pk, operator=False, active=True, roles=[], actor="test", at=wall())


class Keys(Case):
    """Keys of a provider, in a live installation."""

    kind, about = "core.provider_account", "keys"

    def __init__(self, fixture: Fixture) -> None:
        fixture("settings").SANDBOX = False
        self.plain = {"provider": "http-identity", "capabilities": ["identity"], "market": "", "currency": "", "brand": ""}
        self.plain |= {"countries": [], "priority": 1, "active": False}
        values = {"url": "https://kyc.example", "key": "typed"}
        self.subject, self.after = "kyc", self.plain | {"sealed": seal("kyc", values)}
        save_account(code="kyc", **self.plain | {"priority": 9}, values=values, actor="proposal:test", at=AT)
        self.pages = [("core_provideraccount", ProviderAccount.objects.get().pk)]

    def times(self) -> int:
        row = ProviderAccount.objects.get()
        assert row.changed_by.startswith("proposal:")
        return int(row.priority == 1)

    def meanwhile(self) -> None:
        save_account(
            code="kyc", **self.plain | {"priority": 5}, values={"url": "https://kyc.example", "key": "x"}, actor="proposal:t", at=AT
        )

    def alone(self, user: Any) -> tuple[Callable[[], Any], type[Exception]]:
        told = {"code": "kyc", **self.plain, "values": {"url": "https://kyc.example", "key": "x"}}
        return lambda: save_account(**told, actor=str(user.pk), at=wall()), Forbidden


class WideRange(Case):
    """A wide range of internet addresses on the block list."""

    kind, about = WIDE, "list"

    def __init__(self, fixture: Fixture) -> None:
        self.until = wall().date() + timedelta(days=60)
        self.subject, self.after = "block:range:93.184.0.0/16", {"until": self.until.isoformat()}
        other = add_agreed(**self.told("93.185.0.0/16", self.until), actor="proposal:test")
        self.pages = [("fraud_listentry", other.pk)]

    def told(self, text: str, until: date) -> dict[str, Any]:
        return {"listed": Listed.BLOCK, "kind": ListKind.RANGE, "text": text, "reason": "x", "until": until, "at": wall()}

    def times(self) -> int:
        return ListEntry.objects.filter(net="93.184.0.0/16", until=self.until).count()

    def meanwhile(self) -> None:
        add_agreed(**self.told("93.184.0.0/16", self.until + timedelta(days=1)), actor="proposal:test")

    def alone(self, user: Any) -> tuple[Callable[[], Any], type[Exception]]:
        return lambda: add_entry(**self.told("93.184.0.0/16", self.until), user=user), Forbidden


CASES: list[type[Case]] = [Terms, LargeRefund, GivenUp, PersonsOrderLimit, Role, Keys, WideRange]
