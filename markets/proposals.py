"""What two people agree on about a market: a value of one of its settings, from a day on, and where it comes from."""

import uuid
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.kinds import Kind, Values
from core.errors import Invalid, NotFound
from core.sentences import Sentence
from markets import services
from markets.catalog import SETTINGS, value_text
from markets.checking import check_setting
from markets.models import Market, MarketSetting
from markets.queries import find_setting, get_market

VALUE, SOURCE = "value", "source"


def subject_of_setting(market_code: str, key: str) -> str:
    """Return the subject of proposals about a setting of a market, whether or not the market has it yet."""
    return f"{market_code}:{key}"


class Setting(Kind):
    """The value of a setting of a market, and its source; whoever reads the setting has it from its day on."""

    name, about, title = "markets.setting", "offer", gettext_lazy("Setting of a market")

    def subject_name(self, subject: str) -> str:
        """Return the setting's name and the market."""
        market, key = _parts(subject)
        return f"{SETTINGS[key].title}, {market.country}"

    def zone(self, subject: str) -> str:
        """Return the market's time zone."""
        return _parts(subject)[0].time_zone

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the value and source that hold on the day; nothing where the market has no such setting."""
        market, key = _parts(subject)
        found = find_setting(market.code, key, starts_on) if starts_on else None
        return {VALUE: found.value, SOURCE: found.source} if found else {}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values that the setting cannot have; Invalid names the part."""
        market, key = _parts(subject)
        if starts_on is None:
            raise Invalid("Say from which day.", fields={"starts_on": Sentence("say from which day")})
        if set(after) != {VALUE, SOURCE} or not isinstance(after[SOURCE], str):
            raise Invalid("This cannot be changed here.")
        check_setting(key=key, value=after[VALUE], source=after[SOURCE])
        if MarketSetting.objects.filter(market=market, key=key, valid_from=starts_on).exists():
            fault = Sentence("another value begins on this day already")
            raise Invalid("Another value begins on this day already.", fields={"starts_on": fault})

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Write the setting; return it and its first day."""
        market, key = _parts(subject)
        assert starts_on is not None
        told: dict[str, Any] = {"value": after[VALUE], "source": after[SOURCE], "note": actor}
        return str(services.add_setting(market=market, key=key, valid_from=starts_on, at=at, **told))

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the value in its unit, or the source."""
        market, key = _parts(subject)
        return (_("Source"), str(value)) if name == SOURCE else (str(SETTINGS[key].title), value_text(key, value, market.currency))

    def link(self, subject: str) -> str:
        """Return the setting's page."""
        return reverse("admin:markets_market_setting", args=subject.split(":"))

    def preview(self, proposal: uuid.UUID) -> str:
        """Return the page that says which products it would touch."""
        return reverse("admin:markets_market_proposed", args=[proposal])


def _parts(subject: str) -> tuple[Market, str]:
    market, _sign, key = subject.partition(":")
    if key not in SETTINGS:
        raise NotFound("There is no such setting.")
    return get_market(market), key
