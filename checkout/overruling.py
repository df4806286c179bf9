"""The kind of proposals by which two people approve a purchase that was refused, and the form of it."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ConsumerRequest, User
from checkout import services
from checkout.queries import find_shop_of, is_own
from controls.kinds import Kind, Person, Values
from controls.queries import proposal_of
from core.amounts import AmountField
from core.errors import Forbidden, Invalid, NotFound
from core.ids import parse_id
from core.moments import amount_words, desk_locale
from core.sentences import Sentence
from credit.models import Decision
from credit.overruling import grounds_for, may_overrule
from credit.queries import can_be_overruled, reasons_beside
from credit.reasons import GROUNDS, sentences

AMOUNT, LEFT, WHY, ASKED_BY = "amount_minor", "left_minor", "why", "request"


class OverruleForm(forms.Form):
    """The amount that an operator approves, the grounds, and what they saw; `is_alone` if one of them may approve what is filled in."""

    is_alone = False

    def __init__(self, *args: Any, decision: Decision, at: datetime, **kwargs: Any) -> None:
        """Take the refused decision: at most its amount is approved, on the grounds that the rules allow at a time."""
        super().__init__(*args, **kwargs)
        asked: dict[str, Any] = {"currency": decision.currency, "locale": desk_locale(), "initial": decision.amount_minor}
        self.most, self.currency = decision.amount_minor, decision.currency
        self.fields["amount"] = AmountField(**asked, label=_("Approve up to, %(currency)s") % {"currency": decision.currency})
        self.decision, self.at, self.beside = decision, at, sentences(reasons_beside(decision))
        told: dict[str, Any] = {"currency": decision.currency, "locale": desk_locale(), "required": bool(self.beside), "zero": True}
        left = _("Left of a month's income, as proven, %(currency)s") % {"currency": decision.currency}
        self.fields["left"] = AmountField(**told, label=left)
        self.grounds = grounds_for(decision, at)
        self.fields["why"] = forms.ChoiceField(choices=list(self.grounds.items()), label=_("Grounds"))
        notes = forms.Textarea(attrs={"rows": 3, "maxlength": 500})
        self.fields["note"] = forms.CharField(max_length=500, widget=notes, label=_("What you saw (for colleagues only)"))

    def clean_amount(self) -> int:
        """Refuse more than was asked for."""
        amount: int = self.cleaned_data["amount"]
        if amount > self.most:
            raise forms.ValidationError(_("At most %(most)s was asked for.") % {"most": amount_words(self.most, self.currency)})
        return amount

    def clean_left(self) -> int | None:
        """Refuse an income that would not carry the payments either."""
        left: int | None = self.cleaned_data["left"]
        if reasons_beside(self.decision, left):
            raise forms.ValidationError(_("This does not carry the payments, as the law asks."))
        return left

    def clean(self) -> dict[str, Any]:
        """Refuse grounds that the rules do not allow for this amount."""
        given: dict[str, Any] = self.cleaned_data
        if {"amount", "left", "why"} <= given.keys():
            said = may_overrule(self.decision, amount_minor=given["amount"], left_minor=given["left"], why=given["why"], at=self.at)
            self.is_alone = said.is_alone
            if not said.is_allowed:
                self.add_error("why", _("By the rules about refusals overruled, these grounds do not count here."))
        return given


class Overruled(Kind):
    """A refused purchase that people approve, in minor units; the subject is the decision. The proposal's reason is what they saw."""

    name, about, title = "credit.overruled", "limit", gettext_lazy("Approval in spite of a refusal")

    def subject_name(self, subject: str) -> str:
        """Return the person's id and the shop; proposals contain no names."""
        decision = _decision(subject)
        shop = find_shop_of(decision.reference)
        return ", ".join(filter(None, (decision.consumer.public_id, shop.name if shop else "")))

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return what was asked for, and refused."""
        return {"asked_minor": _decision(subject).amount_minor}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse an amount above what was asked for, unknown grounds, and a refusal that is final."""
        decision, amount = _decision(subject), after.get(AMOUNT)
        if set(after) != {AMOUNT, LEFT, WHY, ASKED_BY} or type(amount) is not int or after[WHY] not in GROUNDS or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        if not 0 < amount <= decision.amount_minor:
            most = amount_words(decision.amount_minor, decision.currency)
            raise Invalid("This is more than was asked for.", fields={"amount": Sentence("at most %(most)s", most=most)})
        if not (after[LEFT] is None or type(after[LEFT]) is int) or reasons_beside(decision, after[LEFT]):
            told = Sentence("does not carry the payments, as the law asks")
            raise Invalid("The income does not carry the payments.", fields={"left": told})
        if not can_be_overruled(decision) or _request(after[ASKED_BY]).consumer_id != decision.consumer_id:
            raise Invalid("This refusal cannot be overruled.")

    def refuse_person(self, subject: str, after: Values, person: Person) -> None:
        """Refuse whoever's own purchase it is."""
        if isinstance(person, User) and is_own(_decision(subject), person):
            raise Forbidden("Nobody decides about their own purchase.", code="credit.own_purchase")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Approve it, and answer the person; return the approval's public id."""
        made = proposal_of(actor)
        told: dict[str, Any] = {"amount_minor": after[AMOUNT], "left_minor": after[LEFT], "why": after[WHY], "note": made.reason}
        told |= {"request_id": _request(after[ASKED_BY]).pk, "user": User.objects.get(pk=made.proposed_by), "actor": actor, "at": at}
        return services.overrule(decision_id=_decision(subject).pk, **told).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return amounts as money, and the grounds in words."""
        if name == WHY:
            return _("Grounds"), str(GROUNDS.get(value, value))
        if name == ASKED_BY:
            return _("Request"), value
        label = {AMOUNT: _("Approve up to"), LEFT: _("Left of a month's income, as proven")}.get(name, _("Asked for"))
        return label, "–" if value is None else amount_words(value, _decision(subject).currency)

    def form_fields(self, subject: str, after: Values) -> dict[str, forms.Field]:
        """Return the field of the amount."""
        currency = _decision(subject).currency
        return {AMOUNT: AmountField(currency=currency, locale=desk_locale(), label=_("Approve up to"), initial=after[AMOUNT])}

    def link(self, subject: str) -> str:
        """Return the page of the decision, with all its inputs."""
        return reverse("admin:credit_decision_change", args=[_decision(subject).pk])


def _decision(subject: str) -> Decision:
    found = Decision.objects.select_related("consumer").filter(pk=parse_id(Decision.PREFIX, subject)).first()
    if found is None:
        raise NotFound("There is no such decision.")
    return found


def _request(public_id: str) -> ConsumerRequest:
    found = ConsumerRequest.objects.filter(pk=parse_id(ConsumerRequest.PREFIX, str(public_id))).first()
    if found is None:
        raise NotFound("There is no such request.")
    return found
