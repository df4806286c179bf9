"""`manage.py brand CODE --set name=... --set domain=...`: make a brand, or change one; without a code, list all."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brands import services
from brands.models import Brand
from brands.queries import FIELDS, list_brands
from core import clock
from core.errors import DomainError

SETTABLE = tuple(name for name in FIELDS if name not in {"code", "texts"})
ACTOR = "install"


class Command(BaseCommand):
    """Creates a brand, changes fields of one, or lists all."""

    help = "Make or change a brand: a name, a look and a lender on a host of its own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the brand's code and its fields."""
        parser.add_argument("code", nargs="?", default="", help="lower case letters, digits and hyphens; main is the first brand")
        parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help=f"one of: {', '.join(SETTABLE)}")
        parser.add_argument(
            "--tagline", action="append", default=[], metavar="LANGUAGE=TEXT", help="the brand's own sentence in a language"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the brand, or list all; CommandError names each field at fault."""
        if not options["code"]:
            for brand in list_brands():
                self.stdout.write(f"{brand.code:<16} {brand.base_url:<40} {brand.name}, {brand.legal_name}")
            return
        fields = _pairs(options["set"], SETTABLE)
        if options["tagline"]:
            fields["texts"] = {language: {"tagline": text} for language, text in _pairs(options["tagline"]).items()}
        try:
            if Brand.objects.filter(code=options["code"]).exists():
                row = services.change_brand(code=options["code"], changes=fields, actor=ACTOR, at=clock.now())
            else:
                row = services.make_brand(code=options["code"], **fields, actor=ACTOR, at=clock.now())
        except DomainError as error:
            raise CommandError("\n".join([error.detail, *(f"  {name}: {fault}" for name, fault in error.fields.items())])) from None
        self.stdout.write(f"{row.code}: {row.name}, {row.legal_name}, at {row.domain or 'the address of BNPL_BASE_URL'}")


def _pairs(given: list[str], known: tuple[str, ...] = ()) -> dict[str, Any]:
    pairs = dict(pair.partition("=")[::2] for pair in given)
    if unknown := pairs.keys() - known if known else set():
        raise CommandError(f"There is no field {', '.join(sorted(unknown))}. Fields: {', '.join(known)}")
    return pairs
