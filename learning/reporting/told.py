"""What the two sides of a cut-off are called: people are approved or refused by most models, and reminded lightly or firmly by one."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from core.sentences import Text
from learning.models import Family


@dataclass(frozen=True, slots=True)
class Sides:
    """The words of reports for who is below a cut-off and who is above it; texts are in the language in force."""

    good_above: Text
    roc: Text
    roc_short: Text
    cuts_title: Text
    cuts_text: Text
    cuts_heads: tuple[Text, ...]
    bad_below: Text
    bad_by_share: Text
    bad_at_share: Text
    below: Text
    good_below: Text
    four_fifths: Text
    equal: Text
    other_cut: Text
    driver: Text


_APPROVING = Sides(
    good_above=_("Good cases refused"),
    roc=_(
        "How many of the bad cases are found for how many good cases that are refused with them. The area below the curve (AUC) is the "
        "chance that a bad case scores worse than a good one."
    ),
    roc_short=_("How many of the bad cases are found for how many good cases that are refused with them."),
    cuts_title=_("Approval against loss"),
    cuts_text=_("For each cut-off: how many are approved, how many of those are bad, and what refusing costs in good cases."),
    cuts_heads=(_("Approved up to"), _("Approved"), _("Bad of approved"), _("Bad refused"), _("Good refused")),
    bad_below=_("bad of those approved"),
    bad_by_share=_("bad of those approved, by the share approved"),
    bad_at_share=_("Bad of the approved, where %(share)s are approved"),
    below=_("Approved"),
    good_below=_("Good approved"),
    four_fifths=_(
        "Four-fifths rule: the least approved group is approved %(ratio)s as often as the most approved; %(least)s or more is wanted."
    ),
    equal=_("Equal opportunity: approvals of people who pay differ by up to %(apart)s between groups; %(most)s or less is wanted."),
    other_cut=_(
        "With a cut-off of %(cut)s for everybody both would hold: %(approved)s would be approved, and of those %(bad)s would be bad."
    ),
    driver=_(
        "The column %(column)s drives it: without it, at as many approvals, the ratio would be %(ratio)s, the difference %(apart)s, "
        "and the AUC %(auc)s instead of %(before)s."
    ),
)
_REMINDING = Sides(
    good_above=_("Good cases reminded firmly"),
    roc=_(
        "How many of the bad cases are found for how many good cases that are reminded firmly with them. The area below the curve (AUC) is "
        "the chance that a bad case scores worse than a good one."
    ),
    roc_short=_("How many of the bad cases are found for how many good cases that are reminded firmly with them."),
    cuts_title=_("Light reminders against payments that do not come"),
    cuts_text=_(
        "For each cut-off: how many are reminded lightly, how many of those do not pay within two weeks, and how many good cases are "
        "reminded more firmly than they need."
    ),
    cuts_heads=(
        _("Reminded lightly up to"),
        _("Reminded lightly"),
        _("Bad of those reminded lightly"),
        _("Bad reminded firmly"),
        _("Good reminded firmly"),
    ),
    bad_below=_("bad of those reminded lightly"),
    bad_by_share=_("bad of those reminded lightly, by the share reminded lightly"),
    bad_at_share=_("Bad of those reminded lightly, where these are %(share)s"),
    below=_("Reminded lightly"),
    good_below=_("Good reminded lightly"),
    four_fifths=_(
        "Four-fifths rule: the group that is least often reminded lightly is so %(ratio)s as often as the one that is most often; "
        "%(least)s or more is wanted."
    ),
    equal=_("Equal opportunity: light reminders of people who pay differ by up to %(apart)s between groups; %(most)s or less is wanted."),
    other_cut=_(
        "With a cut-off of %(cut)s for everybody both would hold: %(approved)s would be reminded lightly, and %(bad)s of those would be "
        "bad."
    ),
    driver=_(
        "The column %(column)s drives it: without it, with as many reminded lightly, the ratio would be %(ratio)s, the difference "
        "%(apart)s, and the AUC %(auc)s instead of %(before)s."
    ),
)


def sides_of(family: str) -> Sides:
    """Return the words of a family of models."""
    return _REMINDING if family == Family.REMINDER else _APPROVING
