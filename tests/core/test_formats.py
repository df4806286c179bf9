"""Money, dates and numbers in local form."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template

from core import formats
from core.money import Money

SUNDAY = date(2026, 12, 6)
NBSP = "\xa0"


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (5725, "USD", "en_US", "$57.25"),
        (5725, "DKK", "da_DK", f"57,25{NBSP}kr."),
        (5725, "SEK", "sv_SE", f"57,25{NBSP}kr"),
        (5725, "EUR", "de-DE", f"57,25{NBSP}€"),
        (5725, "GBP", "en_GB", "£57.25"),
        (-150, "USD", "en_US", "-$1.50"),
        (5725, "JPY", "en_US", "¥5,725"),
        (10**15 + 1, "USD", "en_US", "$10,000,000,000,000.01"),
    ],
)
def test_money_is_written_as_its_people_do(minor, currency, locale, text):
    assert formats.money_text(minor, currency, locale) == text


@pytest.mark.parametrize(
    ("minor", "style", "text"),
    [
        (60000, "trim", "$600"),
        (60050, "trim", "$600.50"),
        (4821049, "round", "$48,210"),
        (300000, "compact", "$3K"),
        (250000, "compact", "$2.5K"),
    ],
)
def test_money_can_be_written_short(minor, style, text):
    assert formats.money_text(minor, "USD", "en_US", style) == text


@pytest.mark.parametrize(("locale", "text"), [("de_DE", "3.000 DKK"), ("da_DK", "3 t kr.")])
def test_an_axis_where_thousands_have_no_short_form_groups_them(locale, text):
    assert formats.money_text(300_000, "DKK", locale, "compact").replace("\xa0", " ") == text


@pytest.mark.parametrize(
    ("locale", "text"), [("en_US", "Copenhagen"), ("da_DK", "København"), ("de_DE", "Kopenhagen"), ("sv_SE", "Köpenhamn")]
)
def test_a_time_zone_is_named_by_its_city(locale, text):
    assert formats.city_text("Europe/Copenhagen", locale) == text


@pytest.mark.parametrize(
    ("locale", "style", "text"),
    [
        ("en_US", "day", "Sun, Dec 6"),
        ("da_DK", "day", "søn. 6. dec."),
        ("en_US", "short", "Dec 6"),
        ("en_US", "long", "Sunday, December 6"),
        ("da_DK", "long", "søndag den 6. december"),
        ("de_DE", "long", "Sonntag, 6. Dezember"),
        ("sv_SE", "long", "söndag 6 december"),
        ("en_US", "year", "Dec 6, 2026"),
        ("en_US", "month", "December 2026"),
    ],
)
def test_days_are_written_with_their_weekday(locale, style, text):
    assert formats.day_text(SUNDAY, locale, style) == text


@pytest.mark.parametrize(("bps", "locale", "text"), [(1490, "en_US", "14.9%"), (0, "en_US", "0%"), (1495, "da_DK", f"14,95{NBSP}%")])
def test_basis_points_are_written_as_a_percentage(bps, locale, text):
    assert formats.percent_text(bps, locale) == text


@pytest.mark.parametrize(("days", "text"), [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (5, "in 5 days"), (-9, "9 days ago")])
def test_days_are_seen_from_today(days, text):
    assert formats.relative_day_text(SUNDAY + timedelta(days=days), SUNDAY, "en_US") == text


@pytest.mark.parametrize(("minutes", "text"), [(0, "just now"), (-5, "5 minutes ago"), (120, "in 2 hours")])
def test_moments_are_seen_from_now(minutes, text):
    now = datetime(2026, 12, 6, 10, 42, tzinfo=UTC)
    assert formats.relative_time_text(now + timedelta(minutes=minutes), now, "en_US") == text


@pytest.mark.parametrize(
    ("source", "context", "text"),
    [
        ('{% money 5725 "USD" %}', {}, "$57.25"),
        ('{% money 5725 "DKK" %}', {"locale": "da_DK"}, f"57,25{NBSP}kr."),
        ("{% money price %}", {"price": Money(5725, "USD")}, "$57.25"),
        ('{% money missing "USD" %}', {}, "–"),
        ('{% money none "USD" %}', {"none": None}, "–"),
        ("{% due day %}", {"day": SUNDAY}, "Sun, Dec 6"),
        ("{% due day %}", {"day": None}, "–"),
        ("{% moment at %}", {"at": datetime(2026, 12, 6, 14, 5, tzinfo=UTC), "locale": "da_DK"}, "6. dec. 2026, 14.05"),
        ("{% relative day %}", {"day": SUNDAY, "now": datetime(2026, 12, 4, tzinfo=UTC)}, "in 2 days"),
        ("{% percent 1490 %} {% number 12345 %}", {}, "14.9% 12,345"),
        ("{{ name|initials }}{{ name|initial }}", {"name": "Anna Maria Nielsen"}, "ANA"),
        ("{{ name|initials }}", {"name": ""}, ""),
        ("{{ locale|language_tag }}", {"locale": "da_DK"}, "da-DK"),
        ("{{ color|readable }}", {"color": "#ffd400"}, "#836b00"),
    ],
)
def test_tags_write_in_the_locale_of_the_page(source, context, text):
    assert Template(source).render(Context(context)) == text


def test_an_icon_is_hidden_from_screen_readers_unless_it_has_a_label():
    drawn = Template('{% icon "check" %}|{% icon "check" "mini" "Paid <b>" %}').render(Context())
    quiet, told = drawn.split("|")
    assert 'aria-hidden="true"' in quiet
    assert 'class="icon"' in quiet
    assert 'role="img"' in told
    assert 'aria-label="Paid &lt;b&gt;"' in told
