"""The one way to a fee: under its person's lock, lowered by rules, cut to what every cap leaves, and counted again by the database."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from accounts.models import Consumer
from accounts.queries import home_state
from controls.models import RuleCase
from core.db import wait_locks
from core.outbox import Event, append_all
from plans.crediting import Pot, credits_of, pot_of
from plans.events import FeeCharged
from plans.fee_rules import Case, Ruled, rule_on
from plans.fees import agreed_caps, caps_in, histories_of
from plans.models import Fee, FeeCredit, FeeCreditUse, Installment, Plan, PlanChange
from plans.records import Conduct, conducts_of
from plans.rules.fees import Caps, Charged, Cut, FeeKind, History, Place, Wanted, cut
from plans.services.creation import change_of, snapshot
from plans.services.crediting import save_uses, use_credits
from plans.services.saving import save_installments


@dataclass(slots=True)
class Persons:
    """The people of some plans, locked for fees: who they are, how they paid, what counts in their caps, and their credits."""

    consumers: Mapping[uuid.UUID, Consumer]
    histories: dict[tuple[uuid.UUID, str], History]
    conducts: Mapping[uuid.UUID, Conduct]
    credits: Mapping[Pot, Sequence[FeeCredit]]

    @classmethod
    def of(cls, plans: Iterable[Plan], day: date, *, lock: bool = True) -> "Persons":
        """Lock the people of plans, in the order of their keys, and read what counts for their fees on a day.

        Without the lock, what is read serves to show a fee, not to charge it.
        """
        consumers = Consumer.objects.in_bulk({plan.consumer_id for plan in plans})
        holders = sorted({one.holder_id for one in consumers.values()})
        if lock:
            wait_locks([f"fees:{holder}" for holder in holders])
        return cls(consumers, histories_of(holders), conducts_of(holders, day), credits_of(holders, day, lock=lock))


@dataclass(slots=True)
class Deciding:
    """The fees decided in a batch, gathered so that each kind of row is written once."""

    persons: Persons
    fees: list[Fee] = field(default_factory=list)
    changed: dict[uuid.UUID, Installment] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    cases: list[RuleCase] = field(default_factory=list)
    uses: list[FeeCreditUse] = field(default_factory=list)

    def decide(
        self, plan: Plan, rows: Sequence[Installment], row: Installment, wanted: Wanted, *, day: date, actor: str, at: datetime
    ) -> Fee:
        """Decide one fee of a locked plan's installment, and let the installment ask for it."""
        fee, case = self.weigh(plan, rows, row, wanted, day=day, actor=actor, at=at)
        self.fees.append(fee)
        self.cases += [case] if case else []
        if fee.amount_minor or fee.credit_minor:
            consumer = self.persons.consumers[plan.consumer_id]
            key = (consumer.holder_id, plan.currency)
            charged = Charged(str(plan.id), str(row.id), wanted.kind, day, fee.amount_minor + fee.credit_minor)
            self.persons.histories[key] = self.persons.histories.get(key, History()).plus(charged)
            self.uses += use_credits(self.persons.credits.get(pot_of(consumer, plan.currency), ()), fee)
            row.fees_minor += fee.amount_minor
            self.changed[row.id] = row
            self.events.append(_told(plan, row, fee))
        return fee

    def weigh(
        self, plan: Plan, rows: Sequence[Installment], row: Installment, wanted: Wanted, *, day: date, actor: str, at: datetime
    ) -> tuple[Fee, RuleCase | None]:
        """Return a fee as it would be decided, not saved, with the case of its rules: rules lower it, then every cap cuts it.

        The person's credits pay what they can of what is left. Rules are not asked where the agreement itself asks for nothing.
        """
        consumer = self.persons.consumers[plan.consumer_id]
        caps = caps_in(plan.product.market_id, home_state(consumer), day)
        history = self.persons.histories.get((consumer.holder_id, plan.currency), History())
        place = Place(
            plan=str(plan.id),
            installment=str(row.id),
            asked_minor=row.principal_minor + row.interest_minor,
            captured_minor=plan.captured_minor,
            interest_minor=sum(one.interest_minor for one in rows),
            days_late=(day - row.due_date).days,
            late_since=plan.late_since,
        )
        left = _cut(plan, wanted, caps.caps, place, history, day) if caps else Cut(0, "none")
        fee = Fee(
            installment=row,
            kind=wanted.kind,
            stage=wanted.stage,
            on=day,
            wanted_minor=wanted.amount_minor,
            caps=caps.market if caps else None,
            caps_of_state=caps.state if caps else None,
            actor=actor,
            at=at,
        )
        conduct = self.persons.conducts.get(consumer.holder_id, Conduct(day))
        ruled, case = Ruled(0), None
        if wanted.amount_minor:
            ruled, case = rule_on(Case(fee, plan, consumer, history, conduct, left.amount_minor))
        fee.ruled = ruled.kept
        asked = min(ruled.amount_minor, left.amount_minor)
        fee.credit_minor = min(asked, sum(one.left_minor for one in self.persons.credits.get(pot_of(consumer, plan.currency), ())))
        fee.amount_minor = asked - fee.credit_minor
        fee.cap = left.cap if left.amount_minor < ruled.amount_minor else ""
        return fee, case

    def save(self, at: datetime) -> None:
        """Write everything; a constant number of statements."""
        save_installments(self.changed.values())
        Fee.objects.bulk_create(self.fees)
        save_uses(self.uses)
        RuleCase.objects.bulk_create(self.cases)
        append_all(self.events, at=at)

    def record(
        self,
        plans: Iterable[Plan],
        rows: Mapping[uuid.UUID, Sequence[Installment]],
        before: Mapping[uuid.UUID, list[dict[str, object]]],
        at: datetime,
    ) -> None:
        """Store a version of the schedule of each plan that a fee was charged on; one statement."""
        made = {fee.installment.plan_id: fee for fee in reversed(self.fees) if fee.amount_minor}
        changed = [plan for plan in plans if plan.id in made]
        now = {plan.id: snapshot(rows[plan.id]) for plan in changed}
        told: dict[str, Any] = {"actor": "", "at": at}
        kinds = {plan: "service" if fee.kind == FeeKind.SERVICE else "fee" for plan, fee in made.items()}
        PlanChange.objects.bulk_create(
            change_of(plan=one, kind=kinds[one.id], reference=made[one.id].public_id, before=before[one.id], after=now[one.id], **told)
            for one in changed
        )


def _cut(plan: Plan, wanted: Wanted, caps: Caps, place: Place, history: History, day: date) -> Cut:
    """Return what the caps of a day leave of a fee, and those that the person agreed to with the plan, where they leave less."""
    found = (cut(wanted.amount_minor, wanted.kind, place=place, history=history, caps=one, day=day) for one in (caps, agreed_caps(plan)))
    return min(found, key=lambda left: left.amount_minor)


def _told(plan: Plan, row: Installment, fee: Fee) -> FeeCharged:
    return FeeCharged(
        plan=plan.public_id,
        reference=plan.reference,
        fee=fee.public_id,
        number=row.number,
        kind=fee.kind,
        amount_minor=fee.amount_minor,
        credit_minor=fee.credit_minor,
        currency=plan.currency,
    )
