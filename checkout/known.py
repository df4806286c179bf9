"""Known values of facts as they are now, for drop-downs and words."""

from collections.abc import Iterator, Mapping

from core.formats import country_name
from markets.queries import list_markets


class Markets(Mapping[str, str]):
    """The markets by their codes, with their countries in the present language."""

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
