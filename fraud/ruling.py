"""The kind of rules about fraud: its signals and outcomes."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from controls.rule_kinds import RuleKind, Sweep
from controls.rules.sets import Outcome
from fraud.facts import FACTS
from fraud.shipped import SHIPPED
from fraud.states import GRAVITY, Verdict

FRAUD = "fraud"
TITLES = {
    Verdict.ALLOW: _("Allow"),
    Verdict.STEP_UP: _("Ask for another code"),
    Verdict.CONFIRM: _("Let the bank confirm the card"),
    Verdict.HOLD: _("Hold for two people"),
    Verdict.BLOCK: _("Refuse"),
}


class FraudRules(RuleKind):
    """The rules about an attempt to buy: the gravest outcome counts; if no rule holds, it is allowed."""

    name, title = FRAUD, _("Fraud")
    about = _(
        "Each attempt to buy is asked before the card is. "
        "It goes on, asks for another code or for confirmation by the bank, waits for two people, or is refused."
    )
    facts = FACTS
    outcomes: ClassVar = {verdict.value: Outcome(TITLES[verdict], grave=GRAVITY[verdict]) for verdict in Verdict}
    reasons: ClassVar = {
        "identical": _("Identical baskets"),
        "shared": _("Many people share something"),
        "cards": _("Misused cards"),
        "take_over": _("Signs of a stolen account"),
        "resold": _("Easily resold goods"),
        "synthetic": _("Signs of an invented person"),
        "known": _("Known fraud nearby"),
        "mailbox": _("A disposable mailbox"),
        "model": _("A high risk by the model"),
        "listed": _("On the block list"),
        "other": _("Another reason"),
    }
    shipped: ClassVar[Mapping[str, Any]] = SHIPPED
    idle = Verdict.ALLOW.value
    sweep = Sweep(
        every=_("This version would have let no attempt to buy of these months simply go on."),
        many=_("This version would have stopped, held or delayed %(share)s of all attempts to buy."),
        none=_("This version would have let every attempt to buy of these months go on."),
    )
