"""Template tags of the design system: money, dates, numbers, icons, the theme. They read `locale` from the context."""

import zlib
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext_lazy
from heroicons.templatetags.heroicons import heroicon_micro, heroicon_mini, heroicon_outline, heroicon_solid

from brands.queries import PageBrand, default_brand
from brands.theme import DEFAULT, derive_theme
from core import clock, formats
from core.color import parse, to_hex
from core.moments import day_words, moment_words
from core.readable import words
from core.sentences import translated
from payments import texts as texts_of_payments
from portals.charts import Segment, money_segments
from portals.navigation import MENUS, MenuItem
from webhooks import texts

register = template.Library()

_ICONS = {
    "outline": (heroicon_outline, 24),
    "solid": (heroicon_solid, 24),
    "mini": (heroicon_mini, 20),
    "micro": (heroicon_micro, 16),
}
_DUE_WORDS = {"paid": gettext_lazy("paid"), "late": gettext_lazy("late")}
_TONES = ("a", "b", "d", "c")


class HasMoney(Protocol):
    """Anything with minor units and a currency, such as `core.money.Money`."""

    minor: int
    currency: str


@register.filter
def in_words(code: str) -> str:
    """Write an internal code, such as a status, in the language of the page: `partially_captured` is "Partially captured"."""
    return words(str(code)) if code else ""


@register.filter
def event_word(event_type: str) -> str:
    """Name an event type in the language of the page: `order.captured` is "Order captured"."""
    return texts.event_word(str(event_type))


@register.filter
def off_reason(kept: str) -> str:
    """Say why a webhook endpoint is off, in the language of the page."""
    return texts.off_reason(str(kept))


@register.filter
def note_text(note: str) -> str:
    """Write the note of a closed break in the language of the page."""
    return texts_of_payments.note_text(str(note))


@register.filter
def told(sentence: str) -> str:
    """Return a stored English sentence in the language of the page; unchanged without a translation."""
    return translated(str(sentence))


@register.filter
def unstopped(text: str) -> str:
    """Return a text without its final full stop, for use at the end of a sentence."""
    return str(text).removesuffix(".")


@register.filter
def on(day: "date | None", style: str = "year") -> str:
    """Write a day of the back office: "Dec 6, 2026"; styles as in `core.moments`. None is a dash."""
    return "–" if day is None else day_words(day, style)


@register.filter
def at_utc(at: datetime | None, style: str = "year") -> str:
    """Write a moment of the back office: "Dec 6, 2026 10:42 UTC"; styles as in `core.moments`. None is a dash."""
    return "–" if at is None else moment_words(at, style)


@register.filter
def due_word(state: str) -> str:
    """Return a word for the state of a listed payment, if its date alone does not show it."""
    return str(_DUE_WORDS.get(state, ""))


def _local(at: datetime) -> datetime:
    """Convert a moment to the time zone of the page."""
    return localtime(at) if is_aware(at) else at


def _locale(context: Context) -> str:
    return str(context.get("locale") or formats.DEFAULT_LOCALE)


@register.simple_tag(takes_context=True)
def money(context: Context, amount: "int | HasMoney | str | None", currency: str = "", style: str = "exact", locale: str = "") -> str:
    """Write minor units and a currency, or a Money, in local form; styles as in `formats.money_text`. None is a dash."""
    if amount is None or isinstance(amount, str):
        # An undefined variable in a template arrives as an empty text.
        return "–"
    minor, code = (amount, currency) if isinstance(amount, int) else (amount.minor, amount.currency)
    return formats.money_text(minor, code, locale or _locale(context), style)


@register.simple_tag(takes_context=True)
def due(context: Context, day: "date | datetime | None", style: str = "day") -> str:
    """Write a due date, with its weekday by default; styles as in `formats.day_text`. A moment counts as its date. None is a dash."""
    if isinstance(day, datetime):
        day = _local(day).date()
    return formats.day_text(day, _locale(context), style) if day else "–"


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime | None) -> str:
    """Write a date with its time, in the time zone of the page, named if the page asks for it (`names_clock`); None is a dash."""
    if not at:
        return "–"
    here = _local(at)
    return formats.moment_text(here, _locale(context)) + (f" {formats.clock_text(here)}" if context.get("names_clock") else "")


@register.simple_tag(takes_context=True)
def relative(context: Context, value: "date | datetime | None") -> str:
    """Write a day or a moment relative to now (`now` of the context, or the clock): "in 5 days", "2 hours ago"."""
    if not value:
        return "–"
    now = context.get("now") or clock.now()
    if isinstance(value, datetime):
        return formats.relative_time_text(value, now, _locale(context))
    return formats.relative_day_text(value, _local(now).date(), _locale(context))


@register.simple_tag(takes_context=True)
def percent(context: Context, bps: int | None) -> str:
    """Write basis points as a percentage; None is a dash."""
    return "–" if bps is None else formats.percent_text(bps, _locale(context))


@register.simple_tag(takes_context=True)
def number(context: Context, value: int | None) -> str:
    """Write a whole number with its thousands separators; None is a dash."""
    return "–" if value is None else formats.number_text(value, _locale(context))


@register.simple_tag
def icon(name: str, style: str = "outline", label: str = "") -> str:
    """Return a heroicon as inline SVG, sized by the text around it; hidden from screen readers unless it has a label."""
    return _drawn(str(name), style, label)


@lru_cache(maxsize=256)
def _drawn(name: str, style: str, label: str) -> str:
    render, size = _ICONS[style]
    told = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return render(name, size=size, **{"class": "icon"}, **told)


@register.filter
def initial(name: str) -> str:
    """Return the first letter of a name, for its avatar."""
    return name.strip()[:1].upper()


@register.filter
def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = name.split()
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:]))


@register.filter
def avatar_tone(name: str) -> str:
    """Return one of the four avatar tones, always the same for a name."""
    return _TONES[(zlib.crc32(name.encode()) >> 7) % len(_TONES)]


@register.filter
def language_tag(locale: str) -> str:
    """Return the HTML language tag of a locale: `da_DK` is `da-DK`."""
    return (locale or formats.DEFAULT_LOCALE).replace("_", "-")


@register.simple_tag(takes_context=True)
def theme_link(context: Context) -> SafeString:
    """Return the links to the theme sheet and the page's icon: in `theme_color` (a merchant's), otherwise in the brand's color.

    The default color needs no sheet: it is in the tokens.
    """
    brand = context.get("brand")
    speaker = brand if isinstance(brand, PageBrand) else default_brand()
    color = context.get("theme_color") or speaker.brand_color or DEFAULT
    shown = to_hex(parse(color)).removeprefix("#")
    drawn = f"{zlib.crc32(speaker.mark.encode()):08x}"
    page_icon = format_html('<link rel="icon" type="image/svg+xml" href="{}?{}">', reverse("theme_icon", args=[shown]), drawn)
    if f"#{shown}" == DEFAULT:
        return page_icon
    return format_html('<link rel="stylesheet" href="{}">{}', reverse("theme", args=[shown]), page_icon)


@register.filter
def readable(color: str) -> str:
    """Return a brand color as hex, darkened if white letters on it would be unreadable; for mail, which has no tokens."""
    return derive_theme(color or DEFAULT).light.brand


@register.simple_tag
def menu(name: str) -> tuple[MenuItem, ...]:
    """Return the items of a portal's menu: `consumer` or `merchant`."""
    return MENUS[name]


@register.simple_tag
def money_parts(captured: int, refunded: int, left: int, released: int = 0) -> list[Segment]:
    """Return the segments of an order's money bar from minor units."""
    return money_segments(captured, refunded, left, released)


@register.simple_tag
def steps_of(done: int, of: int, late: int | str = 0) -> list[str]:
    """Return the classes of a progress row: `on` for each done, `off` for each late one after those, empty for the rest."""
    missed = int(late or 0)
    return ["on"] * int(done) + ["off"] * missed + [""] * max(0, int(of) - int(done) - missed)


@register.filter
def times(count: int) -> range:
    """Return a range to repeat something `count` times."""
    return range(int(count))


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    """Return the value of a key, None when it is missing."""
    return mapping.get(key)
