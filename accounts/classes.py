"""Reads of classes: all of them, and those of a person. A process remembers the classes for some seconds."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import ClassChange, Consumer, CustomerClass
from controls.rules.facts import Fact, FactType
from controls.rules.sets import Place
from controls.units import DAYS
from core.clock import local_date
from core.errors import NotFound
from core.remembered import Remembered
from core.unreadable import Unreadable

PINNED = "pinned"
"""The key of a consumer's classes under which the axes that rules must not change are listed."""


def _read_classes() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {name: {} for name in CustomerClass.AXES}
    for one in CustomerClass.objects.order_by("axis", "id"):
        found[one.axis][one.code] = one.titles
    return found


known_classes = Remembered(_read_classes, seconds=5)
"""The titles of all classes, by axis, code and language."""


class Classes(Mapping[str, str]):
    """The current classes of an axis, code to title in the current language: choices for facts and results of rules."""

    def __init__(self, axis: str) -> None:
        """Set the axis."""
        self.axis = axis

    def __getitem__(self, code: str) -> str:
        """Return a title; KeyError."""
        return title_in(known_classes()[self.axis][code])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the codes."""
        return iter(known_classes()[self.axis])

    def __len__(self) -> int:
        """Return the number of classes."""
        return len(known_classes()[self.axis])


_GIVEN = _("As rules or an operator gave it.")
CLASS_FACTS = (
    Fact("customer_group", FactType.TEXT, _("the customer group"), _GIVEN, "staff", choices=Classes("group")),
    Fact("customer_kind", FactType.TEXT, _("whether it is a person or a business"), _GIVEN, "person", choices=Classes("kind")),
    Fact("customer_risk_class", FactType.TEXT, _("the risk class of the person"), _GIVEN, "low", choices=Classes("risk_class")),
    Fact("customer_loyalty", FactType.TEXT, _("the loyalty of the person"), _GIVEN, "loyal", choices=Classes("loyalty")),
    Fact("customer_region", FactType.TEXT, _("the region of the person"), _GIVEN, "capital", choices=Classes("region")),
    Fact("customer_fee_status", FactType.TEXT, _("the fee status of the person"), _GIVEN, "loyal", choices=Classes("fee_status")),
)
"""The classes of a person, as facts for all kinds of rules."""


def facts_of_classes(consumer: Consumer) -> dict[str, str | None]:
    """Return the classes of a person as facts (`CLASS_FACTS`); None for an unknown one. No query."""
    return {f"customer_{axis}": class_of(consumer, axis) for axis in CustomerClass.AXES}


POSTAL = 2
"""The number of leading characters of a postal code that rules may read: enough for an area, too few for a home."""
AREA_FACT = Fact("area", FactType.TEXT, _("the postal area"), _("The first two characters of the postal code."), "21")
CUSTOMER_DAYS = Fact(
    "customer_days", FactType.WHOLE, _("the number of days since the account was opened"), _("Whole days, 0 on the first."), 40, DAYS
)
STATE_FACT = Fact("state", FactType.TEXT, _("the state or region of the address"), _("As the address has it, such as NY."), "NY")


def facts_of_home(consumer: Consumer) -> dict[str, str | None]:
    """Return the area and the state where a person lives as facts (`AREA_FACT`, `STATE_FACT`); None for an unknown one. No query."""
    home = {} if isinstance(consumer.address, Unreadable) else consumer.address or {}
    return {"area": str(home.get("postal_code") or "")[:POSTAL].upper() or None, "state": str(home.get("region") or "") or None}


def title_in(titles: Mapping[str, str]) -> str:
    """Return a title in the current language, otherwise in English."""
    return titles.get((get_language() or "en")[:2]) or titles["en"]


def class_title(axis: str, code: str) -> str:
    """Return the title of a class; the code itself for an unknown class, and a dash for none."""
    return Classes(axis).get(code, code) if code else "–"


def class_of(consumer: Consumer, axis: str) -> str | None:
    """Return the code of a person's class; None for an unknown one. No query."""
    found: str | None = consumer.classes.get(axis) or None
    return found


def pins_of(consumer: Consumer) -> frozenset[str]:
    """Return the axes that an operator pinned."""
    return frozenset(consumer.classes.get(PINNED, ()))


def groups_of(consumer: Consumer) -> tuple[str, ...]:
    """Return the customer groups of a person, to which rules may be limited."""
    group = class_of(consumer, "group")
    return (group,) if group else ()


def place_of_person(consumer: Consumer, at: datetime) -> Place:
    """Return the brand, market and groups of a person, without a shop, to which rules can be limited."""
    return Place(consumer.brand_id or "", consumer.market_id, "", groups_of(consumer), local_date(at, consumer.time_zone))


def list_class_changes(consumer: Consumer) -> QuerySet[ClassChange]:
    """Return the history of a person's classes, newest first."""
    return ClassChange.objects.filter(consumer=consumer.holder_id).order_by("-id")


def get_class(axis: str, code: str) -> CustomerClass:
    """Return a class; NotFound."""
    found = CustomerClass.objects.filter(axis=axis, code=code).first()
    if found is None:
        raise NotFound("There is no such class.")
    return found


def kept_classes(values: Mapping[str, str], pinned: frozenset[str]) -> dict[str, Any]:
    """Return classes in the form that a consumer's row stores."""
    return {axis: value for axis, value in values.items() if value} | ({PINNED: sorted(pinned)} if pinned else {})
