"""Settings of notices around a due date that operators may change."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.adjusting import DAYS, PERCENT, Setting, Unit, keep_days
from core.sentences import Text

EURO_CENTS = Unit(_("euro cents"), lambda number: ngettext("%(number)s euro cent", "%(number)s euro cents", number))
PROMISES = Unit(_("promises"), lambda number: ngettext("%(number)s promise", "%(number)s promises", number))

REMIND_DAYS = Setting(
    "collection.remind_days",
    _("Reminder before a payment"),
    _("People hear of a payment at most so many days before it is due."),
    DAYS,
    3,
    1,
    14,
    _("A day before is the latest that helps; two weeks before it is forgotten again."),
)

PROMISE_DAYS = Setting(
    "collection.promise_days",
    _("Promises to pay: how far ahead"),
    _("People can promise to pay what is late within so many days."),
    DAYS,
    14,
    1,
    60,
    _("While a promise waits, nothing late is tried again and nobody is reminded of it."),
)
PROMISES_AT_ONCE = Setting(
    "collection.promises_at_once",
    _("Promises to pay: at once"),
    _("A person can have at most so many promises that wait, one a purchase."),
    PROMISES,
    3,
    1,
    20,
    _("Who promises more than they can pay breaks all of it."),
)
PROMISES_BROKEN = Setting(
    "collection.promises_broken",
    _("Promises to pay: broken in a row"),
    _("After so many promises in a row that were not kept, a person can make no new one for a purchase; operators note none either."),
    PROMISES,
    2,
    1,
    10,
    _("A kept promise counts them from nothing again."),
)

CASE_DAYS = Setting(
    "collection.case_days",
    _("Late people: a case after"),
    _("The close of day opens a case for a person when a payment of theirs is late for so many days."),
    DAYS,
    7,
    1,
    90,
    _("Most people pay in the first days by themselves; after three months they are given up before anybody talked to them."),
)

LINK_DAYS = Setting(
    "collection.link_days",
    _("Links in letters about late payments work for"),
    _("The link of a letter pays what is late without signing in, or stops such messages, for so many days after the letter."),
    DAYS,
    30,
    1,
    90,
    _("Whoever has the letter can pay by it; one that is found a year later should open nothing."),
)


def _need(name: str, title: Text, default: int) -> Setting:
    about = _(
        "Late people whose probability of not paying is at least this, as the model of reminders has it, are in this class or a higher one."
    )
    why = _("What is late is paid within two weeks by most people, whatever they are told; who has the highest risk should be called.")
    return Setting(f"collection.{name}", title, about, PERCENT, default, 1, 99, why, dangerous=True)


NEED_LIGHT = _need("need_light", _("Late people: a light hand from"), 20)
NEED_FIRM = _need("need_firm", _("Late people: a firm hand from"), 45)
NEED_CALL = _need("need_call", _("Late people: a call from"), 70)


def _cost(name: str, title: Text, default: int) -> Setting:
    about = _("With this the figures of reminders say what each payment cost.")
    return Setting(f"collection.{name}", title, about, EURO_CENTS, default, 0, 10_000, _("Nothing is decided by it."))


COST_EMAIL = _cost("cost_email", _("What an e-mail costs"), 0)
COST_SMS = _cost("cost_sms", _("What an SMS costs"), 7)
COST_CALL = _cost("cost_call", _("What a call costs"), 250)

KEEP_TRACES = keep_days(
    "collection",
    "traces",
    floor=30,
    default=730,
    title=_("What is found out about how to reach late people is kept"),
    why=_("Where somebody was found is of no use once they pay again."),
)
SETTINGS = [
    *(KEEP_TRACES, CASE_DAYS, LINK_DAYS, REMIND_DAYS, PROMISE_DAYS, PROMISES_AT_ONCE, PROMISES_BROKEN),
    *(NEED_LIGHT, NEED_FIRM, NEED_CALL, COST_EMAIL, COST_SMS, COST_CALL),
]
