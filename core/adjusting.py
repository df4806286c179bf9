"""Settings that operators change while the product runs: their definitions, as data of each app, and their current values.

`controls` stores the changes and their history; this module defines settings and reads them, so that every app can use it. A process reads
all values with one query, and reads them again after some seconds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotFound
from core.sentences import Sentence, Text


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a setting: its name, and the text of a value in it, such as `%(number)s days`."""

    name: Text
    counted: Callable[[int], str]


DAYS = Unit(_("days"), lambda number: ngettext("%(number)s day", "%(number)s days", number))
HOURS = Unit(_("hours"), lambda number: ngettext("%(number)s hour", "%(number)s hours", number))
MINUTES = Unit(_("minutes"), lambda number: ngettext("%(number)s minute", "%(number)s minutes", number))
SECONDS = Unit(_("seconds"), lambda number: ngettext("%(number)s second", "%(number)s seconds", number))
PERCENT = Unit(_("percent"), lambda _number: gettext("%(number)s percent"))
ALONE = {"USD": 500, "GBP": 500, "EUR": 500, "AUD": 750, "DKK": 4_000, "SEK": 5_000}
"""The default amount that one operator may move alone, in whole units of a currency; 0 in any currency that is not listed."""
MOST_ALONE = 1_000_000
LONGEST_KEPT_DAYS = 36_500
_KEPT = _("So long the rows are kept; older ones are deleted by themselves, in small batches.")


@dataclass(frozen=True, slots=True)
class Setting:
    """A whole number that an operator may change: its name (`app.name`), title, meaning, unit, bounds and default.

    Two people must agree on a change of a `dangerous` setting. `variable` names the environment variable that gives this installation's
    default, if there is one, and `given` reads it. `why` explains the bounds.
    """

    name: str
    title: Text
    about: Text
    unit: Unit
    default: int
    least: int
    most: int
    why: Text
    dangerous: bool = False
    variable: str = ""
    given: Callable[[], int] | None = None

    @property
    def module(self) -> str:
        """The app that uses the setting."""
        return self.name.partition(".")[0]

    @property
    def base(self) -> int:
        """The value in this installation until an operator changes it."""
        return self.given() if self.given else self.default

    def fault(self, value: object) -> str:
        """Return what is wrong with a value; empty for a valid one."""
        if isinstance(value, bool) or not isinstance(value, int):
            return Sentence("is no whole number")
        if not self.least <= value <= self.most:
            return Sentence("is outside %(least)s to %(most)s", least=self.least, most=self.most)
        return ""

    def check(self, value: object) -> None:
        """Refuse an invalid value; Invalid names `value`."""
        if fault := self.fault(value):
            raise Invalid("This value cannot be used.", fields={"value": fault})


def keep_days(app: str, what: str, *, floor: int, default: int, title: Text, why: Text) -> Setting:
    """Return the setting for how many days traffic rows are kept: at least `floor`, and two people must agree on each change."""
    variable = f"BNPL_KEEP_{what.upper()}_DAYS"
    return Setting(
        f"{app}.keep_{what}_days",
        title,
        _KEPT,
        DAYS,
        default,
        floor,
        LONGEST_KEPT_DAYS,
        why,
        dangerous=True,
        variable=variable,
        given=lambda: int(settings.KEEP_DAYS[variable]),
    )


def _counted_in(currency: str) -> Callable[[int], str]:
    return lambda _number: f"%(number)s {currency}"


def alone_limits(name: str, *, title: Text, about: Text, why: Text, defaults: Mapping[str, int] = ALONE) -> dict[str, Setting]:
    """Return the settings for the largest amount that one operator may move alone, by currency, in whole units; above it, two agree."""
    return {
        currency: Setting(
            f"{name}_{currency.lower()}",
            format_lazy("{title}, {currency}", title=title, currency=currency),
            about,
            Unit(currency, _counted_in(currency)),
            default,
            0,
            MOST_ALONE,
            why,
            dangerous=True,
        )
        for currency, default in defaults.items()
    }


@cache
def _all() -> dict[str, Setting]:
    found: Sequence[Setting] = import_string(settings.SETTABLE)
    return {one.name: one for one in found}


@cache
def _by_variable() -> dict[str, Setting]:
    return {one.variable: one for one in _all().values() if one.variable}


def list_settings() -> list[Setting]:
    """Return all settings, by module."""
    return sorted(_all().values(), key=lambda one: one.module)


def get_setting(name: str) -> Setting:
    """Return a setting by its name; NotFound."""
    found = _all().get(name)
    if found is None:
        raise NotFound("There is no such setting.")
    return found


def find_by_variable(variable: str) -> Setting | None:
    """Return the setting whose default a variable of the environment gives, or None."""
    return _by_variable().get(variable)


@cache
def _reader() -> Callable[[], Mapping[str, int]]:
    found: Callable[[], Mapping[str, int]] = import_string(settings.SETTING_VALUES)
    return found


def value_of(setting: Setting) -> int:
    """Return the current value; a stored value that is out of bounds, for instance after an update, is ignored."""
    changed = _reader()().get(setting.name)
    return setting.base if changed is None or setting.fault(changed) else changed
