"""Settings that the accounts of many providers have besides their keys: how long they are waited for, and what their answers cost."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from core.providers import Account, Setting
from core.sentences import Text

CURRENCY = Setting(name="price_currency", label=_("Currency of the price"), form="[A-Z]{3}", default="USD")


def budget_setting(about: Text, *, default: str = "1000") -> Setting:
    """Return the setting of the milliseconds in which an answer is waited for; `about` says what follows without one."""
    label = _("Time for an answer, in milliseconds")
    return Setting(name="budget_ms", label=label, help=about, form="[1-9][0-9]{1,3}", default=default)


def price_setting(label: Text, about: Text, *, name: str = "price_minor") -> Setting:
    """Return the setting of a price, in minor units of the account's `CURRENCY`."""
    return Setting(name=name, label=label, help=about, form="[0-9]{1,6}", default="0")


def typed_terms(account: Account, settings: Sequence[Setting]) -> dict[str, str]:
    """Return what was typed into these settings of an account; those that a row from before lacks have their defaults."""
    return {one.name: account.values.get(one.name) or one.default for one in settings}
