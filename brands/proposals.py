"""The changes of a brand that two people decide: its legal entity and its host."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from brands import services
from brands.checking import check_changes
from brands.queries import get_brand
from brands.texts import NAMES, value_text
from controls.kinds import Kind, Values
from core.errors import Invalid

FIELDS = ("legal_name", "register_number", "domain")


class Entity(Kind):
    """A proposal of another legal entity or host; its subject is the brand's code. It applies at once, or from a date (UTC)."""

    name, about, title = "brands.entity", "brand", gettext_lazy("Legal entity or host of a brand")

    def subject_name(self, subject: str) -> str:
        """Return the brand's name."""
        return get_brand(subject).name

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the brand's present values."""
        brand = get_brand(subject)
        return {name: getattr(brand, name) for name in after}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Validate the proposed values; Invalid names each field at fault."""
        if not after or not after.keys() <= set(FIELDS):
            raise Invalid("This cannot be changed here.")
        check_changes(code=subject, changes=after)

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Change the brand."""
        return services.change_brand(code=subject, changes=after, actor=actor, at=at).code

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return a field's name and its value in words."""
        return str(NAMES[name]), value_text(value)

    def link(self, subject: str) -> str:
        """Return the brand's page."""
        return reverse("admin:brands_brand_change", args=[subject])
