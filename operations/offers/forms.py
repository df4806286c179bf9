"""Forms of products and settings; rates in percent and amounts in currency units, in the reader's number format."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.classes import Classes
from brands.queries import list_brands
from core import clock
from core.amounts import AmountField, NumberField
from core.moments import desk_locale
from markets.catalog import MOST, TEXT
from markets.models import Market
from markets.parts import WHOLE, Part, Spec
from merchants.models import Merchant
from plans.queries import list_products
from plans.rules.scopes import CLASS_AXES, replaceable
from plans.rules.terms import CHOICES, LISTS, NUMBERS, STANDS_FOR
from plans.texts import CHOICES as WORDS
from plans.texts import TERMS, product_name

RENAMED = {
    "rate_bps": "rate",
    "shop_rate_bps": "shop_rate",
    "service_minor": "service",
    "service_bps": "service_share",
    "service_most_minor": "service_most",
    "deposit_bps": "deposit",
    "minimum_minor": "minimum",
    "maximum_minor": "maximum",
}
"""Names of form fields, by the column whose unit they convert."""
FIRST, LAST = MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 12, 31))
"""The dates for which payments can be shown."""


def _choice(name: str) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[(one, WORDS[name][one]) for one in CHOICES[name]], label=TERMS[name])


def _starting() -> forms.DateField:
    shown = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    label = gettext_lazy("Show the payments as if the shop sent the goods on")
    return forms.DateField(required=False, widget=shown, validators=[FIRST, LAST], label=label)


def _several(name: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "desk-checks"}), label=TERMS[name])


def _words(name: str, hint: Any) -> forms.CharField:
    return forms.CharField(required=False, max_length=8_000, widget=forms.Textarea(attrs={"rows": 2}), label=TERMS[name], help_text=hint)


def _number(name: str, **options: Any) -> forms.IntegerField:
    least, most = NUMBERS[name]
    return forms.IntegerField(**{"min_value": least, "max_value": most, "label": TERMS[name]} | options)


def _units(currency: str, **options: Any) -> AmountField:
    where = _("In %(currency)s") % {"currency": currency}
    return AmountField(currency=currency, locale=desk_locale(), help_text=where, **options)


def _percent(most_bps: int, **options: Any) -> NumberField:
    return NumberField(decimals=2, locale=desk_locale(), most=most_bps, **options)


class DayForm(forms.Form):
    """The first date of a change, and its reason."""

    starts_on = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[LAST],
        label=gettext_lazy("From the day, where the market is"),
    )
    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today

    def clean_starts_on(self) -> date:
        """Refuse a date in the past."""
        day: date = self.cleaned_data["starts_on"]
        if day < self.today:
            raise forms.ValidationError(_("This day has passed."))
        return day

    def name_faults(self, found: Mapping[str, str]) -> None:
        """Show the errors of a service or rule at their fields."""
        for name, fault in found.items():
            own = RENAMED.get(name, name)
            self.add_error(own if own in self.fields else None, fault)


class AmountForm(forms.Form):
    """An amount for the quotes, in units of the market's currency, in the reader's number format."""

    starting = _starting()

    def __init__(self, *args: Any, market: Market, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["amount"] = _units(market.currency, label=_("Also show the payments for"), required=False)
        self.order_fields(("amount", "starting"))


class TermsForm(DayForm):
    """The terms of a version, with amounts in units of the market's currency, and one more amount for the quotes."""

    name = forms.CharField(max_length=60, label=TERMS["name"], help_text=gettext_lazy("Such as: 3 payments, In 14 days, 9 months"))
    count = _number("count")
    interval = _choice("interval")
    interval_days = _number("interval_days", required=False)
    first = _choice("first")
    remainder = _choice("remainder")
    refund_rule = _choice("refund_rule")
    audience = _choice("audience")
    skipped = _number("skipped", required=False)
    day_rule = _choice("day_rule")
    brands = _several("brands")
    shops = _words("shops", gettext_lazy("Their short names, one a line; none for all shops"))
    trades = _words("trades", gettext_lazy("What they sell, as their accounts say, one a line; none for all shops"))
    classes = _several("classes")
    stands_for = forms.ChoiceField(required=False, label=TERMS["stands_for"])
    starting = _starting()
    position = forms.IntegerField(min_value=1, max_value=NUMBERS["position"][1] + 1, label=TERMS["position"])
    field_order = (
        *("name", "count", "interval", "interval_days", "first", "skipped", "day_rule", "rate", "shop_rate"),
        *("service", "service_share", "service_most", "deposit", "minimum", "maximum"),
        *("remainder", "refund_rule", "position", "audience", *LISTS, STANDS_FOR, "starts_on", "reason", "amount", "starting"),
    )

    def __init__(self, *args: Any, market: Market, code: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["rate"] = _percent(NUMBERS["rate_bps"][1], label=_("Interest a year, in percent"))
        self.fields["shop_rate"] = _percent(
            NUMBERS["shop_rate_bps"][1], label=_("Interest a year that the shop pays, in percent"), required=False
        )
        self.fields["service"] = _units(market.currency, label=TERMS["service_minor"], required=False)
        self.fields["service_share"] = _percent(
            NUMBERS["service_bps"][1], label=_("Service fee beside it, in percent of what is lent"), required=False
        )
        self.fields["service_most"] = _units(market.currency, label=TERMS["service_most_minor"], required=False)
        self.fields["minimum"] = _units(market.currency, label=TERMS["minimum_minor"])
        self.fields["maximum"] = _units(market.currency, label=TERMS["maximum_minor"])
        self.fields["amount"] = _units(market.currency, label=_("Also show the payments for"), required=False)
        self.fields["deposit"] = _percent(NUMBERS["deposit_bps"][1], label=_("Deposit, in percent of the price"), required=False)
        self._offer("brands", [(one.code, one.name) for one in list_brands()])
        self._offer("classes", [(f"{axis}:{code}", title) for axis in CLASS_AXES for code, title in Classes(axis).items()])
        others = replaceable(code, list_products(market.code, clock.now()))
        self._offer(STANDS_FOR, [("", _("None: it is offered beside the others"))] + [(one.code, product_name(one)) for one in others])
        self.market = market
        self.order_fields(self.field_order)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_shops(self) -> list[str]:
        """Refuse a shop that there is not in the market."""
        wanted = list(dict.fromkeys(self.cleaned_data["shops"].split()))
        known = set(Merchant.objects.filter(market=self.market, slug__in=wanted).values_list("slug", flat=True))
        if missing := [one for one in wanted if one not in known]:
            raise forms.ValidationError(_("There is no shop of this name in the market: %(names)s") % {"names": ", ".join(missing)})
        return wanted

    def clean_trades(self) -> list[str]:
        """Return the trades, each once."""
        lines = (one.strip() for one in self.cleaned_data["trades"].splitlines())
        return list(dict.fromkeys(one for one in lines if one))

    def terms(self) -> dict[str, Any]:
        """Return the terms as plain values, amounts in minor units."""
        given = self.cleaned_data
        alike = ("name", "count", "interval", "first", "remainder", "refund_rule", "audience", "day_rule", *LISTS, STANDS_FOR)
        plain = {name: given[name] for name in alike}
        return plain | {
            "interval_days": given["interval_days"] or 0,
            "skipped": given["skipped"] or 0,
            "deposit_bps": given["deposit"] or 0,
            "rate_bps": given["rate"],
            "shop_rate_bps": given["shop_rate"] or 0,
            "service_minor": given["service"] or 0,
            "service_bps": given["service_share"] or 0,
            "service_most_minor": given["service_most"] or 0,
            "minimum_minor": given["minimum"],
            "maximum_minor": given["maximum"],
            "position": given["position"] - 1,
        }


def initial_of(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first values of the form of a new version: the terms of the present one."""
    renamed = {own: terms[name] for name, own in RENAMED.items()}
    typed = {name: "\n".join(terms[name]) for name in ("shops", "trades")}
    return {**terms, **renamed, **typed, "position": terms["position"] + 1}


class NewForm(forms.Form):
    """The market and the code of a new product; the code never changes."""

    market = forms.ModelChoiceField(Market.objects.order_by("name"), label=gettext_lazy("Market"))
    code = forms.RegexField(
        r"^[a-z][a-z0-9_]{1,19}\Z",
        label=gettext_lazy("Code for programs"),
        help_text=gettext_lazy("Small letters, digits and underscores, such as pay_in_3. Shops' programs read it, and it stays for good."),
    )


class SettingForm(DayForm):
    """The parts of a setting's value, in percent and in units of the market's currency, and the legal source."""

    source = forms.CharField(max_length=200, label=gettext_lazy("Source: the law, and its place"))

    def __init__(self, *args: Any, spec: Spec, market: Market, **options: Any) -> None:
        super().__init__(*args, **options)
        self.spec, self.currency = spec, market.currency
        own = {f"part_{name}": self._field(part) for name, part in spec.parts.items()}
        self.fields = {**own, **{name: self.fields[name] for name in ("source", "starts_on", "reason")}}

    def _field(self, part: Part) -> forms.Field:
        told: dict[str, Any] = {"label": part.title, "required": not part.optional}
        none = [("", gettext_lazy("None"))] if part.optional else []
        if part.unit == "percent":
            return _percent(MOST["percent"] if part.most is None else part.most, help_text=_("In percent"), **told)
        if part.unit == "amount":
            return _units(self.currency, zero=True, **told)
        if part.unit in MOST:
            return forms.IntegerField(min_value=part.least, max_value=MOST[part.unit], **told)
        if part.unit == "yes":
            return forms.ChoiceField(choices=[*none, ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))], **told)
        if part.unit == "choice":
            return forms.ChoiceField(choices=[*none, *part.choices.items()], **told)
        short = forms.TextInput(attrs={"type": "time"} if part.unit == "hour" else {})
        widget = forms.Textarea(attrs={"rows": 6}) if (part.most or 0) > TEXT else short
        return forms.CharField(max_length=part.most or TEXT, widget=widget, **told)

    def value(self) -> Any:
        """Return the setting's value as plain values, in minor units and basis points."""
        found = {name: _plain(part, self.cleaned_data[f"part_{name}"]) for name, part in self.spec.parts.items()}
        return found[WHOLE] if self.spec.is_whole else {name: value for name, value in found.items() if value not in (None, "")}

    def name_faults(self, found: Mapping[str, str]) -> None:
        """Show the errors of a rule at their fields."""
        super().name_faults({f"part_{name}" if f"part_{name}" in self.fields else name: fault for name, fault in found.items()})


def _plain(part: Part, given: Any) -> Any:
    """Return a part as it is stored."""
    if part.unit == "yes":
        return given == "yes" if given else None
    # Browsers end the lines of a text with two characters.
    return given.replace("\r\n", "\n") if isinstance(given, str) else given


def initial_of_setting(spec: Spec, value: Any) -> dict[str, Any]:
    """Return the first values of the form of a setting: the value in force."""
    parts = {WHOLE: value} if spec.is_whole else value or {}
    known = {name: parts[name] for name in spec.parts if parts.get(name) is not None}
    return {f"part_{name}": _typed(spec.parts[name], one) for name, one in known.items()}


def _typed(part: Part, value: Any) -> Any:
    """Return a stored part as it stands in its field."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value
