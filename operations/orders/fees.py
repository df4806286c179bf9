"""The fees on a plan's page: what was wanted, which cap cut it, what became of it; and the form for waiving those of a payment."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.models import Proposal
from controls.queries import find_open_proposal
from controls.telling import tell_kept
from markets.catalog import SETTINGS
from markets.queries import FEE_CAPS
from operations.wording import names_of, status_of
from plans.fees import fees_on, may_waive_alone
from plans.guards import WAIVER
from plans.models import Fee, Installment, Plan
from plans.rewards import credit_of, rewards_on
from plans.rules.fees import PENALTIES
from plans.states import FeeStatus


class WaiveForm(forms.Form):
    """Why the fees of a payment are waived."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(max_length=500, label=gettext_lazy("Why they are waived"), widget=forms.Textarea(attrs={"rows": 2}))


def fee_facts(plan: Plan, rows: Sequence[Installment], user: str) -> dict[str, Any]:
    """Return the fees of each payment of a plan, in the order of the page, and who may waive them how.

    A constant number of queries, and one for each fee that a rule was about.
    """
    found, places = fees_on(rows), {row.id: place for place, row in enumerate(rows, 1)}
    names = names_of({fee.ended_by for fees in found.values() for fee in fees if fee.ended_by})
    proposal: Proposal | None = find_open_proposal(WAIVER, str(plan.pk)) if found else None
    return {
        "fees": [
            {
                "place": place,
                "number": row.number,
                "fees": [_shown(fee, names) for fee in found[row.id]],
                # What a credit paid of them may be waived too, and goes back to the credit.
                "asked_minor": (asked := sum(fee.amount_minor + fee.credit_minor for fee in charged_of(found[row.id]))),
                "alone": bool(asked) and may_waive_alone(plan, sum(fee.amount_minor for fee in charged_of(found[row.id])), user),
            }
            for place, row in enumerate(rows, 1)
            if row.id in found
        ],
        "waiving": proposal,
        "credits": [(places[key], credit) for key, found in rewards_on(rows).items() for one in found if (credit := credit_of(one))],
    }


def charged_of(fees: Sequence[Fee]) -> list[Fee]:
    """Return those of some fees that are charged."""
    return [fee for fee in fees if fee.status == FeeStatus.CHARGED]


def _shown(fee: Fee, names: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": fee.get_kind_display(),
        "on": fee.on,
        "minor": fee.amount_minor + fee.credit_minor,
        "credit_minor": fee.credit_minor,
        "id": fee.public_id,
        "wanted_minor": fee.wanted_minor if fee.wanted_minor != fee.amount_minor + fee.credit_minor else None,
        "ruled_minor": fee.ruled.get("minor"),
        "rules": [tell_kept(one) for one in fee.ruled.get("rules", ())],
        "cap": cap_words(fee.cap),
        "left_minor": fee.open_minor,
        "of_law": fee.kind in PENALTIES and not fee.wanted_minor,
        "status": status_of(fee.status),
        "ended": {"by": names[fee.ended_by], "at": fee.ended_at, "reason": fee.end_reason} if fee.ended_at else None,
    }


def cap_words(cap: str) -> str:
    """Return a cap in words, by its name in the market's setting; empty for none."""
    if not cap:
        return ""
    part = SETTINGS[FEE_CAPS].parts.get(cap)
    return str(part.title) if part else _("The market has no caps, so no fee is charged")
