"""The host names that a live installation answers to: those in its settings, and those of its brands."""

from collections.abc import Iterator


class Hosts(list[str]):
    """The hosts in the settings, then the brands' hosts, which are read from the database only if none of the first matches."""

    def __iter__(self) -> Iterator[str]:
        """Yield each host."""
        from brands.queries import list_brands

        yield from super().__iter__()
        yield from (brand.domain for brand in list_brands() if brand.domain)
