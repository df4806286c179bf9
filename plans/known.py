"""Current values of facts, for drop-downs and texts, and facts that several kinds of rules share."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from controls.rules.facts import Fact, FactType
from controls.units import DUES
from core.formats import country_name
from markets.queries import list_markets
from plans.models import Product
from plans.texts import product_name


class Markets(Mapping[str, str]):
    """The markets: codes mapped to translated country names."""

    def __getitem__(self, code: str) -> str:
        """Return a country's name; KeyError."""
        if all(one.code != code for one in list_markets()):
            raise KeyError(code)
        return country_name(code) or code

    def __iter__(self) -> Iterator[str]:
        """Go through the codes."""
        return iter(sorted(one.code for one in list_markets()))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(list_markets())


MARKETS = Markets()
MARKET_FACT = Fact("market", FactType.TEXT, _("the market"), _("The country in which the person buys."), "DK", choices=MARKETS)


class Plans(Mapping[str, str]):
    """The products that are or were on offer in any market: codes mapped to the translated name of the newest version."""

    def __getitem__(self, code: str) -> str:
        """Return a name; KeyError."""
        found = Product.objects.filter(code=code).order_by("-id").first()
        if found is None:
            raise KeyError(code)
        return product_name(found)

    def __iter__(self) -> Iterator[str]:
        """Go through the codes."""
        return iter(Product.objects.order_by("code").values_list("code", flat=True).distinct())

    def __len__(self) -> int:
        """Return how many there are."""
        return Product.objects.values("code").distinct().count()


PLANS = Plans()
ON_TIME_SINCE = Fact(
    "on_time_since",
    FactType.WHOLE,
    _("the number of installments paid on time since the last late one"),
    _("With us, of the last 12 months."),
    6,
    DUES,
)
