"""All that a decision of credit depends on, as it is stored with the decision so that a replay gives the same answer; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from credit.rules.affording import Affordability
from credit.rules.behavior import Behavior
from credit.rules.grades import Grade, Risk
from credit.rules.plain import plain
from credit.rules.registers import Registered
from credit.rules.safety import Assessed
from credit.rules.screened import Screened

WHOLE_BPS = 10_000
GOES_ON = ("approve", "refer")
"""The outcomes with which a person may choose a plan."""


@dataclass(frozen=True, slots=True)
class History:
    """A person's payment history with us, counted in installments.

    `clean_plans` are whole plans that were repaid without a late payment; `on_time_run` are installments paid on time since the last late
    one, 0 while one is overdue. `eased_now` are plans with relief for hardship, or of a person in a breathing space, on which something is
    open. `halted_now` are accounts whose person is noted as deceased or insolvent. Decisions from before these were counted have 0.
    """

    paid_on_time: int = 0
    paid_late: int = 0
    overdue_now: int = 0
    clean_plans: int = 0
    on_time_run: int = 0
    eased_now: int = 0
    halted_now: int = 0

    def __add__(self, other: Self) -> Self:
        """Return the history with both brands."""
        return type(self)(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class Bureau:
    """The scored parts of a bureau's report; `disposable_income_minor` is for one month."""

    score: int
    thin: bool
    delinquencies_24m: int
    open_accounts: int
    utilization_pct: int
    inquiries_6m: int
    oldest_account_months: int
    fraud_alert: bool
    manual_review: bool
    disposable_income_minor: int


def bureau_in(kept: Mapping[str, Any]) -> Bureau:
    """Return the scored parts of a stored report, which may have more fields; KeyError for a missing one."""
    return Bureau(**{name: kept[name] for name in Bureau.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Ruled:
    """The effect of operators' rules on a computed limit: multiplied by `factor_bps`, and at most `cap_minor`; None for no effect.

    `reason` is given if a purchase is refused because of it. `rules` are the rules that apply, the factor's first, in the form of
    `controls.rule_kinds.kept_rule`.
    """

    factor_bps: int | None = None
    cap_minor: int | None = None
    reason: str = ""
    rules: Sequence[Mapping[str, Any]] = ()

    def applied(self, limit_minor: int) -> int:
        """Return a computed limit after the rules, before it is rounded."""
        found = limit_minor if self.factor_bps is None else limit_minor * self.factor_bps // 10_000
        return found if self.cap_minor is None else min(found, self.cap_minor)


@dataclass(frozen=True)
class Inputs:
    """All inputs of a decision; nothing in them identifies the person.

    `is_blocked`: operators refuse the person's new purchases. `by_hand_minor` is the limit that two operators set, which replaces the
    computed one; `order_by_hand_minor` the same for the order limit. `ruled` is the effect of rules on the computed limit.
    `granted_minor` is what the person may owe in all, if people approved a purchase that was refused (`credit.services.approvals`);
    `proven_minor` is what they saw proven to be left of a month's income, in place of the bureau's figure.
    `own_minor` is the limit that the person set themselves. `economy_bps` is the share of each computed limit that the market gives.
    `asked` tells which sources were asked, the age and cost of each answer, and what came of it (`credit.gateways.base.Asked`); it does
    not count.

    `gap` is the reason code for the missing report of a verified person. Until there is one, people decide up to `unreported_minor`, or
    up to `line_minor`, the person's limit so far. `old_pct` is the share of the order limit, in percent, that a report gives that is older
    than it may be; None for a recent report.

    `afford` is what counts for affordability, where the market's law asks for it.

    `banked` are the figures of the person's own bank accounts if what is left of their income by them stands in the report in place of the
    bureau's figure (`with_bank`), with that figure as `bureau_minor` and their age as `age_days`.

    `risk` is what models said, where one has a role, and `grade` what the rules about grades made of it, or of the points; None for
    decisions from before, and where nothing but the points and the built-in table counted.

    `registers` are the market's registers of payment remarks, with what each told of the person and what that does.

    `screened` is the last screening against lists; None where the market's law asks for none, and for decisions from before.

    `safety` is what the assessment of the purchase for fraud said; None where a limit is decided without a purchase, and for decisions from
    before.

    `behavior` is what rules let the account of a late person do; None where nothing is overdue, no rule was asked, and for decisions from
    before: then nothing is lent while something is overdue.

    `counter_from_minor` is the smallest deposit of a counter-offer; None if none may be made. `counter_most_pct` is the largest share of
    the amount that this deposit may be, in percent; with it, no counter-offer lends more than the order limit. None in older decisions,
    whose counter-offers had neither bound. Neither counts for the decision itself.
    """

    amount_minor: int
    exponent: int
    identity: str
    used_minor: int
    history: History
    bureau: Bureau | None = None
    review: str = ""
    is_blocked: bool = False
    by_hand_minor: int | None = None
    order_by_hand_minor: int | None = None
    ruled: Ruled | None = None
    own_minor: int | None = None
    granted_minor: int | None = None
    proven_minor: int | None = None
    economy_bps: int = WHOLE_BPS
    asked: Sequence[Mapping[str, Any]] = ()
    gap: str = ""
    unreported_minor: int = 0
    line_minor: int = 0
    old_pct: int | None = None
    afford: Affordability | None = None
    banked: Mapping[str, int] | None = None
    risk: Risk | None = None
    grade: Grade | None = None
    counter_from_minor: int | None = None
    counter_most_pct: int | None = None
    registers: Sequence[Registered] = ()
    screened: Screened | None = None
    safety: Assessed | None = None
    behavior: Behavior | None = None

    def but(self, **changes: Any) -> Self:
        """Return the inputs with other values, as `dataclasses.replace` does in ten times the time."""
        assert changes.keys() <= self.__dict__.keys()
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__, **changes)
        return made

    @property
    def left_minor(self) -> int | None:
        """What is left of a month's income, by what people saw proven, or else by the report; None without a report."""
        if self.bureau is None:
            return None
        return self.bureau.disposable_income_minor if self.proven_minor is None else self.proven_minor

    @property
    def free_minor(self) -> int | None:
        """What the payments of a month may come to, in minor units; None where affordability is not assessed. May be negative."""
        left = self.left_minor
        return None if self.afford is None or left is None else self.afford.free_minor(left)

    def as_json(self) -> dict[str, Any]:
        """Return the inputs as JSON values."""
        return dict(plain(self))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the inputs that `as_json` wrote."""
        bureau, ruled = stored["bureau"], stored.get("ruled")
        return cls(
            amount_minor=stored["amount_minor"],
            exponent=stored["exponent"],
            identity=stored["identity"],
            used_minor=stored["used_minor"],
            history=History(**stored["history"]),
            bureau=Bureau(**bureau) if bureau else None,
            review=stored["review"],
            # Older decisions were stored without these.
            is_blocked=stored.get("is_blocked", False),
            by_hand_minor=stored.get("by_hand_minor"),
            order_by_hand_minor=stored.get("order_by_hand_minor"),
            ruled=Ruled(**ruled) if ruled else None,
            own_minor=stored.get("own_minor"),
            granted_minor=stored.get("granted_minor"),
            proven_minor=stored.get("proven_minor"),
            economy_bps=stored.get("economy_bps", WHOLE_BPS),
            asked=stored.get("asked", ()),
            gap=stored.get("gap", ""),
            unreported_minor=stored.get("unreported_minor", 0),
            line_minor=stored.get("line_minor", 0),
            old_pct=stored.get("old_pct"),
            afford=Affordability.from_json(stored.get("afford")),
            banked=stored.get("banked"),
            risk=Risk.from_json(stored.get("risk")),
            grade=Grade(**stored["grade"]) if stored.get("grade") else None,
            counter_from_minor=stored.get("counter_from_minor"),
            counter_most_pct=stored.get("counter_most_pct"),
            registers=tuple(Registered(**one) for one in stored.get("registers", ())),
            screened=Screened.from_json(stored.get("screened")),
            safety=Assessed.from_json(stored.get("safety")),
            behavior=Behavior.from_json(stored.get("behavior")),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision: `approve`, `refer`, `decline` or `step_up`, with limits, points and ranked reason codes, at most four."""

    outcome: str
    limit_minor: int
    order_limit_minor: int
    score: int
    reasons: tuple[str, ...]


def with_bank(inputs: Inputs, figures: Mapping[str, int], age_days: int) -> Inputs:
    """Return inputs in whose report income less fixed costs and other lenders' installments stands in place of the bureau's figure.

    Unchanged without a report. Gambling, balances and returned debits are stored with it: rules may count them (`credit.bank_facts`).
    """
    if inputs.bureau is None:
        return inputs
    left = max(0, figures["income_minor"] - figures["fixed_minor"] - figures["lenders_minor"])
    banked = {**figures, "age_days": age_days, "bureau_minor": inputs.bureau.disposable_income_minor}
    return replace(inputs, bureau=replace(inputs.bureau, disposable_income_minor=left), banked=banked)
