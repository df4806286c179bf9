"""`manage.py cap_histories`: random lives under the most aggressive fees, each counted by an oracle written apart from the caps."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from core.clock import now
from simulation.cap_histories.law import LAWS
from simulation.cap_histories.running import Tally, live_all

SHOWN = 10
"""How many breaches are printed in full."""


class Command(BaseCommand):
    """Prints how many fees were tried, cut and refused, and each breach of a cap; ends with exit code 1 if there is one."""

    help = "Live random lives with the most aggressive fees and count every fee by an oracle that does not use the product's caps."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the market, the number of lives, the seed, and the fault to plant."""
        parser.add_argument("--market", choices=sorted(LAWS), required=True, help="a market, or US-CA for California")
        parser.add_argument("--count", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--served", type=int, help="lives through the services and the database; one in a hundred if not given")
        parser.add_argument("--plant", default="", metavar="CAP", help="leave this cap out, to see that the oracle finds it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Live, count, print."""
        if not settings.SANDBOX:
            raise CommandError("Lives are lived in a sandbox only.")
        count, served = options["count"], options["served"]
        served = max(1, count // 100) if served is None else served
        if not 0 <= served <= count or count < 1:
            raise CommandError("--count is at least 1, and --served at most that.")
        tally, began = Tally(), time.monotonic()
        told = {name: options[name] for name in ("market", "seed", "plant")}
        lived = live_all(**told, day=now().date(), count=count, served=served, tally=tally)
        for _ in tqdm(lived, total=count, unit="life", disable=not options["verbosity"]):
            pass
        self._print(tally, options, count - served, served, time.monotonic() - began)
        if tally.breaches or tally.needless or tally.errors:
            raise SystemExit(1)

    def _print(self, tally: Tally, options: dict[str, Any], quick: int, served: int, seconds: float) -> None:
        write = self.stdout.write
        write(
            f"{options['market']}, seed {options['seed']}: {quick} lives by the rules alone, {served} through the services and the database"
        )
        ended = f"{tally.whole} charged whole, {tally.cut} cut, {tally.refused} refused, {tally.unasked} not asked for"
        write(f"{tally.tried} fees tried: {ended}")
        for name, times in tally.caps.most_common():
            write(f"{times:>10} cut or refused by {name}")
        write(f"{(quick + served) / seconds:.0f} lives a second")
        write(f"{len(tally.breaches)} breaches, {len(tally.needless)} cut without need, {len(tally.errors)} errors or faults of the books")
        for line in (*tally.breaches[:SHOWN], *tally.needless[:SHOWN], *tally.errors[:SHOWN]):
            write(f"         {line}")
