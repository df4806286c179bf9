"""Laying out the payments of a plan anew, on the plan's page: what each way would make of them, and the form."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.models import Proposal
from controls.queries import find_open_proposal
from core.amounts import NumberField
from core.clock import local_date
from core.moments import desk_locale
from core.sentences import translated
from operations.orders.proposals import BY_OPERATORS
from plans.guards import REARRANGING
from plans.models import Installment, Plan
from plans.rearranging import REFUSED, Wanted, changes_nothing, layouts_of, may_rearrange_alone, open_principal, payments_of, why_not
from plans.restructuring import still_offered
from plans.rules.rearranging import REAMORTIZED, RESTRUCTURED
from plans.rules.terms import MOST_PAYMENTS
from plans.texts import REARRANGED


class RearrangeForm(forms.Form):
    """How the payments are laid out anew, and why."""

    kind = forms.ChoiceField(choices=[(one, one) for one in BY_OPERATORS], widget=forms.HiddenInput)
    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))


class OfferForm(forms.Form):
    """Other payments that a person is offered: how many to come, at which yearly rate in percent, and why."""

    count = forms.IntegerField(min_value=1, max_value=MOST_PAYMENTS, label=gettext_lazy("Payments to come"))
    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("count", "rate", "reason")

    def __init__(self, *args: Any, plan: Plan, **options: Any) -> None:
        super().__init__(*args, **options)
        self.auto_id = "offer-%s"
        most = plan.terms.rate_bps
        self.fields["rate"] = NumberField(decimals=2, locale=desk_locale(), most=most, label=_("Interest a year, in percent"), initial=most)
        self.order_fields(self.field_order)


def rearrange_facts(plan: Plan, rows: Sequence[Installment], user: str, at: datetime) -> dict[str, Any]:
    """Return each way in which a plan may be laid out anew now with its payments, or nothing where there is none."""
    waiting: Proposal | None = find_open_proposal(REARRANGING, str(plan.pk))
    found = []
    for kind in BY_OPERATORS if waiting is None else ():
        if why_not(plan, rows, kind, at):
            continue
        layouts = layouts_of(plan, rows, Wanted(kind), local_date(at, plan.time_zone))
        if changes_nothing(rows, layouts):
            continue
        found.append(
            {
                "kind": kind,
                "name": REARRANGED[kind],
                "payments": [(day, principal + interest) for day, principal, interest in payments_of(layouts)],
                "saved_minor": -sum(one.interest_change_minor for one in layouts.values()),
            }
        )
    may_offer = waiting is None and not why_not(plan, rows, RESTRUCTURED, at) and not still_offered(plan, rows, at)
    alone = may_rearrange_alone(plan, open_principal(rows), user)
    why = "" if waiting or found or may_offer else why_not(plan, rows, REAMORTIZED, at)
    # Said where something is late: nobody looks for a way to change payments that come in time.
    late = any(row.is_late(local_date(at, plan.time_zone)) for row in rows)
    told = translated(REFUSED[why]) if why and late else ""
    return {"may_offer": may_offer, "rearranging": waiting, "ways": found, "rearrange_alone": alone, "not_rearranged": told}
