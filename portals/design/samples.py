"""Sample data for the design page, in the same form as the real views give it to the templates."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms

from core.formats import day_text, money_text
from portals.charts import BarChart, Point, bar_chart, funnel

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
_ACTIONS = {"pay_in_4": "Continue with 4 payments", "pay_in_30": "Continue and pay in 30 days", "monthly_6": "Continue with 6 months"}
_OCTOBER = (120, 145, 111, 161, 193, 221, 140, 128, 152, 164, 120, 197, 241, 177, 140)
_NOVEMBER = (133, 184, 203, 154, 168, 199, 261, 193, 148, 177, 187, 211, 237, 269, 195)
_SALES = _OCTOBER + _NOVEMBER


BRAND = {
    "name": "kvart",
    "legal_name": "Kvart Finance A/S",
    "legal_lines": ["Kvart Finance A/S", "CVR 12 34 56 78", "Eksempelgade 4, 0000 Eksempelby", "Under the supervision of Finanstilsynet"],
    "mark": "quarter",
    "brand_color": "#005f3f",
    "support_email": "help@kvart.example",
}


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Full name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label="E-mail", help_text="We send the code and your receipts there.")
    income = forms.CharField(label="Monthly income after tax", required=False)
    country = forms.ChoiceField(label="Country", choices=[("US", "United States"), ("DK", "Denmark")])
    channel = forms.ChoiceField(label="Remind me by", choices=[("email", "E-mail"), ("sms", "Text message")], widget=forms.RadioSelect)
    note = forms.CharField(label="Anything we should know", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    terms = forms.BooleanField(label="I have read the agreement and the key terms")


def sample_form() -> SampleForm:
    """Return the form with one field in error."""
    return SampleForm({"name": "Anna Nielsen", "email": "anna@", "country": "DK", "channel": "email", "terms": "on"})


def frame() -> dict[str, Any]:
    """Return the values that every layout reads."""
    return {"brand": BRAND, "locale": "en_US", "sandbox": False, "now": NOW, "person": {"name": "Anna Nielsen", "sign_out_path": "#"}}


def checkout_plan() -> dict[str, Any]:
    """Return the context of the plan page of checkout."""
    later = [date(2026, 12, 6), date(2026, 12, 20), date(2027, 1, 3)]
    months = [date(2026, 12, 22), date(2027, 1, 22), date(2027, 2, 22), date(2027, 3, 22), date(2027, 4, 22), date(2027, 5, 22)]
    return {
        "shop": {"name": "Nordlys Lamps", "amount": 22900, "currency": "USD", "cancel_path": ""},
        "step": 66,
        "steps": 100,
        "limit": {"minor": 60000, "currency": "USD"},
        "late_note": "Late? We remind you first. A late fee of at most $8 can follow after 10 days.",
        "terms_path": "#terms",
        "plans": [
            _plan("pay_in_4", "4 payments", "Every two weeks · no interest, no fees", 5725, "each", 22900, 0)
            | {"checked": True, "dates": [dated("When it ships", None, 5725, "now")] + [dated("", day, 5725) for day in later]},
            _plan("pay_in_30", "In 30 days", "Tue, Dec 22 · no interest", 22900, "", 22900, 0)
            | {"dates": [dated("", date(2026, 12, 22), 22900)]},
            _plan("monthly_6", "6 months", "APR 14.9% · total $238.94", 3983, "a month", 23894, 1490)
            | {"dates": [dated("", day, 3983 if day is not months[-1] else 3979) for day in months]},
        ],
    }


def consumer_home() -> dict[str, Any]:
    """Return the context of the consumer's home."""
    return {
        "nav": "home",
        "next": {
            "due": date(2026, 12, 6),
            "minor": 5725,
            "currency": "USD",
            "note": "Nordlys Lamps, 2 of 4 · from Visa ···· 4242",
            "pay_path": "#pay",
            "move_path": "#move",
        },
        "open_count": 3,
        "purchases": [
            _purchase("Nordlys Lamps", "Next Sun, Dec 6", 1, 17175, 22900),
            _purchase("Trailhead Outdoor", "", 2, 6400, 12800) | {"pill": "Failed · pay by Nov 27", "tone": "bad"},
            _purchase("Mosaik Books", "Refund $18.00 off the last one", 3, 640, 9760),
        ],
        "lines": [
            {
                "left": 35785,
                "used": 24215,
                "limit": 60000,
                "currency": "USD",
                "pill": "Up $100 in November",
                "tone": "good",
                "note": "six payments on time",
            }
        ],
        "coming": [
            {"due": date(2026, 12, 6), "minor": 5725, "currency": "USD"},
            {"due": date(2026, 12, 11), "minor": 3200, "currency": "USD"},
            {"due": date(2026, 12, 20), "minor": 5725, "currency": "USD"},
        ],
        "help_path": "#help",
    }


def merchant_overview() -> dict[str, Any]:
    """Return the context of the merchant's overview."""
    return {
        "nav": "overview",
        "sandbox": True,
        "shop": {"name": "Nordlys Lamps"},
        "period_note": "Last 30 days, compared with the 30 before",
        "period": {
            "text": "Oct 24 – Nov 22",
            "choices": [{"label": f"Last {days} days", "href": "#period", "current": days == 30} for days in (7, 30, 90)],
        },
        "stats": [
            {"label": "Sales", "value": "$48,210", "change": "12.4%", "good": True},
            {"label": "Approval rate", "value": "87.3%", "change": "1.1 pt", "good": True},
            {"label": "Average order", "value": "$164.20", "note": "your other orders $98.70"},
            {"label": "Next payout · tomorrow", "value": "$1,846.35", "note": "14 orders, 2 refunds"},
        ],
        "sales": sales_chart(),
        "steps": funnel([("Opened", 512), ("Identified", 466), ("Approved", 407), ("Completed", 369)]),
        "funnel_note": "41 people left while choosing a plan, most on the phone.",
        "orders_path": "#orders",
        "orders": [
            _order("#10482", "A. Nielsen", "4 payments", "Captured", "good", 22900),
            _order("#10481", "M. Okafor", "30 days", "Authorized", "info", 8600) | {"ships_until": date(2026, 12, 20)},
            _order("#10480", "J. Lindqvist", "6 months", "In review", "warn", 114000),
            _order("#10479", "S. Weber", "4 payments", "Refunded $40", "mute", 15250),
        ],
    }


def mail() -> dict[str, Any]:
    """Return the context of a reminder by mail."""
    return {
        "subject": "$57.25 on Sunday, December 6",
        "heading": "Your next payment",
        "next": {"due": date(2026, 12, 6)},
        "facts": (("Purchase", "Nordlys Lamps"), ("Payment", "2 of 4"), ("Left after it", "$114.50")),
        "button_label": "Pay now or move the date",
        "button_url": "https://pay.example/payments",
    }


def sales_chart() -> BarChart:
    """Return thirty days of sales as a chart."""
    first = date(2026, 10, 24).toordinal()
    points = [
        Point(day_text(date.fromordinal(first + place), "en_US", "short"), value * 1075, money_text(value * 1075, "USD", "en_US"))
        for place, value in enumerate(_SALES)
    ]
    return bar_chart(points, lambda minor: money_text(minor, "USD", "en_US", "compact"))


def _plan(value: str, title: str, note: str, price: int, unit: str, total: int, apr_bps: int) -> dict[str, Any]:
    return {
        "value": value,
        "title": title,
        "note": note,
        "price": price,
        "unit": unit,
        "total": total,
        "apr_bps": apr_bps,
        "action": _ACTIONS[value],
    }


def dated(label: str, day: date | None, minor: int, state: str = "later") -> dict[str, Any]:
    """Return one line of a due-date list."""
    return {"label": label, "due": day, "minor": minor, "state": state}


def _purchase(name: str, note: str, done: int, left: int, whole: int) -> dict[str, Any]:
    under = f"left of {money_text(whole, 'USD', 'en_US')}"
    return {"name": name, "href": "#purchase", "note": note, "done": done, "of": 4, "minor": left, "currency": "USD", "under": under}


def _order(number: str, customer: str, plan: str, pill: str, tone: str, minor: int) -> dict[str, Any]:
    return {
        "number": number,
        "href": "#order",
        "customer": customer,
        "plan": plan,
        "pill": pill,
        "tone": tone,
        "ships_until": None,
        "minor": minor,
        "currency": "USD",
    }
