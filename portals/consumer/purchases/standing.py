"""A person's fee status: what it is and why, what it does to fees, and how it changed."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.classes import class_of, class_title, list_class_changes, pins_of
from accounts.models import ClassChange, Consumer
from core.clock import local_date
from core.formats import day_text, money_text
from core.sentences import one_stop
from plans.crediting import credit_left
from plans.fee_status import FEE_STATUS, Standing, standing_of
from plans.models import Fee
from plans.records import Conduct
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.purchases.rewards import left_in_words

SHOWN = 6
"""How many changes of the status are shown."""


@consumer_page("GET")
def fee_status(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the person's fee status, its reasons, what it does, and its changes."""
    consumer, found = visitor.consumer, standing_of(visitor.consumer, visitor.at)
    code = class_of(consumer, FEE_STATUS) or ""
    changes = list(list_class_changes(consumer).filter(axis=FEE_STATUS)[:SHOWN])
    context = {
        "status": class_title(FEE_STATUS, code) if code else "",
        "since": day_text(local_date(changes[0].at, consumer.time_zone), visitor.locale) if code and changes else "",
        "why": [*_by_hand(consumer), *_how_paid(found.conduct)],
        "does": list(_does(found, visitor.locale)),
        "credits": left_in_words(credit_left(consumer, visitor.today), visitor.locale),
        "changes": [_change(one, visitor) for one in changes],
    }
    return show(request, visitor, "purchases/standing", "purchases", context)


def _by_hand(consumer: Consumer) -> Iterator[str]:
    if FEE_STATUS in pins_of(consumer):
        yield _("A person here set it, and it stays until they end that.")


def _how_paid(conduct: Conduct) -> Iterator[str]:
    """Yield what counts about how a person paid in the last twelve months."""
    late, on_time = conduct.late_in_year(), conduct.on_time_since()
    if late:
        told = ngettext(
            "%(count)s of your payments was late in the last twelve months.",
            "%(count)s of your payments were late in the last twelve months.",
            late,
        )
        yield told % {"count": late}
    else:
        yield _("None of your payments was late in the last twelve months.")
    told = ngettext("Since then you paid %(count)s payment on time.", "Since then you paid %(count)s payments on time.", on_time)
    if not late:
        told = ngettext("You paid %(count)s payment on time in that time.", "You paid %(count)s payments on time in that time.", on_time)
    if on_time:
        yield told % {"count": on_time}


def _does(found: Standing, locale: str) -> Iterator[str]:
    """Yield what would become of each fee of the newest agreement."""
    kinds = dict(Fee.KINDS)
    for one in found.expected:
        told = {
            "fee": kinds[one.kind],
            "agreed": money_text(one.agreed_minor, found.currency, locale),
            "left": money_text(one.left_minor, found.currency, locale),
        }
        if not one.left_minor:
            yield one_stop(_("%(fee)s: none now, instead of %(agreed)s.") % told)
        elif one.left_minor < one.agreed_minor:
            yield one_stop(_("%(fee)s: at most %(left)s now, instead of %(agreed)s.") % told)
        else:
            yield _("%(fee)s: at most %(agreed)s, as you agreed.") % told


def _change(one: ClassChange, visitor: Visitor) -> dict[str, str]:
    return {
        "day": day_text(local_date(one.at, visitor.consumer.time_zone), visitor.locale),
        "before": class_title(FEE_STATUS, one.before),
        "after": class_title(FEE_STATUS, one.value),
        "why": _("by a rule, from how you paid") if one.actor.startswith("rules:") else _("set by a person here"),
    }
