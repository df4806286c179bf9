"""The kinds of tasks in the work list: each lists and counts what waits for an operator."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ConsumerRequest, User
from accounts.queries import public_id_of
from accounts.states import RequestStatus
from checkout.desk import may_see_reviews
from checkout.models import Order, OrderReview
from checkout.routing import matters_of, matters_routed_to
from checkout.states import REVIEW_OPEN, OrderStatus
from collection.desk import Matter, list_matters
from collection.losses import list_waiting, may_see_losses
from collection.models import AgencyHold
from controls.kinds import get_kind, list_kinds
from controls.models import Proposal
from controls.queries import may_see_rules
from controls.routing import waiting_proposals
from core.clock import day_begins
from core.models import Delivery
from core.moments import amount_words, day_words
from core.queries import undelivered
from core.sentences import translated
from credit.skipping import list_skipped
from learning.models import Suggestion
from learning.queries import open_alarms, open_suggestions
from learning.reporting.suggested import outcome_words
from learning.reporting.watched import alarm_words
from operations.asked import amounts_of, step_of
from operations.audit.titles import title_of
from operations.gathering import UNANSWERED, count_beside, gathered_breaks, group_of, list_of_group, open_breaks
from operations.orders.outcomes import outcome_text
from operations.undelivered import trouble_text
from plans.offers import AHEAD_DAYS, Forbidden, forbidden_soon
from plans.texts import TERMS, product_name

MOST_LOSSES = 100
MOST_COUNTED = 1_000
MOST_ALARMS = 3
"""The most alarms of a model that are told in the work list; its page tells all."""
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pick:
    """A filter of tasks by key: those in `only` (None: all) except those in `without`."""

    only: Collection[str] | None = None
    without: Collection[str] = ()

    def of(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """Filter rows by key."""
        found = found if self.only is None else found.filter(pk__in=list(self.only))
        return found.exclude(pk__in=list(self.without)) if self.without else found

    def has(self, key: str) -> bool:
        """Whether a key passes the filter."""
        return key not in self.without and (self.only is None or key in self.only)


def count_some(rows: QuerySet[Any]) -> int:
    """Return the number of rows, at most one more than MOST_COUNTED: nobody reads a longer work list to its end."""
    return rows[: MOST_COUNTED + 1].count()


def some_words(count: int) -> str:
    """Return a count of `count_some`, or a sum of such counts, as text: "1,000+" above MOST_COUNTED."""
    told = number_format(min(count, MOST_COUNTED), force_grouping=True)
    return f"{told}+" if count > MOST_COUNTED else told


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task: its subject, when it began to wait, its due time and urgency.

    With `waits`, another operator must act, not the reader; with `told`, a route notifies the reader of it.
    """

    kind: str
    key: str
    name: str
    about: str
    link: str
    since: datetime
    due: datetime | None = None
    amount: str = ""
    step: str = ""
    urgency: int = 0
    waits: bool = False
    told: bool = False

    @property
    def order(self) -> tuple[int, bool, datetime, datetime]:
        """The sort key: the most urgent first, then those that a route notifies the operator of, then by due time, then the oldest."""
        return -self.urgency, not self.told, self.due or FAR, self.since


class Source(ABC):
    """One kind of task."""

    kind: ClassVar[str]
    title: ClassVar[Any]

    @abstractmethod
    def may(self, user: User) -> bool:
        """Return whether an operator's role includes such tasks."""

    @abstractmethod
    def list(self, user: User, pick: Pick, *, at: datetime, limit: int) -> list[Task]:
        """Return the waiting tasks, most urgent first; a constant number of queries."""

    @abstractmethod
    def count(self, user: User, *, at: datetime) -> int:
        """Return how many wait, at most one more than MOST_COUNTED."""


class HeldOrders(Source):
    """Orders that wait for two people."""

    kind, title = "held", gettext_lazy("Held orders")

    def may(self, user: User) -> bool:
        """Return whether the operator may see held orders."""
        return may_see_reviews(user)

    def list(self, user: User, pick: Pick, *, at: datetime, limit: int) -> list[Task]:
        """Return the undecided orders, those that expire soonest first; those that a route notifies the operator of are marked."""
        told = matters_routed_to(str(user.pk), at.date())
        rows = pick.of(self._rows()).select_related("order__merchant", "prepared_by").order_by("-urgency", "order__expires_at", "id")
        urgent = list(rows.filter(urgency__gt=0)[:limit])
        mine = list(rows.filter(urgency=0, held_by__overlap=sorted(told))[: limit - len(urgent)]) if told else []
        calm = rows.filter(urgency=0).exclude(pk__in=[row.pk for row in mine])
        if pick.only is None:
            # Orders are read in the order of an index; urgent and excluded ones may be among them.
            ending = Order.objects.filter(status=OrderStatus.PENDING_REVIEW).order_by("expires_at")
            calm = calm.filter(order__in=ending.values("id")[: limit + len(urgent) + len(mine) + len(pick.without)])
        return [self._task(row, user, told) for row in [*urgent, *mine, *calm[: limit - len(urgent) - len(mine)]]]

    def count(self, user: User, *, at: datetime) -> int:
        """Return how many are undecided."""
        return count_some(self._rows())

    def _rows(self) -> QuerySet[OrderReview]:
        return OrderReview.objects.filter(status__in=REVIEW_OPEN)

    def _task(self, row: OrderReview, user: User, told: set[str]) -> Task:
        order, by = row.order, row.prepared_by
        mine = by is not None and by.pk == user.pk
        step = _("Prepare") if by is None else _("Waits for another person") if mine else _("Decide after %(person)s") % {"person": by}
        return Task(
            kind=self.kind,
            key=str(row.pk),
            name=order.merchant_reference,
            about=f"{order.merchant.name}: {row.get_reason_display()}",
            link=reverse("admin:checkout_orderreview_change", args=[row.pk]),
            since=row.created_at,
            due=order.expires_at,
            amount=amount_words(order.amount_minor, order.currency),
            step=step,
            urgency=row.urgency,
            waits=mine,
            told=not told.isdisjoint(matters_of(row)),
        )


class Requests(Source):
    """Consumers' requests to a person."""

    kind, title = "request", gettext_lazy("Consumers ask a person")

    def may(self, user: User) -> bool:
        """Return whether the operator may see requests."""
        return user.has_perm("accounts.view_consumerrequest")

    def list(self, user: User, pick: Pick, *, at: datetime, limit: int) -> list[Task]:
        """Return the open ones by due date."""
        rows = list(pick.of(self._rows()).order_by("due_date", "id")[:limit])
        amounts = amounts_of(rows)
        return [
            Task(
                kind=self.kind,
                key=str(row.pk),
                name=row.get_kind_display(),
                about=public_id_of(row.consumer_id),
                link=reverse("admin:accounts_consumerrequest_change", args=[row.pk]),
                since=row.asked_at,
                due=datetime.combine(row.due_date, time.max, UTC),
                amount=amounts.get(row.reference, ""),
                step=step_of(row),
                urgency=2 if row.due_date < at.date() else 0,
            )
            for row in rows
        ]

    def count(self, user: User, *, at: datetime) -> int:
        """Return how many are open."""
        return count_some(self._rows())

    def _rows(self) -> QuerySet[ConsumerRequest]:
        return ConsumerRequest.objects.filter(status=RequestStatus.OPEN)


class Matters(Source):
    """Money that needs a person: failed refunds, bounced payouts, disputes, answers that do not fit.

    Movements without an answer are one task per gateway and day, since a gateway that is down may leave thousands of them.
    """

    kind, title = "money", gettext_lazy("Money that needs a person")

    def may(self, user: User) -> bool:
        """Return whether the operator may see breaks."""
        return user.has_perm("payments.view_break")

    def list(self, user: User, pick: Pick, *, at: datetime, limit: int) -> list[Task]:
        """Return the open ones, oldest first; not grouped if keys are given."""
        gathered = pick.only is None
        found = list_matters(list(pick.of(gathered_breaks() if gathered else open_breaks()).order_by("id")[:limit]))
        beside = count_beside() if gathered and any(one.row.kind == UNANSWERED for one in found) else {}
        return [self._task(one, beside.get(group_of(one.row), 1)) for one in found]

    def count(self, user: User, *, at: datetime) -> int:
        """Return how many tasks there are."""
        return count_some(gathered_breaks())

    def _task(self, one: Matter, together: int) -> Task:
        """Return the task of a break; if it represents a group, with the group's size and a link to its list."""
        row = one.row
        alone = row.kind != UNANSWERED or together == 1
        return Task(
            kind=self.kind,
            key=str(row.pk),
            name=row.get_kind_display(),
            about=one.about.name if alone else _("%(gateway)s: %(count)d movements") % {"gateway": row.gateway, "count": together},
            link=reverse("admin:payments_break_change", args=[row.pk]) if alone else list_of_group(row),
            since=row.opened_at,
            amount=one.amount if alone else "",
        )


class Proposals(Source):
    """Changes that wait for a second person."""

    kind, title = "proposal", gettext_lazy("Proposals")

    def may(self, user: User) -> bool:
        """Return whether the operator may propose or decide any kind of them."""
        return any(user.may(kind.may_propose) or user.may(kind.may_approve) for kind in list_kinds())

    def list(self, user: User, pick: Pick, *, at: datetime, limit: int) -> list[Task]:
        """Return those that wait for a decision, those that end soonest first."""
        return [self._task(row, user) for row in pick.of(waiting_proposals(user, at.date())).order_by("expires_at", "id")[:limit]]

    def count(self, user: User, *, at: datetime) -> int:
        """Return how many wait."""
        return count_some(waiting_proposals(user, at.date()))

    def _task(self, row: Proposal, user: User) -> Task:
        mine = row.proposed_by == str(user.pk) and not row.trouble
        step = _("Could not be applied") if row.trouble else _("Waits for another person") if mine else _("Decide")
        return Task(
            kind=self.kind,
            key=str(row.pk),
            name=str(get_kind(row.kind).title),
            about=row.reason,
            link=reverse("admin:controls_proposal_change", args=[row.pk]),
            since=row.proposed_at,
            due=None if row.trouble else row.expires_at,
            step=step,
            urgency=2 if row.trouble else 0,
            waits=mine,
        )


class Undelivered(Source):
    """Events whose handler failed."""

    kind, title = "event", gettext_lazy("Undelivered events")

    def may(self, user: User) -> bool:
        """Return whether the operator may see them."""
        return user.has_perm("core.view_delivery")

    def list(self, user: User, pick: Pick, *, at: datetime, limit: int) -> list[Task]:
        """Return those that failed several times, the oldest first."""
        return [
            Task(
                kind=self.kind,
                key=str(row.pk),
                name=title_of(row.event.name),
                about=trouble_text(row.error),
                link=reverse("admin:core_delivery_change", args=[row.pk]),
                since=row.event.at,
            )
            for row in pick.of(self._rows()).select_related("event").order_by("id")[:limit]
        ]

    def count(self, user: User, *, at: datetime) -> int:
        """Return how many failed several times."""
        return count_some(self._rows())

    def _rows(self) -> QuerySet[Delivery]:
        return undelivered()


class Losses(Source):
    """Plans that are late for long enough to be charged off."""

    kind, title = "loss", gettext_lazy("Late for very long")

    def may(self, user: User) -> bool:
        """Return whether the operator may see such plans."""
        return may_see_losses(user)

    def list(self, user: User, pick: Pick, *, at: datetime, limit: int) -> list[Task]:
        """Return them, the oldest first."""
        return [
            Task(
                kind=self.kind,
                key=one.key,
                name=one.name,
                about="",
                link=one.link,
                since=datetime.combine(one.since, time.min, UTC),
                amount=one.amount,
                step=_("Waits for another person") if one.proposed else _("Look at it"),
                waits=one.proposed,
            )
            for one in list_waiting(at=at, limit=MOST_LOSSES)
            if pick.has(one.key)
        ][:limit]

    def count(self, user: User, *, at: datetime) -> int:
        """Return how many there are, at most as many as are ever listed."""
        return len(list_waiting(at=at, limit=MOST_LOSSES))


class Laws(Source):
    """Products on offer that a future law forbids. They end automatically on its first day, unless another version replaces them."""

    kind, title = "law", gettext_lazy("Offers that a law will end")

    def may(self, user: User) -> bool:
        """Return whether the operator may propose or decide what is on offer."""
        return user.may("controls.propose_offer") or user.may("controls.approve_offer")

    def list(self, user: User, pick: Pick, *, at: datetime, limit: int) -> list[Task]:
        """Return them, those that end soonest first."""
        found = sorted(forbidden_soon(at), key=lambda one: one.day)
        return [self._task(one) for one in found if pick.has(str(one.product.pk))][:limit]

    def count(self, user: User, *, at: datetime) -> int:
        """Return how many there are."""
        return len(forbidden_soon(at))

    def _task(self, one: Forbidden) -> Task:
        zone, product = one.product.market.time_zone, one.product
        faults = "; ".join(f"{TERMS[name]}: {translated(fault)}" for name, fault in one.faults.items())
        return Task(
            kind=self.kind,
            key=str(product.pk),
            name=f"{product_name(product)}, {product.market.country}",
            about=_("Ends by itself on %(day)s. %(faults)s") % {"day": day_words(one.day), "faults": faults},
            link=reverse("admin:plans_product_change", args=[product.pk]),
            since=day_begins(one.day - timedelta(days=AHEAD_DAYS), zone),
            due=day_begins(one.day, zone),
            step=_("Propose a version in its place"),
        )


class Models(Source):
    """Models of risk with an alarm that nobody has seen, and those that were learned anew and are better than the champion."""

    kind, title = "model", gettext_lazy("Models of risk")

    def may(self, user: User) -> bool:
        """Return whether the operator may see models."""
        return may_see_rules(user)

    def list(self, user: User, pick: Pick, *, at: datetime, limit: int) -> list[Task]:
        """Return one task for each day with an open alarm, then one for each suggested version, the oldest first."""
        alarms = [
            Task(
                kind=self.kind,
                key=str(row.pk),
                name=str(row.version),
                about=" ".join(alarm_words(alarm) for alarm in row.alarms[:MOST_ALARMS]),
                link=reverse("admin:learning_modelversion_change", args=[row.version_id]),
                since=row.at,
                step=_("Look at it"),
            )
            for row in pick.of(open_alarms())[:limit]
        ]
        return [*alarms, *(self._suggested(row) for row in pick.of(open_suggestions())[: limit - len(alarms)])]

    def count(self, user: User, *, at: datetime) -> int:
        """Return how many there are."""
        return count_some(open_alarms()) + count_some(open_suggestions())

    def _suggested(self, row: Suggestion) -> Task:
        return Task(
            kind=self.kind,
            key=str(row.pk),
            name=str(row.version),
            about=outcome_words(row),
            link=reverse("admin:learning_modelversion_change", args=[row.version_id]),
            since=row.at,
            step=_("Look at it"),
        )


class Skipped(Source):
    """Credit bureaus and providers of open banking that are skipped: they failed several times in a row, and were not tried well since."""

    kind, title = "skipped", gettext_lazy("Sources that are skipped")

    def may(self, user: User) -> bool:
        """Return whether the operator may see providers."""
        return user.may("core.view_provideraccount")

    def list(self, user: User, pick: Pick, *, at: datetime, limit: int) -> list[Task]:
        """Return one task for each, the oldest first; no query."""
        found = sorted(list_skipped().items(), key=lambda one: one[1].since)
        return [
            Task(
                kind=self.kind,
                key=code,
                name=code,
                about=_("It failed several times in a row: %(why)s.") % {"why": outcome_text(one.why)},
                link=reverse("admin:core_provideraccount_changelist"),
                since=one.since,
                step=_("Look at it"),
            )
            for code, one in found
            if pick.has(code)
        ][:limit]

    def count(self, user: User, *, at: datetime) -> int:
        """Return how many there are."""
        return len(list_skipped())


class HeldAgencies(Source):
    """Agencies that get no debts, since their conduct went beyond what their market allows."""

    kind, title = "agencies", gettext_lazy("Agencies that broke the code")

    def may(self, user: User) -> bool:
        """Return whether the operator may see agencies."""
        return user.may("collection.manage_agency")

    def list(self, user: User, pick: Pick, *, at: datetime, limit: int) -> list[Task]:
        """Return one task for each, the oldest first."""
        found = pick.of(AgencyHold.objects.filter(ended_at=None)).select_related("agency").order_by("id")[:limit]
        return [
            Task(
                kind=self.kind,
                key=str(one.pk),
                name=one.agency.name,
                about=_("It gets no debts until two people let it go on."),
                link=reverse("admin:collection_agency_conduct", args=[one.agency_id]),
                since=one.since,
                step=_("Look at it"),
            )
            for one in found
        ]

    def count(self, user: User, *, at: datetime) -> int:
        """Return how many there are."""
        return count_some(AgencyHold.objects.filter(ended_at=None))


SOURCES: tuple[Source, ...] = (
    *(HeldOrders(), Requests(), Matters(), Proposals(), Undelivered(), Losses(), Laws(), Models(), Skipped(), HeldAgencies()),
)


def sources_of(user: User) -> tuple[Source, ...]:
    """Return the kinds of tasks that an operator's role includes."""
    return tuple(source for source in SOURCES if source.may(user))


def find_source(user: User, kind: str) -> Source | None:
    """Return a kind of task by its name, if the operator's role includes it."""
    return next((source for source in sources_of(user) if source.kind == kind), None)
