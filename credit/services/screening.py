"""A person screened against lists before a decision, beside its other sources, if the last screening is too old or lists have changed.

Whatever comes of it, the decision says only whether a check is open. Without an answer an earlier clear one counts for some days more, by
the market's setting; then the purchase waits until a worker has an answer.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from accounts import gateways
from accounts.gateways.base import ProviderUnavailable
from accounts.gateways.screening import Answer, ScreeningProvider
from accounts.models import Consumer, Screening
from accounts.screening import queries
from accounts.screening.queries import Policy, Standing
from accounts.screening.services import keep_answer, open_screening, subject_of
from accounts.states import Identity
from core.adjusting import value_of
from core.errors import Unavailable
from core.money import Money
from credit.gateways.base import Asked, SourceLate, SourceUnavailable
from credit.gateways.waiting import Call, begin
from credit.rules import Inputs, Screened
from credit.rules.screened import WAITS
from credit.services.asking import Told, ask_sources
from credit.settable import ANSWER_WITHIN_MS
from credit.skipping import Watch


def ask_everybody(*, consumer: Consumer, amount: Money, at: datetime, fresh: bool) -> Told:
    """Return what a market's sources tell about a person (`credit.services.asking`), and what stands against the person.

    The person is screened beside that, if it is due. No source is asked about a person whose purchases are refused anyway. Unavailable.
    """
    standing = queries.standing_of(consumer)
    if consumer.identity != Identity.VERIFIED or standing.is_blocked or standing.is_confirmed:
        return Told(is_blocked=standing.is_blocked or standing.is_confirmed)
    check = Check(consumer, standing, at)
    try:
        told = ask_sources(consumer=consumer, amount=amount, at=at, fresh=fresh)
    except Unavailable:
        check.leave()
        raise
    standing, screened, asked = check.end()
    blocked = standing.is_blocked or standing.is_confirmed
    return replace(told, asked=(*told.asked, *asked), is_blocked=blocked, screened=screened)


class Check:
    """The screening of a person for a decision: begun, and ended where its answer is needed."""

    def __init__(self, consumer: Consumer, standing: Standing, at: datetime) -> None:
        """Begin to screen a person if it is due; nothing is asked, and no query made, while the last screening counts."""
        self._consumer, self._standing, self._at = consumer, standing, at
        self._outcome = "kept"
        self._asked: tuple[Asked, ...] = ()
        self._call: Call[Answer] | None = None
        self._until = 0.0
        self._policy = queries.policy_of(consumer, at)
        if self._policy is not None and queries.is_due(consumer, standing, self._policy, at):
            self._begin()

    def _begin(self) -> None:
        provider = gateways.find_screening(market=self._consumer.market_id, brand=self._consumer.brand_id)
        if provider is None:
            self._outcome = "missing"
            return
        self._until = time.monotonic() + value_of(ANSWER_WITHIN_MS) / 1000
        self._provider, self._watch = provider, Watch([provider.name])
        if why := self._watch.skips(provider.name):
            self._outcome, self._asked = "skipped", (Asked(provider.name, "skipped", why=why),)
            return
        self._screening = open_screening(people=[self._consumer], provider=provider, at=self._at)
        self._began = time.monotonic()
        try:
            self._call = begin(
                _asking(provider, self._consumer, self._screening),
                seconds=provider.budget_ms / 1000,
                tries=1,
                late=self._keep,
            )
        except SourceLate as error:
            self._outcome = error.outcome

    def _keep(self, answer: Answer, took_ms: int) -> None:
        told = {"screening": self._screening, "people": [self._consumer], "provider": self._provider}
        keep_answer(answer=answer, at=self._at, took_ms=took_ms, **told)  # type: ignore[arg-type]

    def end(self) -> tuple[Standing, Screened | None, tuple[Asked, ...]]:
        """Wait for the answer as long as there is time; return what stands against the person now, what counts, and who was asked."""
        if self._policy is None:
            is_open = self._standing.is_open
            return self._standing, Screened(WAITS, is_open=True) if is_open else None, ()
        if self._call is not None:
            self._wait(self._call)
        standing, age_days = self._standing, queries.age_days(self._consumer, self._standing, self._at)
        silent = self._outcome not in {"kept", "report"} and self._is_too_old(self._policy, age_days)
        if standing.is_open or silent:
            # What came of asking, or that somebody was asked, would tell a hit from silence.
            return standing, Screened(WAITS, is_open=True), ()
        key = str(standing.screening) if standing.screening else ""
        return standing, Screened(self._outcome, key, age_days), self._asked

    def leave(self) -> None:
        """Wait no longer: an answer that comes is stored all the same."""
        if self._call is not None:
            self._until = 0
            self._wait(self._call)

    def _wait(self, call: Call[Answer]) -> None:
        name, budget = self._provider.name, self._began + self._provider.budget_ms / 1000
        until = min(self._until, budget)
        try:
            answer = call.wait(until - time.monotonic())
        except SourceUnavailable as error:
            if error.outcome != SourceLate.outcome or self._until >= budget:
                self._watch.failed(name, error.outcome, self._at)
            took_ms = round((time.monotonic() - self._began) * 1000)
            self._outcome, self._asked = error.outcome, (Asked(name, error.outcome, took_ms=took_ms),)
            return
        self._watch.answered(name)
        took_ms = call.took_ms()
        self._keep(answer, took_ms)
        self._standing = queries.standing_of(self._consumer)
        price = (self._provider.price_minor, self._provider.price_currency)
        self._asked = (Asked(name, "report", 0, took_ms, *price),)
        # An answer about details that the person has changed meanwhile counts for nothing.
        self._outcome = "report" if self._counts() else "changed"

    def _counts(self) -> bool:
        """Return whether the answer was kept for the person, or one that was asked for meanwhile."""
        last = self._standing.screened_at
        return self._standing.screening == self._screening.pk or (last is not None and last >= self._at)

    def _is_too_old(self, policy: Policy, age_days: int) -> bool:
        """Return whether an earlier clear answer no longer counts; after lists changed it counts as one that is due by its age.

        None counts for details that were changed while the company was asked.
        """
        if self._outcome == "changed":
            return True
        return self._standing.screened_at == queries.NEVER or age_days >= policy.decision_days + policy.late_days


def _asking(provider: ScreeningProvider, consumer: Consumer, screening: Screening) -> Callable[[], Answer]:
    subject, reference = subject_of(consumer), screening.public_id

    def ask() -> Answer:
        try:
            return provider.screen([subject], reference=reference)
        except ProviderUnavailable as error:
            raise SourceUnavailable(str(error)) from error

    return ask


def as_it_stands(inputs: Inputs, consumer: Consumer) -> Inputs:
    """Return a decision's inputs with what stands against the person now; one query."""
    standing = queries.standing_of(consumer)
    screened = Screened(WAITS, is_open=True) if standing.is_open else inputs.screened
    return replace(inputs, is_blocked=inputs.is_blocked or standing.is_blocked or standing.is_confirmed, screened=screened)
