"""`manage.py open_shop`: open a shop's account, and invite its owner."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brands.models import DEFAULT
from core import clock
from core.errors import DomainError
from markets.models import Market
from merchants import services


class Command(BaseCommand):
    """Opens the account of a shop with a contract; its owner is invited by mail, and makes keys in the merchant portal."""

    help = "Open a shop's account and invite its owner by mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the facts about the shop from its contract."""
        parser.add_argument("--name", required=True, help="as consumers know it")
        parser.add_argument("--legal-name", required=True, help="as in the contract")
        parser.add_argument("--market", required=True, help="country, as US or DK")
        parser.add_argument("--brand", default=DEFAULT, help="the code of the brand that serves it, as the back office lists them")
        parser.add_argument("--payout-destination", required=True, help="its account at the payout provider: acct_... at Stripe")
        parser.add_argument("--owner-email", required=True)
        parser.add_argument("--origin", action="append", default=[], help="where its pages are: https://shop.example; may be repeated")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the shop in one unit of work."""
        market = Market.objects.filter(code=options["market"]).first()
        if market is None:
            raise CommandError(f"--market: there is none such; {', '.join(Market.objects.order_by('code').values_list('code', flat=True))}")
        try:
            merchant = services.open_shop(
                name=options["name"],
                legal_name=options["legal_name"],
                market=market,
                brand=options["brand"],
                payout_destination=options["payout_destination"],
                origins=options["origin"],
                owner_email=options["owner_email"],
                actor="install",
                at=clock.now(),
            )
        except DomainError as error:
            raise CommandError("\n".join([error.detail, *(f"  {name}: {fault}" for name, fault in error.fields.items())])) from None
        self.stdout.write(f"{merchant.public_id} {merchant.name}: {options['owner_email']} is invited by mail, as soon as workers run.")
