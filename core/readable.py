"""Stored structures (JSON) in readable form: names as words, minor units as money, texts unchanged."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from core.formats import number_text
from core.moments import amount_words, desk_locale, percent_words
from core.sentences import Text

NOTHING = "-"
_MONEY = frozenset({"amount", "unit_amount"})
_CODE = re.compile(r"(?![a-z]{2,4}_[a-z2-7]{26}$)[a-z0-9]+(_[a-z0-9]+)+")
"""A code of words; a public id is none."""


WORDS: dict[str, Text] = {
    "approve": gettext_lazy("Approved"),
    "refer": gettext_lazy("Referred to people"),
    "decline": gettext_lazy("Declined"),
    "step_up": gettext_lazy("Another code asked for"),
    "captured": pgettext_lazy("order", "Captured"),
}
"""The codes that people read by another word than the code's own."""


def words(code: str) -> str:
    """Write a code as people read it: `partially_captured` is "Partially captured"."""
    return str(WORDS.get(code) or gettext(code.replace("_", " ").capitalize())) if code else ""


def readable(value: Any, currency: str = "") -> SafeString | str:
    """Write a stored value for a page: a structure as a list of names and values, however deep; amounts are in `currency`."""
    if isinstance(value, Mapping):
        rows = [(_name(key), _value(key, item, currency)) for key, item in value.items()]
        return (
            format_html('<dl class="desk-tree">{}</dl>', format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows))
            if rows
            else NOTHING
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _listed(value, currency)
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    text = str(value)
    if "\n" in text:
        return format_html('<pre class="desk-text" tabindex="0">{}</pre>', text)
    return words(text) if _CODE.fullmatch(text) else text


def _listed(values: Sequence[Any], currency: str) -> SafeString | str:
    if any(isinstance(value, Mapping | list) for value in values):
        return format_html(
            '<ol class="desk-tree">{}</ol>', format_html_join("", "<li>{}</li>", ((readable(one, currency),) for one in values))
        )
    return ", ".join(str(readable(value)) for value in values) or NOTHING


def _name(key: str) -> str:
    """Return a name without its unit, since the value shows the unit."""
    return words(re.sub(r"_(minor|bps|pct)$", "", key)).replace("Apr", "APR")


def _value(key: str, value: Any, currency: str) -> SafeString | str:
    if isinstance(value, int) and not isinstance(value, bool):
        if currency and (key.endswith("_minor") or key in _MONEY):
            return amount_words(value, currency)
        if key.endswith("_minor"):
            return gettext("%(amount)s minor units") % {"amount": number_text(value, desk_locale())}
        if key.endswith("_bps"):
            return percent_words(value)
        if key.endswith("_pct"):
            return percent_words(value * 100)
    return readable(value, currency)
