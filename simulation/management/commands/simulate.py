"""`manage.py simulate`: simulate consumers through many days with the real services, and check the books at the end."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from merchants.models import Merchant
from reports.digest import digest_books
from simulation.lives import draw_life
from simulation.world import World, live


class Command(BaseCommand):
    """Simulates purchases, captures, refunds, early payments, declines and late payers; the same seed gives the same result."""

    help = "Live N consumers through D days with the real services and the sandbox gateway; ends with check_books."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the number of consumers, the number of days, and the seed."""
        parser.add_argument("--consumers", type=int, default=100)
        parser.add_argument("--days", type=int, default=60)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--past", action="store_true", help="let the days end today instead of moving the clock (before workers run)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw the lives, simulate them, check the books."""
        consumers, days, seed = options["consumers"], options["days"], options["seed"]
        if not settings.SANDBOX:
            raise CommandError("A simulation runs in a sandbox only.")
        if consumers < 1 or days < 1:
            raise CommandError("--consumers and --days are at least 1.")
        # One call at a time, so that the order of charges at the gateway does not depend on chance.
        settings.CALLS_IN_FLIGHT = 1
        merchants = list(Merchant.objects.filter(active=True).select_related("market").order_by("id")[:2])
        if not merchants:
            raise CommandError("There is no merchant yet; run `manage.py seed_demo` first.")
        shops = tuple((merchant.currency, merchant.category) for merchant in merchants)
        lives = [draw_life(seed=seed, index=index, days=days, merchants=shops) for index in range(consumers)]
        world = World(merchants=merchants)
        lived = live(world=world, lives=lives, days=days, past=options["past"])
        for _ in tqdm(lived, total=days, unit="day", desc="simulate", disable=not options["verbosity"]):
            pass
        for name, count in sorted(world.tally.counts.items()):
            self.stdout.write(f"{count:>8} {name}")
        call_command("check_books", stdout=self.stdout)
        self.stdout.write(f"Digest of the books: {digest_books()}")
