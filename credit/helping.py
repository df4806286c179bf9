"""What would have changed a refusal, could still be lent, or raises a limit, tried on the scorecard that decided; pure.

Nothing is promised that the scorecard does not confirm: the same inputs, with these facts alone changed, are assessed again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from credit.rules import OWN_LIMIT, Inputs, Verdict, with_bank
from credit.rules.affording import TOO_HIGH, is_missing, with_amount

LOW_UTILIZATION_PCT = 29
"""The largest share of credit in use, in percent, that counts as little."""
_CHANGES: dict[str, Callable[[Inputs], Inputs]] = {
    "overdue_paid": lambda inputs: replace(inputs, history=replace(inputs.history, overdue_now=0), behavior=None),
    "eased_paid": lambda inputs: replace(inputs, history=replace(inputs.history, eased_now=0)),
    "no_remarks": lambda inputs: replace(inputs, registers=tuple(replace(one, remarks=0) for one in inputs.registers)),
    "no_late_payments": lambda inputs: _bureau(inputs, delinquencies_24m=0),
    "little_in_use": lambda inputs: _bureau(inputs, utilization_pct=LOW_UTILIZATION_PCT),
    "no_other_credit": lambda inputs: _declared(inputs, credit_minor=0),
    "no_inquiries": lambda inputs: _bureau(inputs, inquiries_6m=0),
}
"""The facts that a person can influence, by code (`credit.reasons.HELPS`), the quickest to change first."""
_PLENTY = {"income_minor": 10**12, "fixed_minor": 0, "lenders_minor": 0}
"""Bank accounts that carry every purchase."""
MORE_LEFT = "more_left"
_GOOD_RECORD = 4
"""How many installments paid on time make the best record with us."""


@dataclass(frozen=True, slots=True)
class Helps:
    """What would have been enough: a smaller amount (`amount_minor`, 0 for none), facts by their codes, or both at once.

    Each of `codes` alone is enough, or, if `together`, all of them are; with an amount, they are for a purchase of that much.
    """

    amount_minor: int = 0
    codes: tuple[str, ...] = ()
    together: bool = False

    def __bool__(self) -> bool:
        return bool(self.amount_minor or self.codes)


def what_helps(inputs: Inputs, assess: Callable[[Inputs], Verdict]) -> Helps:
    """Return what would have kept `assess` from refusing; nothing if it does not refuse, or if a person cannot change what counted."""
    refused = assess(inputs)
    if refused.outcome != "decline":
        return Helps()
    room = refused.limit_minor - inputs.used_minor
    if inputs.own_minor is not None:
        room = min(room, inputs.own_minor - inputs.used_minor)
    if TOO_HIGH in refused.reasons:
        room = min(room, _payable(inputs))
    if 0 < room < inputs.amount_minor and _passes(_of_amount(inputs, room), assess):
        return Helps(amount_minor=room)
    if smaller := _smaller(inputs, assess):
        return Helps(amount_minor=smaller)
    changes = {code: change for code, change in _CHANGES.items() if change(inputs) != inputs}
    alone = tuple(code for code, change in changes.items() if _passes(change(inputs), assess))
    if alone:
        return Helps(codes=alone)
    return _together(inputs, assess, list(changes)) or _smaller_with(inputs, assess, list(changes))


def would_income_help(inputs: Inputs, assess: Callable[[Inputs], Verdict]) -> bool:
    """Return whether `assess` refuses, and would not if the person's bank showed an income that is high enough.

    False where bank accounts were counted already, and without a report, since bank accounts alone decide nothing.
    """
    if inputs.banked is not None or inputs.bureau is None or _passes(inputs, assess):
        return False
    return _passes(with_bank(inputs, _PLENTY, 0), assess)


def most_lent(inputs: Inputs, assess: Callable[[Inputs], Verdict]) -> int:
    """Return how much of a refused purchase could be lent: the amount of a counter-offer, in minor units; 0 for none.

    Only where nothing but the limit refuses, and `inputs.counter_from_minor` says the smallest deposit. The deposit, which is the rest of
    the amount, is rounded up to whole units of the currency, and at most the share `inputs.counter_most_pct`; no more is lent than the
    order limit, so that nobody has to look at it for that.
    """
    if inputs.counter_from_minor is None:
        return 0
    most_pct = inputs.counter_most_pct
    refused = assess(inputs)
    left = refused.limit_minor - inputs.used_minor
    if refused.outcome != "decline" or inputs.amount_minor <= left or {OWN_LIMIT, TOO_HIGH} & set(refused.reasons):
        return 0
    if inputs.own_minor is not None:
        left = min(left, inputs.own_minor - inputs.used_minor)
    if most_pct is not None:
        left = min(left, refused.order_limit_minor)
    unit: int = 10**inputs.exponent
    deposit = max(inputs.amount_minor - left, inputs.counter_from_minor)
    lent = inputs.amount_minor + -deposit // unit * unit
    if most_pct is not None and (inputs.amount_minor - lent) * 100 > inputs.amount_minor * most_pct:
        return 0
    if lent <= 0 or is_missing(inputs.afford, inputs.used_minor + lent):
        return 0
    found = assess(_of_amount(inputs, lent))
    return 0 if found.outcome == "decline" or (most_pct is not None and lent > found.order_limit_minor) else lent


def _same(inputs: Inputs) -> Inputs:
    return inputs


def what_raises(inputs: Inputs, assess: Callable[[Inputs], Verdict], *, ruled: Callable[[Inputs], Inputs] = _same) -> list[tuple[str, int]]:
    """Return the facts of which each alone would raise the person's limit, with that limit in minor units, the highest first.

    `ruled` asks the rules about limits again for changed facts (`credit.ruling.asked_today`). Nothing where operators set the limit, since
    no fact changes it then.
    """
    if inputs.by_hand_minor is not None:
        return []
    now = assess(ruled(inputs)).limit_minor
    changes = _RAISES | {MORE_LEFT: _more_left}
    found = [(code, assess(ruled(change(inputs))).limit_minor) for code, change in changes.items() if change(inputs) != inputs]
    return sorted(((code, limit) for code, limit in found if limit > now), key=lambda pair: -pair[1])


def what_raises_together(
    inputs: Inputs, assess: Callable[[Inputs], Verdict], *, ruled: Callable[[Inputs], Inputs] = _same
) -> tuple[tuple[str, ...], int]:
    """Return the facts that raise the person's limit only together, without those that are not needed, with that limit in minor units.

    Empty and 0 if all of them together do not raise it. `ruled` is as in `what_raises`.
    """

    def limit_with(codes: Sequence[str]) -> int:
        return assess(ruled(_changed(inputs, codes))).limit_minor

    codes = [code for code, change in _RAISES.items() if change(inputs) != inputs]
    most = limit_with(codes)
    if inputs.by_hand_minor is not None or most <= limit_with(()):
        return (), 0
    return _needed(codes, lambda fewer: limit_with(fewer) >= most), most


def _together(inputs: Inputs, assess: Callable[[Inputs], Verdict], codes: Sequence[str]) -> Helps:
    """Return the facts that are enough together, without those that are not needed."""

    def passes(some: Sequence[str]) -> bool:
        return _passes(_changed(inputs, some), assess)

    return Helps(codes=_needed(codes, passes), together=True) if passes(codes) else Helps()


def _changed(inputs: Inputs, codes: Sequence[str]) -> Inputs:
    for code in codes:
        inputs = _RAISES[code](inputs)
    return inputs


def _needed(codes: Sequence[str], are_enough: Callable[[Sequence[str]], bool]) -> tuple[str, ...]:
    """Return those of some facts, which together are enough, without which they are not."""
    needed = list(codes)
    for code in codes:
        fewer = [one for one in needed if one != code]
        if are_enough(fewer):
            needed = fewer
    return tuple(needed)


def _smaller_with(inputs: Inputs, assess: Callable[[Inputs], Verdict], codes: Sequence[str]) -> Helps:
    """Return a smaller amount with the fewest facts that let it pass: one where that is enough, in the order of `codes`; else all."""
    for some in ([[code] for code in codes], [codes]):
        for facts in some:
            changed = _changed(inputs, facts)
            room = min(assess(changed).limit_minor - changed.used_minor, _payable(changed))
            unit: int = 10**inputs.exponent
            room = room // unit * unit
            if 0 < room < inputs.amount_minor and _passes(_of_amount(changed, room), assess):
                return replace(_together(_of_amount(inputs, room), assess, facts), amount_minor=room, together=True)
    return Helps()


def _passes(inputs: Inputs, assess: Callable[[Inputs], Verdict]) -> bool:
    return assess(inputs).outcome != "decline"


def _smaller(inputs: Inputs, assess: Callable[[Inputs], Verdict]) -> int:
    """Return a smaller amount, in whole units, that a model would have approved which looks at the amount; 0 for none.

    The largest one, as long as the risk rises with the amount. Nothing below an eighth of what was asked for.
    """
    if inputs.risk is None or not inputs.risk.decides:
        return 0
    unit: int = 10**inputs.exponent
    passes, fails = inputs.amount_minor // 8 // unit, inputs.amount_minor // unit
    if not passes or not _passes(_of_amount(inputs, passes * unit), assess):
        return 0
    while fails - passes > max(1, fails // 50):
        middle = (passes + fails) // 2
        passes, fails = (middle, fails) if _passes(_of_amount(inputs, middle * unit), assess) else (passes, middle)
    return passes * unit


def _payable(inputs: Inputs) -> int:
    """Return the largest amount whose payments the person could afford, in whole units of the currency."""
    afford, free = inputs.afford, inputs.free_minor
    if afford is None or free is None or not afford.payment_minor:
        return inputs.amount_minor
    unit: int = 10**inputs.exponent
    return inputs.amount_minor * max(0, free) // afford.payment_minor // unit * unit


def _of_amount(inputs: Inputs, minor: int) -> Inputs:
    return replace(inputs, amount_minor=minor, afford=with_amount(inputs.afford, inputs.amount_minor, minor))


def _declared(inputs: Inputs, **better: int) -> Inputs:
    """Return inputs with better declared figures; unchanged without any."""
    afford = inputs.afford
    if afford is None or afford.declared is None:
        return inputs
    return replace(inputs, afford=replace(afford, declared=replace(afford.declared, **better)))


def _record(inputs: Inputs) -> Inputs:
    """Return inputs with a good record of payments; unchanged where it is good, or where late payments count against it."""
    history = inputs.history
    if history.paid_late or history.paid_on_time >= _GOOD_RECORD:
        return inputs
    return replace(inputs, history=replace(history, paid_on_time=_GOOD_RECORD, on_time_run=max(history.on_time_run, _GOOD_RECORD)))


def _next_payments(inputs: Inputs) -> Inputs:
    """Return inputs of somebody who paid late, after four more installments on time; unchanged where nothing was late."""
    history = inputs.history
    if not history.paid_late or history.overdue_now:
        return inputs
    more = {name: getattr(history, name) + _GOOD_RECORD for name in ("paid_on_time", "on_time_run")}
    return replace(inputs, history=replace(history, **more))


_RAISES = _CHANGES | {"paid_with_us": _record, "next_on_time": _next_payments}
"""The facts that raise a limit: also a record of payments with us, which comes too late for a refusal."""


def _more_left(inputs: Inputs) -> Inputs:
    """Return inputs with a fifth more of a month's income left; unchanged without a report, or if nothing is left."""
    bureau = inputs.bureau
    if bureau is None or bureau.disposable_income_minor <= 0:
        return inputs
    return replace(inputs, bureau=replace(bureau, disposable_income_minor=bureau.disposable_income_minor * 6 // 5))


def _bureau(inputs: Inputs, **better: Any) -> Inputs:
    """Return inputs with a better credit file; unchanged if there is none, or if it is at least as good already."""
    if inputs.bureau is None or all(getattr(inputs.bureau, name) <= value for name, value in better.items()):
        return inputs
    return replace(inputs, bureau=replace(inputs.bureau, **better))
