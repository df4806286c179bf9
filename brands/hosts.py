"""The hosts that a live installation accepts: those of its settings, and those of its brands."""

from collections.abc import Iterator


class Hosts(list[str]):
    """The hosts of the settings, followed by the brands' own, which are read when none before them matches."""

    def __iter__(self) -> Iterator[str]:
        """Yield each host."""
        from brands.queries import list_brands

        yield from super().__iter__()
        yield from (brand.domain for brand in list_brands() if brand.domain)
