"""Two people agree on the result of a movement without an answer: that it happened, or that it did not."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.kinds import Kind, Values
from core.errors import Conflict, Invalid, NotFound
from core.moments import amount_words
from core.sentences import Sentence
from payments import services
from payments.models import Authorization, Charge, Movement, Payout, Refund
from payments.queries import find_movement
from payments.silence import End, end_by_hand

HAPPENED, REF, EVIDENCE = "happened", "ref", "evidence"
LONGEST_REF, LONGEST_EVIDENCE = 120, 500
NAMES: dict[type[Movement], Any] = {
    Charge: gettext_lazy("Charge of %(amount)s at %(gateway)s"),
    Refund: gettext_lazy("Refund of %(amount)s at %(gateway)s"),
    Payout: gettext_lazy("Payout of %(amount)s at %(gateway)s"),
    Authorization: gettext_lazy("Hold of %(amount)s at %(gateway)s"),
}
LABELS = {
    HAPPENED: gettext_lazy("Did it happen?"),
    REF: gettext_lazy("Its name at the gateway"),
    EVIDENCE: gettext_lazy("What shows it"),
}


class Closing(Kind):
    """The result of a charge, refund, payout or hold whose gateway does not answer; `subject` is its public id.

    `happened` is what people found, `evidence` their proof, and `ref` the gateway's reference, empty if that is unknown.
    """

    name, about, title = "payments.closing", "movement", gettext_lazy("Movement closed by hand")

    def subject_name(self, subject: str) -> str:
        """Return the kind, amount and gateway of the movement."""
        found = _movement(subject)
        return str(NAMES[type(found)]) % {"amount": amount_words(found.amount_minor, found.currency), "gateway": found.gateway}

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that the result is unknown, or that two people recorded one which the gateway denies."""
        denied = end_by_hand(_movement(subject)) is End.REVERSAL
        return {HAPPENED: True if denied else None}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values other than the result and its evidence; Conflict if the movement has an answer."""
        if starts_on is not None or set(after) != {HAPPENED, REF, EVIDENCE} or not isinstance(after[HAPPENED], bool):
            raise Invalid("This cannot be changed here.")
        if not isinstance(after[EVIDENCE], str) or not after[EVIDENCE].strip() or len(after[EVIDENCE]) > LONGEST_EVIDENCE:
            raise Invalid("Say what shows it.", fields={EVIDENCE: Sentence("say what shows it")})
        if not isinstance(after[REF], str) or len(after[REF]) > LONGEST_REF or not (after[REF].isascii() and after[REF].isprintable()):
            raise Invalid("This cannot be a name at a gateway.", fields={REF: Sentence("use plain letters, digits and signs only")})
        end = end_by_hand(_movement(subject))
        if end is End.REVERSAL and after[HAPPENED]:
            raise Invalid("Two people said so already.", fields={HAPPENED: Sentence("two people said so already")})
        if end is End.NONE:
            raise Conflict("This has its answer, or waits for one as it should.", code="payments.movement_not_silent")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Close the movement; return its public id."""
        told = {"happened": after[HAPPENED], "ref": after[REF], "actor": actor, "proposal": actor.partition(":")[2], "at": at}
        services.close_by_hand(movement=_movement(subject), **told)
        return subject

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the result in words."""
        if name == HAPPENED:
            said = {True: _("It did happen"), False: _("It did not happen"), None: _("Nobody knows")}[value]
            return str(LABELS[name]), said
        return str(LABELS[name]), str(value)

    def link(self, subject: str) -> str:
        """Return the movement's page."""
        found = _movement(subject)
        return reverse(f"admin:payments_{found._meta.model_name}_change", args=[found.pk])


def _movement(subject: str) -> Movement:
    found = find_movement(subject)
    if found is None or type(found) not in NAMES:
        raise NotFound("There is no such movement.")
    return found


def closing_page(movement: Movement) -> str:
    """Return the address of the back office's page for closing a movement by hand."""
    return reverse(f"admin:payments_{movement._meta.model_name}_closing", args=[movement.pk])


def closing_of(movement: Movement) -> str:
    """Return that address if two people may record the movement's result now, otherwise an empty text."""
    return closing_page(movement) if end_by_hand(movement) is not End.NONE else ""
