"""Settings of signing in, requests and looks that operators may change."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.adjusting import DAYS, HOURS, MINUTES, SECONDS, Setting, Unit, keep_days

_CODES = Unit(_("codes an hour"), lambda number: ngettext("%(number)s code an hour", "%(number)s codes an hour", number))
CODES_APART = Setting(
    "accounts.codes_apart_s",
    _("Wait before a code is sent again"),
    _("A browser that asks for another one-time code to the same address or number before this time is asked to wait."),
    SECONDS,
    30,
    10,
    600,
    _("Each message costs money; who waits too long for a code gives up."),
)
CODES_AN_HOUR = Setting(
    "accounts.codes_an_hour",
    _("Unused codes of one browser"),
    _("So many codes that were not used may be sent to one address or number within an hour, for one browser."),
    _CODES,
    5,
    2,
    50,
    _("With one code only, a person whose mail is late cannot sign in."),
)
CODES_AN_HOUR_IP = Setting(
    "accounts.codes_an_hour_network",
    _("Codes of one network"),
    _("So many codes one network may ask for within an hour, to whatever addresses. Offices and phone networks share one."),
    _CODES,
    300,
    20,
    100_000,
    _("Many honest people share the network of a phone company."),
)
CODES_AN_HOUR_IP_DESTINATION = Setting(
    "accounts.codes_an_hour_network_to_one",
    _("Unused codes of one network to one address"),
    _("So many codes that were not used one network may have sent to one address or number within an hour, in all its browsers."),
    _CODES,
    15,
    5,
    1_000,
    _("Fewer than a browser may ask for would let one person lock out another of the same house."),
)
PASSWORD_TRIES = Setting(
    "accounts.password_tries",
    _("Wrong passwords before a wait"),
    _("After so many wrong passwords for one user from one place, that place waits for a quarter of an hour."),
    Unit(_("tries"), lambda number: ngettext("%(number)s try", "%(number)s tries", number)),
    5,
    2,
    20,
    _("Without a bound a password is guessed by trying."),
    dangerous=True,
)
STAFF_FACTOR = Setting(
    "accounts.staff_factor",
    _("Who works here needs an app with codes"),
    _("With 1, operators and shops' teams set up an app with codes when they next sign in; with 0 they may. Who has one is always asked."),
    Unit(_("0 or 1"), str),
    0,
    0,
    1,
    _("A password alone can be tricked out of anybody."),
    dangerous=True,
    given=lambda: int(settings.STAFF_FACTOR),
)
STAFF_IDLE = Setting(
    "accounts.staff_idle_minutes",
    _("When an unused session of who works here ends"),
    _("An operator, or a member of a shop's team, who opened no page for so long signs in again."),
    MINUTES,
    60,
    5,
    480,
    _("A screen that somebody left must not stay open to whoever comes by."),
    dangerous=True,
)
STAFF_HOURS = Setting(
    "accounts.staff_hours",
    _("When every session of who works here ends"),
    _("So long after the password was given, an operator or a member of a shop's team signs in again, used or not."),
    HOURS,
    12,
    1,
    24,
    _("A stolen session must come to an end; a working day should not be cut in two."),
    dangerous=True,
)
CONSUMER_IDLE = Setting(
    "accounts.consumer_idle_days",
    _("When an unused session of a person ends"),
    _("Somebody who opened no page of their account for so long signs in again."),
    DAYS,
    7,
    1,
    14,
    _("A phone or a computer that changed hands must not stay signed in."),
    dangerous=True,
)
CONSUMER_DAYS = Setting(
    "accounts.consumer_session_days",
    _("When every session of a person ends"),
    _("So long after the sign-in, a person signs in again, whether or not they used their account."),
    DAYS,
    30,
    1,
    90,
    _("A stolen session must come to an end."),
    dangerous=True,
)
FRESH_MINUTES = Setting(
    "accounts.fresh_minutes",
    _("How long nothing asks again who it is"),
    _("Who signed in, or showed that it is them, within this time does what is dangerous at once; others show it once more first."),
    Unit(_("minutes"), lambda number: ngettext("%(number)s minute", "%(number)s minutes", number)),
    30,
    5,
    120,
    _("A phone that lies on a table must not be enough to add a passkey or to close an account."),
    dangerous=True,
)
CONTACT_COOLING = Setting(
    "accounts.contact_cooling_hours",
    _("How long a new e-mail address or number waits"),
    _("A person's new contact takes the place of the old one after so long. Until then the old one signs in, and its letter undoes it."),
    HOURS,
    72,
    1,
    336,
    _("Whoever stole a session must not take the account away before its owner has read a letter."),
    dangerous=True,
)
REQUESTS_A_DAY = Setting(
    "accounts.requests_a_day",
    _("Requests of one person"),
    _("A person who has asked so much within a day is asked to write again tomorrow."),
    Unit(_("requests a day"), lambda number: ngettext("%(number)s request a day", "%(number)s requests a day", number)),
    10,
    3,
    100,
    _("Whoever has a right to an answer must be able to ask."),
)
PROOFS_A_DAY = Setting(
    "accounts.proofs_a_day",
    _("Pictures of documents of one person"),
    _("Who has sent pictures so often within a day, to prove who they are, is asked to try again tomorrow."),
    Unit(_("times a day"), lambda number: ngettext("%(number)s time a day", "%(number)s times a day", number)),
    5,
    1,
    20,
    _("A dark or shaky picture has to be taken again."),
)
REVIEW_HOURS = Setting(
    "accounts.proof_review_hours",
    _("Time to look at pictures of documents"),
    _("A reviewer decides about the pictures of a person within so many hours; later ones are marked as late."),
    Unit(_("hours"), lambda number: ngettext("%(number)s hour", "%(number)s hours", number)),
    24,
    1,
    240,
    _("A purchase may wait for it."),
)
TWO_PEOPLE = Setting(
    "accounts.two_people_days",
    _("Accounts of one hand count as one person"),
    _("For so long after an operator made or changed another's account, the two do not decide together."),
    DAYS,
    7,
    1,
    90,
    _("Within a day nobody notices an account that was made to sign twice."),
    dangerous=True,
)

SETTINGS = [
    CODES_APART,
    CODES_AN_HOUR,
    CODES_AN_HOUR_IP,
    CODES_AN_HOUR_IP_DESTINATION,
    PASSWORD_TRIES,
    FRESH_MINUTES,
    CONTACT_COOLING,
    STAFF_FACTOR,
    STAFF_IDLE,
    STAFF_HOURS,
    CONSUMER_IDLE,
    CONSUMER_DAYS,
    REQUESTS_A_DAY,
    PROOFS_A_DAY,
    REVIEW_HOURS,
    TWO_PEOPLE,
    keep_days(
        "accounts",
        "codes",
        floor=2,
        default=30,
        title=_("Which one-time codes were sent is kept"),
        why=_("Who asks for many is known by those of the last hour."),
    ),
    keep_days(
        "accounts",
        "sign_ins",
        floor=2,
        default=30,
        title=_("Mistyped passwords are kept"),
        why=_("Who mistypes it often waits for a while."),
    ),
    keep_days(
        "accounts",
        "looks",
        floor=365,
        default=1_095,
        title=_("Who looked at whose personal data is kept"),
        why=_("Who looked at whom can be asked for a year at least."),
    ),
    keep_days(
        "accounts",
        "proofs",
        floor=7,
        default=90,
        title=_("Pictures of documents are kept after they were sent"),
        why=_("A person may object to a decision about them; the decision itself stays."),
    ),
    keep_days(
        "accounts",
        "support",
        floor=1,
        default=30,
        title=_("What people told of their situation is kept after its day"),
        why=_("It counts until its day; an operator may ask the person again then."),
    ),
]
