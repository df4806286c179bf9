"""Fields without type conversion: a number is not accepted as text, nor 1 as true, nor any character that cannot be stored."""

import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

from babel.numbers import list_currencies
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.parsers import check_text
from core.characters import has_unseen, visible
from core.money import MAX_MINOR
from core.web_addresses import NotAnAddress, read_url


@extend_schema_field(OpenApiTypes.INT64)
class StrictIntegerField(serializers.IntegerField):
    """A JSON integer: `10`, and not `10.0`, `"10"` or `true`."""

    default_error_messages = {"invalid": _("must be an integer")}

    def to_internal_value(self, data: Any) -> int:
        """Return the integer; a validation error otherwise."""
        if type(data) is not int:
            self.fail("invalid")
        return data


class AmountField(StrictIntegerField):
    """A positive amount in minor units, at most `core.money.MAX_MINOR`."""

    default_error_messages = {
        "invalid": _("must be an integer in minor units (cents), not a fraction, a text or a truth value"),
        "min_value": _("must be at least {min_value}"),
        "max_value": _("must be at most {max_value}"),
    }

    def __init__(self, min_value: int = 1, **options: Any) -> None:
        options.setdefault("help_text", "In minor units of the currency (cents).")
        super().__init__(min_value=min_value, max_value=MAX_MINOR, **options)


@extend_schema_field(OpenApiTypes.BOOL)
class StrictBooleanField(serializers.BooleanField):
    """A JSON truth value: `true` or `false`, and not `1` or `"true"`."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the truth value; a validation error otherwise."""
        if type(data) is not bool:
            raise serializers.ValidationError(_("must be true or false"))
        return data


class TextField(serializers.CharField):
    """One line of text: a JSON string without characters that nobody can see."""

    default_error_messages = {
        "invalid": _("must be a text"),
        "control": _("must not contain control characters"),
        "unseen": _("must not contain invisible characters"),
    }

    def to_internal_value(self, data: Any) -> str:
        """Return the text without blanks around it; a validation error otherwise."""
        if not isinstance(data, str):
            self.fail("invalid")
        check_text(data, self.field_name or "")
        if any(unicodedata.category(char) == "Cc" for char in data):
            self.fail("control")
        if has_unseen(data):
            self.fail("unseen")
        return str(super().to_internal_value(data))


class DecorationField(TextField):
    """An optional text on which nothing depends: cut to one line of visible characters and a maximum length, never refused."""

    def __init__(self, cut: int, **options: Any) -> None:
        self.cut = cut
        options.setdefault("help_text", f"What is longer than {cut} characters is cut.")
        super().__init__(required=False, allow_blank=True, allow_null=True, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the text; an empty one counts as absent."""
        text = super().run_validation(data)
        if not text:
            raise serializers.SkipField
        return text

    def to_internal_value(self, data: Any) -> str:
        """Return the text as it is stored; a validation error only where the value is not a text."""
        if not isinstance(data, str):
            self.fail("invalid")
        check_text(data, self.field_name or "")
        return visible(data)[: self.cut].rstrip()


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


class CurrencyField(TextField):
    """An ISO 4217 code in upper case."""

    default_error_messages = {"unknown": _("is not a currency code of ISO 4217, such as USD")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "ISO 4217, upper case: the currency of your market.")
        super().__init__(min_length=3, max_length=3, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the code; a validation error for an unknown one."""
        code = super().to_internal_value(data)
        if code not in _currencies():
            self.fail("unknown")
        return code


@extend_schema_field(OpenApiTypes.URI)
class WebUrlField(TextField):
    """A web address: `https`, and in a sandbox also `http`."""

    default_error_messages = {"url": _("must be a full web address (https://...)"), "https": _("must use https")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=options.pop("max_length", 1000), **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the address, its host in ASCII; a validation error unless it is one that a browser may be sent to."""
        try:
            url = read_url(super().to_internal_value(data))
        except NotAnAddress:
            self.fail("url")
        if url.startswith("http:") and not settings.SANDBOX:
            self.fail("https")
        return url


class ScalarsField(serializers.DictField):
    """A flat object of numbers, truth values and texts of one line of visible characters; stored and returned unchanged."""

    MAX_ENTRIES = 50
    MAX_NAME = 60
    MAX_TEXT = 500

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "Names and texts in one line, without control or invisible characters.")
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the object; a validation error that names the entry at fault."""
        if not isinstance(data, dict):
            raise serializers.ValidationError(_("must be an object"))
        if len(data) > self.MAX_ENTRIES:
            raise serializers.ValidationError(gettext("must have at most %(most)s entries") % {"most": self.MAX_ENTRIES})
        faults = {name: fault for name, value in data.items() if (fault := self._fault(name, value))}
        if faults:
            raise serializers.ValidationError(faults)
        return data

    def _fault(self, name: str, value: Any) -> str:
        if not 1 <= len(name) <= self.MAX_NAME:
            return gettext("a name must have 1 to %(most)s characters") % {"most": self.MAX_NAME}
        if has_unseen(name):
            return gettext("a name must not contain control or invisible characters")
        if isinstance(value, str) and len(value) > self.MAX_TEXT:
            return gettext("must have at most %(most)s characters") % {"most": self.MAX_TEXT}
        if isinstance(value, str) and has_unseen(value):
            return gettext("must not contain control or invisible characters")
        return (
            "" if value is None or isinstance(value, str | int | float | bool) else gettext("must be a text, a number, true, false or null")
        )


Show = Callable[[Any], Any]
