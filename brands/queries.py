"""Queries of brands. Each process caches all brands for some seconds, and reads them again after a change of its own."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.translation import get_language

from brands.models import DEFAULT, Brand, BrandChange
from brands.rules import QUARTER, read_mark
from core.errors import NotFound
from core.remembered import Remembered

log = logging.getLogger("bnpl.brands")
FIELDS = (
    *("code", "name", "domain", "legal_name", "register_number", "address", "supervision", "color", "mark", "mail_address", "sms_sender"),
    *("support_email", "support_phone", "support_hours", "texts"),
)


@dataclass(frozen=True, slots=False)
class PageBrand:
    """A frozen brand for pages, letters and API answers."""

    code: str
    name: str
    domain: str | None
    legal_name: str
    address: str
    mail_address: str
    support_email: str
    register_number: str = ""
    supervision: str = ""
    color: str = ""
    mark: str = QUARTER
    sms_sender: str = ""
    support_phone: str = ""
    support_hours: str = ""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    @property
    def brand_color(self) -> str:
        """The color, under the same name as a shop's; empty for the default color of the design."""
        return self.color

    @property
    def base_url(self) -> str:
        """The address of the brand's pages: the installation's own for the default brand, else that with the brand's host."""
        if not self.domain:
            return str(settings.BASE_URL)
        own = urlsplit(settings.BASE_URL)
        host = f"[{self.domain}]" if ":" in self.domain else self.domain
        return urlunsplit((own.scheme, f"{host}:{own.port}" if own.port else host, "", "", ""))

    @property
    def host(self) -> str:
        """The host of the brand's pages, without a port."""
        return self.domain or urlsplit(settings.BASE_URL).hostname or ""

    @cached_property
    def paths(self) -> tuple[tuple[str, bool], ...]:
        """The paths of the logo mark, each with whether it is drawn pale; empty if the mark is the first letter of the name."""
        return read_mark(self.mark)

    @property
    def tagline(self) -> str:
        """The tagline in the active language, else in English; empty if there is none."""
        return self.text("tagline")

    @property
    def supervised(self) -> str:
        """The supervisor, in the active language if translated, else as stored; empty if there is none."""
        return self._said("supervision") or self.supervision or self.text("supervision")

    @property
    def legal(self) -> str:
        """A further legal sentence in the active language, else in English; empty if there is none."""
        return self.text("legal")

    @property
    def legal_lines(self) -> list[str]:
        """The lender's legal entity, register number, address and supervisor, without empty ones."""
        return [line for line in (self.legal_name, self.register_number, self.address, self.supervised) if line]

    def text(self, name: str) -> str:
        """Return one of the brand's own texts in the active language, else in English; empty if there is none."""
        return self._said(name) or str((self.texts.get(settings.LANGUAGE_CODE) or {}).get(name, ""))

    def _said(self, name: str) -> str:
        language = (get_language() or settings.LANGUAGE_CODE).partition("-")[0]
        return str((self.texts.get(language) or {}).get(name, ""))


def by_settings() -> PageBrand:
    """Return the default brand from the environment variables; its row is first made from this."""
    told = settings.BRAND
    return PageBrand(
        code=DEFAULT,
        name=told["name"],
        domain=None,
        legal_name=told["legal_name"],
        address=told["address"],
        mail_address=settings.DEFAULT_FROM_EMAIL,
        support_email=told["support_email"],
        supervision=told.get("supervision", ""),
        color=told["brand_color"],
    )


def _read_brands() -> Mapping[str, PageBrand]:
    try:
        return {row["code"]: PageBrand(**row) for row in Brand.objects.order_by("code").values(*FIELDS)}
    except DatabaseError:
        # The error page needs a brand even without a database, and before the first migration there is no table.
        log.warning("brands cannot be read")
        return known_brands.value or {}


known_brands: Remembered[Mapping[str, PageBrand]] = Remembered(_read_brands, seconds=2)
"""All brands, by code."""


def get_brand(code: str | None) -> PageBrand:
    """Return a brand by its code, from the cache; NotFound."""
    found = known_brands().get(code or "")
    if found is None and code == DEFAULT:
        return by_settings()
    if found is None:
        raise NotFound("There is no such brand.")
    return found


def default_brand() -> PageBrand:
    """Return the brand at the installation's own address."""
    return get_brand(DEFAULT)


def house_name() -> str:
    """Return the name of the installation's operator, for the back office: its setting, else the only brand; empty if there are several.

    A back office serves all brands at any host, so with several brands it does not have the name of one.
    """
    brands = list_brands()
    return str(settings.BACK_OFFICE_NAME) or (brands[0].name if len(brands) == 1 else "")


def list_brands() -> list[PageBrand]:
    """Return all brands, the default one first, then by name."""
    known = known_brands().values() or [by_settings()]
    return sorted(known, key=lambda brand: (brand.code != DEFAULT, brand.name.lower(), brand.code))


def find_by_host(host: str) -> PageBrand | None:
    """Return the brand of a host, which may include a port; None for a host of no brand."""
    name = split_domain_port(host)[0].strip("[]")
    return next((brand for brand in list_brands() if brand.host == name), None)


def brand_of(request: HttpRequest | None) -> PageBrand:
    """Return the brand of a request; the default brand without a request, or at a host of no brand."""
    found: PageBrand | None = getattr(request, "brand", None)
    return found or default_brand()


def brand_history(code: str, limit: int = 50) -> list[BrandChange]:
    """Return the changes of a brand, newest first."""
    return list(BrandChange.objects.filter(brand_id=code).order_by("-number", "-id")[:limit])


def version_of(code: str) -> int:
    """Return the number of the newest change of a brand, 0 before the first; documents keep it, to tell how the brand was."""
    newest = BrandChange.objects.filter(brand_id=code).order_by("-number").values_list("number", flat=True).first()
    return newest or 0


def lock_brand(code: str) -> Brand:
    """Return a brand's row, locked until the transaction ends; NotFound."""
    found = Brand.objects.select_for_update().filter(code=code).first()
    if found is None:
        raise NotFound("There is no such brand.")
    return found


def values_of(row: Brand) -> dict[str, Any]:
    """Return the fields of a brand's row that people change, as plain values."""
    return {name: getattr(row, name) for name in FIELDS if name != "code"}
