"""Forms of a product's versions: terms as people read them, in percent and in whole units of the currency."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.money import MAX_MINOR, exponent, units_of
from markets.catalog import MOST, WHOLE, Part, Spec
from markets.models import Market
from plans.rules.terms import CHOICES, NUMBERS
from plans.texts import CHOICES as WORDS
from plans.texts import TERMS

RENAMED = {"rate_bps": "rate", "minimum_minor": "minimum", "maximum_minor": "maximum"}
"""The fields of terms whose form is another than their unit in the table."""


def _choice(name: str) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[(one, WORDS[name][one]) for one in CHOICES[name]], label=TERMS[name])


def _number(name: str, **options: Any) -> forms.IntegerField:
    least, most = NUMBERS[name]
    return forms.IntegerField(**{"min_value": least, "max_value": most, "label": TERMS[name]} | options)


def _units(**options: Any) -> forms.DecimalField:
    return forms.DecimalField(min_value=0, max_digits=14, **options)


class DayForm(forms.Form):
    """From which day, and why."""

    starts_on = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), label=gettext_lazy("From the day, where the market is")
    )
    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today

    def clean_starts_on(self) -> date:
        """Refuse a day that has passed."""
        day: date = self.cleaned_data["starts_on"]
        if day < self.today:
            raise forms.ValidationError(_("This day has passed."))
        return day

    def name_faults(self, found: Mapping[str, str]) -> None:
        """Show what a service or a rule found at the fields that it is about."""
        for name, fault in found.items():
            own = RENAMED.get(name, name)
            self.add_error(own if own in self.fields else None, fault)


class AmountForm(forms.Form):
    """An amount to show quotes for, in units of the market's currency."""

    def __init__(self, *args: Any, market: Market, **options: Any) -> None:
        super().__init__(*args, **options)
        self.places = exponent(market.currency)
        where = _("In %(currency)s") % {"currency": market.currency}
        self.fields["amount"] = _units(label=gettext_lazy("Also show the payments for"), help_text=where, decimal_places=self.places)

    def amount_minor(self) -> int | None:
        """Return the amount in minor units; None for nothing."""
        return min(int(self.cleaned_data["amount"].scaleb(self.places)), MAX_MINOR) or None


class TermsForm(DayForm):
    """The terms of a version; amounts in units of the market's currency, and one amount more to show quotes for."""

    name = forms.CharField(max_length=60, label=TERMS["name"], help_text=gettext_lazy("Such as: 3 payments, In 14 days, 9 months"))
    count = _number("count")
    interval = _choice("interval")
    interval_days = _number("interval_days", required=False)
    first = _choice("first")
    rate = forms.DecimalField(min_value=0, max_value=100, decimal_places=2, label=gettext_lazy("Interest a year, in percent"))
    minimum = _units(label=TERMS["minimum_minor"])
    maximum = _units(label=TERMS["maximum_minor"])
    remainder = _choice("remainder")
    refund_rule = _choice("refund_rule")
    position = forms.IntegerField(min_value=1, max_value=NUMBERS["position"][1] + 1, label=TERMS["position"])
    amount = _units(label=gettext_lazy("Also show the payments for"), required=False)
    field_order = (
        *("name", "count", "interval", "interval_days", "first", "rate", "minimum", "maximum", "remainder", "refund_rule"),
        *("position", "starts_on", "reason", "amount"),
    )

    def __init__(self, *args: Any, market: Market, **options: Any) -> None:
        super().__init__(*args, **options)
        self.currency = market.currency
        for name in ("minimum", "maximum", "amount"):
            field = self.fields[name]
            where = _("In %(currency)s") % {"currency": market.currency}
            decimals = exponent(market.currency)
            self.fields[name] = _units(label=field.label, required=field.required, help_text=where, decimal_places=decimals)

    def terms(self) -> dict[str, Any]:
        """Return the terms in plain values and minor units."""
        given = self.cleaned_data
        plain = {name: given[name] for name in ("name", "count", "interval", "first", "remainder", "refund_rule")}
        return plain | {
            "interval_days": given["interval_days"] or 0,
            "rate_bps": int(given["rate"] * 100),
            "minimum_minor": self._minor(given["minimum"]),
            "maximum_minor": self._minor(given["maximum"]),
            "position": given["position"] - 1,
        }

    def amount_minor(self) -> int | None:
        """Return the amount of the operator's choice in minor units; None where none was given."""
        given = self.cleaned_data.get("amount")
        return min(self._minor(given), MAX_MINOR) if given else None

    def _minor(self, units: Decimal) -> int:
        return int(units.scaleb(exponent(self.currency)))


def initial_of(terms: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """Return what the form of a new version begins with: the terms of the present one."""
    return dict(terms) | {
        "rate": f"{terms['rate_bps'] / 100:g}",
        "minimum": units_of(terms["minimum_minor"], currency),
        "maximum": units_of(terms["maximum_minor"], currency),
        "position": terms["position"] + 1,
    }


class NewForm(forms.Form):
    """A product that a market does not have yet: where, and its code, which never changes."""

    market = forms.ModelChoiceField(Market.objects.order_by("name"), label=gettext_lazy("Market"))
    code = forms.RegexField(
        r"^[a-z][a-z0-9_]{1,19}\Z",
        label=gettext_lazy("Code for programs"),
        help_text=gettext_lazy("Small letters, digits and underscores, such as pay_in_3. Shops' programs read it, and it stays for good."),
    )


class SettingForm(DayForm):
    """The value of a setting, part by part, in percent and in units of the market's currency, and where it comes from."""

    source = forms.CharField(max_length=200, label=gettext_lazy("Source: the law, and its place"))

    def __init__(self, *args: Any, spec: Spec, market: Market, **options: Any) -> None:
        super().__init__(*args, **options)
        self.spec, self.currency = spec, market.currency
        own = {f"part_{name}": self._field(part) for name, part in spec.parts.items()}
        self.fields = {**own, **{name: self.fields[name] for name in ("source", "starts_on", "reason")}}

    def _field(self, part: Part) -> forms.Field:
        told: dict[str, Any] = {"label": part.title, "required": not part.optional}
        if part.unit == "percent":
            most = MOST["percent"] // 100
            return forms.DecimalField(min_value=0, max_value=most, decimal_places=2, help_text=_("In percent"), **told)
        if part.unit == "amount":
            where = _("In %(currency)s") % {"currency": self.currency}
            return _units(decimal_places=exponent(self.currency), help_text=where, **told)
        if part.unit in MOST:
            return forms.IntegerField(min_value=part.least, max_value=MOST[part.unit], **told)
        if part.unit == "yes":
            return forms.ChoiceField(choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))], **told)
        if part.unit == "choice":
            return forms.ChoiceField(choices=list(part.choices.items()), **told)
        return forms.CharField(max_length=200, widget=forms.TextInput(attrs={"type": "time"} if part.unit == "hour" else {}), **told)

    def value(self) -> Any:
        """Return the setting's value in plain values, minor units and basis points."""
        found = {name: self._plain(part, self.cleaned_data[f"part_{name}"]) for name, part in self.spec.parts.items()}
        return found[WHOLE] if self.spec.is_whole else {name: value for name, value in found.items() if value is not None}

    def _plain(self, part: Part, given: Any) -> Any:
        if part.unit == "percent":
            return int(given * 100)
        if part.unit == "amount":
            return None if given is None else int(given.scaleb(exponent(self.currency)))
        return given == "yes" if part.unit == "yes" else given

    def name_faults(self, found: Mapping[str, str]) -> None:
        """Show what a rule found at the part that it is about."""
        super().name_faults({f"part_{name}" if f"part_{name}" in self.fields else name: fault for name, fault in found.items()})


def initial_of_setting(spec: Spec, value: Any, currency: str) -> dict[str, Any]:
    """Return what the form of a setting begins with: the value that holds."""
    parts = {WHOLE: value} if spec.is_whole else value or {}
    return {f"part_{name}": _shown(part, parts[name], currency) for name, part in spec.parts.items() if parts.get(name) is not None}


def _shown(part: Part, value: Any, currency: str) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if part.unit == "percent":
        return f"{value / 100:g}"
    return units_of(value, currency) if part.unit == "amount" else value
