"""The environment variables of an installation for operators: meaning, value, and source of the value, without secrets.

Operators cannot change them: variables are read when a process starts.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from bnpl import env
from core.adjusting import find_by_variable
from core.sentences import Text

HOUSE, OUTSIDE, BRAND, SERVERS = _("The installation"), _("Who is asked outside"), _("The first brand"), _("Servers and keys")
_STRIPE, _TWILIO = _("The account with Stripe, where it is the gateway."), _("The account with Twilio, where it sends.")
_IDENTITY, _BUREAU = _("The provider of identity checks, where one is asked by http."), _("The bureau, where one is asked by http.")
_FIRST = _("What the first brand was made from. It is changed under Brands now.")

MEANINGS: dict[str, tuple[Text, Text]] = {
    "BNPL_MODE": (HOUSE, _("Whether this is a sandbox or a live installation. Sandbox money never stands in live books.")),
    "BNPL_REHEARSAL": (HOUSE, _("A live installation that is tried with stand-ins for the outside world.")),
    "BNPL_BASE_URL": (HOUSE, _("The address at which people reach the platform.")),
    "BNPL_ALLOWED_HOSTS": (HOUSE, _("Further host names to which it answers, by commas.")),
    "BNPL_TRUSTED_PROXIES": (HOUSE, _("How many proxies stand in front, or their networks: they say from where people come.")),
    "BNPL_AUDITORS": (HOUSE, _("To whom the end of each day of the audit log is mailed: addresses by commas.")),
    "BNPL_AGENCY_FILES": (HOUSE, _("The directory in which files are exchanged with agencies; none where it is empty.")),
    "BNPL_LISTS": (HOUSE, _("Where published lists of sanctions are loaded from.")),
    "BNPL_NETWORKS_CSV": (HOUSE, _("A table of whom internet addresses belong to, beside the one that comes with the product.")),
    "BNPL_GEOIP_MMDB": (HOUSE, _("A file of where internet addresses are, in the format of MaxMind.")),
    "BNPL_SHOP_URL": (HOUSE, _("The address of the demo shop.")),
    "BNPL_CALLS_IN_FLIGHT": (HOUSE, _("How many calls to a gateway one worker makes at once.")),
    "BACK_OFFICE_NAME": (HOUSE, _("Who operates the installation, in the title of the back office.")),
    "BNPL_VAR": (HOUSE, _("The folder of what one machine keeps.")),
    "BNPL_TESTING": (HOUSE, _("Whether tests run. Never on where people buy.")),
    "BNPL_TEST_TEMPLATE": (HOUSE, _("The database that tests copy.")),
    "BNPL_NO_VENV": (HOUSE, _("Whether commands run without the environment of their own.")),
    "BNPL_GATEWAY": (OUTSIDE, _("Who moves money by card, unless an account under Providers says otherwise.")),
    "BNPL_PULLS": (OUTSIDE, _("Who debits bank accounts; nobody where it is empty.")),
    "BNPL_VERIFICATION": (OUTSIDE, _("Who sends one-time codes.")),
    "BNPL_SMS": (OUTSIDE, _("Who sends text messages.")),
    "BNPL_IDENTITY": (OUTSIDE, _("Who checks identities.")),
    "BNPL_BUREAU": (OUTSIDE, _("Which bureau is asked about people.")),
    "SANDBOX_URL": (OUTSIDE, _("The outside world of a sandbox, as the platform reaches it.")),
    "SANDBOX_PUBLIC_URL": (OUTSIDE, _("The outside world of a sandbox, as people reach it.")),
    "SANDBOX_KEY": (OUTSIDE, _("The key to the outside world of a sandbox.")),
    "SANDBOX_EVENTS_SECRET": (OUTSIDE, _("What signs the events of a sandbox.")),
    **dict.fromkeys(("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE"), (OUTSIDE, _STRIPE)),
    **dict.fromkeys(
        ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_VERIFY_SERVICE", "TWILIO_FROM", "TWILIO_API_BASE"), (OUTSIDE, _TWILIO)
    ),
    **dict.fromkeys(("IDENTITY_URL", "IDENTITY_KEY", "IDENTITY_COUNTRIES"), (OUTSIDE, _IDENTITY)),
    **dict.fromkeys(("BUREAU_URL", "BUREAU_KEY", "BUREAU_COUNTRIES", "BUREAU_NAME", "BUREAU_ADDRESS", "BUREAU_PHONE"), (OUTSIDE, _BUREAU)),
    **dict.fromkeys(("BUREAU_LOWEST_SCORE", "BUREAU_HIGHEST_SCORE"), (OUTSIDE, _("The range of the bureau's score."))),
    "EMAIL_URL": (OUTSIDE, _("The mail server of every brand without one of its own.")),
    "EMAIL_FROM": (OUTSIDE, _("The sender of the first brand's mail.")),
    **dict.fromkeys(
        ("BRAND_NAME", "BRAND_LEGAL_NAME", "BRAND_ADDRESS", "BRAND_COLOR", "BRAND_SUPPORT_EMAIL", "BRAND_SUPERVISION"), (BRAND, _FIRST)
    ),
    "BNPL_SECRET_KEY": (SERVERS, _("What signs sessions and links.")),
    "BNPL_SECRET_KEYS_BEFORE": (SERVERS, _("Secret keys of before: what they signed is still taken.")),
    "BNPL_FIELD_KEYS": (SERVERS, _("The keys of personal data; the first one seals, all open.")),
    "BNPL_LOOKUP_KEYS": (SERVERS, _("The keys of the hashes by which people and API keys are found.")),
    "DATABASE_URL": (SERVERS, _("The database, as the application reaches it.")),
    env.OWNER: (SERVERS, _("The database, as the owner of the tables reaches it.")),
    "REDIS_URL": (SERVERS, _("The store of what may be lost: queues, counts and short memories.")),
}
"""The group and the meaning of each variable that is not a setting of the back office."""
HIDDEN = frozenset(
    {
        *env.SECRETS,
        *("BNPL_SECRET_KEY", "BNPL_SECRET_KEYS_BEFORE", "BNPL_FIELD_KEYS", "BNPL_LOOKUP_KEYS", "SANDBOX_KEY", "SANDBOX_EVENTS_SECRET"),
        # These contain, or may contain, a password.
        *("DATABASE_URL", env.OWNER, "REDIS_URL", "EMAIL_URL"),
    }
)
"""Variables whose value is never shown, only whether they are set."""


@dataclass(frozen=True, slots=True)
class Value:
    """A variable for operators: `value` is empty if it is hidden or has no value; `is_set` tells these apart."""

    name: str
    group: Text
    about: Text
    value: str
    is_set: bool
    is_hidden: bool
    source: Text
    setting: str = ""


def _source(name: str) -> Text:
    if os.environ.get(name):
        return _("the environment")
    if os.environ.get(f"{name}_FILE"):
        return _("a file")
    if env.stack_values().get(name):
        return _("the servers of the demo")
    return _("the default")


def list_values() -> list[Value]:
    """Return the variables of this process, by group."""
    groups: list[Text] = [HOUSE, OUTSIDE, BRAND, SERVERS]
    return sorted(_values(env.KNOWN), key=lambda one: groups.index(one.group))


def _values(names: Iterable[str]) -> Iterator[Value]:
    for name in names:
        setting = find_by_variable(name)
        group, about = (HOUSE, setting.about) if setting else MEANINGS[name]
        value, hidden = env.get(name), name in HIDDEN
        yield Value(name, group, about, "" if hidden else value, bool(value), hidden, _source(name), setting.name if setting else "")
