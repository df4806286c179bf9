"""`manage.py decisions replay`: repeat credit decisions from what was stored with them."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import NotFound
from core.ids import parse_id
from core.money import Money
from credit import rules
from credit.models import Decision
from credit.replaying import Replayed, replay, replay_all, replay_reviews


class Command(BaseCommand):
    """Repeats decisions."""

    help = "Repeat credit decisions from their stored inputs: by the version that made them, or by another, to see what would change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what is repeated, and by which version."""
        acts = parser.add_subparsers(dest="what", required=True)
        repeating = acts.add_parser("replay", help="repeat decisions, and name the first that differs")
        repeating.add_argument("decision", nargs="*", help="public ids of decisions, such as dec_...")
        repeating.add_argument("--all", action="store_true", help="every decision")
        repeating.add_argument("--under", choices=list(rules.SCORECARDS), default="", help="the version of another scorecard")

    def handle(self, *args: Any, **options: Any) -> None:
        """Repeat them; CommandError if one by its own version is not as it was stored, or if nothing is named."""
        if options["all"] == bool(options["decision"]):
            raise CommandError("Name decisions, or give --all.")
        under = options["under"]
        try:
            found = replay_all(version=under) if options["all"] else [replay(_find(name), version=under) for name in options["decision"]]
            self._tell(found, under)
            if options["all"] and not under:
                self._tell_reviews()
        except KeyError as unknown:
            raise CommandError(f"There is no scorecard {unknown}: a decision was made by a version that this program lacks.") from None

    def _tell(self, found: Any, under: str) -> None:
        whole = same = 0
        first: Replayed | None = None
        moved, limits = Counter[tuple[str, str]](), Counter[str]()
        for one in found:
            whole += 1
            same += not one.differences
            if one.differences:
                first = first or one
                moved[(one.decision.outcome, one.verdict.outcome)] += 1
                limits[one.decision.currency] += one.verdict.limit_minor - one.decision.limit_minor
        self.stdout.write(f"{same} of {whole} identical")
        if first is None:
            return
        told = "; ".join(f"{name}: {stored}, now {now}" for name, (stored, now) in first.differences.items())
        self.stdout.write(f"The first that differs is {first.decision.public_id}, by {first.version}: {told}")
        if not under:
            raise CommandError(f"{whole - same} of {whole} decisions are not as they were stored.")
        for (before, after), count in sorted(moved.items()):
            self.stdout.write(f"{before} -> {after}: {count}")
        for currency, minor in sorted(limits.items()):
            self.stdout.write(f"limits together: {'+' if minor >= 0 else ''}{Money(minor, currency).text()}")

    def _tell_reviews(self) -> None:
        """Repeat the daily reviews that moved limits; nothing is said where there is none."""
        whole = same = 0
        first = ""
        for made, differs in replay_reviews():
            whole += 1
            same += not differs
            if differs and not first:
                told = "; ".join(f"{name}: {stored}, now {now}" for name, (stored, now) in differs.items())
                first = f"The first that differs is {made.public_id}, by {made.version}: {told}"
        if whole:
            self.stdout.write(f"reviews of limits: {same} of {whole} identical")
        if first:
            self.stdout.write(first)
            raise CommandError(f"{whole - same} of {whole} reviews are not as they were stored.")


def _find(name: str) -> Decision:
    try:
        return Decision.objects.get(pk=parse_id(Decision.PREFIX, name))
    except (NotFound, Decision.DoesNotExist):
        raise CommandError(f"There is no decision {name}.") from None
