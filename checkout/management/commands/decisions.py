"""`manage.py decisions replay`: repeat credit decisions from what was stored with them."""

from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checkout.models import ShownOffer
from checkout.services.assessing import replay_assessed
from checkout.showing import in_words, replay_shown
from controls.queries import get_rules
from controls.rules.reading import Faults
from core.errors import NotFound
from core.ids import parse_id
from core.money import Money
from credit import rules
from credit.models import Decision
from credit.replaying import Replayed, cases_of, replay, replay_all, replay_reviews
from credit.scoring import Held
from credit.supposing import RULE_SETS, Supposed, list_reigns
from fraud.replaying import replay_assessments
from learning.decided import foreign_columns, named
from learning.errors import Damaged, NoModel
from learning.models import Family, Kind
from learning.queries import get_named, scorer_of

KINDS = {"scorecard": Kind.SCORECARD.value, "challenger": Kind.BOOSTED.value}
EXAMPLES = 3


class Command(BaseCommand):
    """Repeats decisions."""

    help = (
        "Repeat credit decisions from their stored inputs: by what made them, or by another model, rules or law, to see what would change."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what is repeated, and with what in place of what decided."""
        acts = parser.add_subparsers(dest="what", required=True)
        repeating = acts.add_parser("replay", help="repeat decisions, and name the first that differs")
        repeating.add_argument("decision", nargs="*", help="public ids of decisions, such as dec_...")
        repeating.add_argument("--all", action="store_true", help="every decision")
        repeating.add_argument("--under", choices=list(rules.SCORECARDS), default="", help="the version of another scorecard")
        repeating.add_argument("--model", default="", help="NAME@VERSION of a model of credit, as if it were champion")
        repeating.add_argument("--by", choices=list(KINDS), default="scorecard", help="which of the two models of that version")
        repeating.add_argument("--rules", action="append", default=[], help=f"SET@VERSION of rules ({', '.join(RULE_SETS)}); several times")
        repeating.add_argument("--law", type=date.fromisoformat, help="a day (YYYY-MM-DD) whose law asks what is affordable")

    def handle(self, *args: Any, **options: Any) -> None:
        """Repeat them; CommandError if one by its own version is not as it was stored, or if nothing is named."""
        if options["all"] == bool(options["decision"]):
            raise CommandError("Name decisions, or give --all.")
        try:
            what = _supposed(options)
            found = replay_all(what=what) if options["all"] else map(partial(_replay_one, what), options["decision"])
            self._tell(found, what)
            if options["all"] and not what:
                self._tell_reviews()
                self._tell_assessed()
                self._tell_fraud()
                self._tell_all_shown()
            elif not options["all"]:
                self._tell_shown(options["decision"])
        except KeyError as unknown:
            raise CommandError(f"There is no scorecard {unknown}: a decision was made by a version that this program lacks.") from None
        except (NoModel, Damaged, NotFound, Faults) as fault:
            raise CommandError(str(fault)) from fault

    def _tell(self, found: Iterable[Replayed], what: Supposed) -> None:
        whole = same = unknown = 0
        first: Replayed | None = None
        changes: defaultdict[tuple[str, str], Change] = defaultdict(Change)
        limits = Counter[str]()
        for one in found:
            whole += 1
            same += not one.differences
            unknown += one.is_unknown
            if one.differences:
                first = first or one
                changes[(one.decision.outcome, one.verdict.outcome)].add(one.decision)
                limits[one.decision.currency] += one.verdict.limit_minor - one.decision.limit_minor
        self.stdout.write(f"{same} of {whole} identical")
        if unknown:
            self.stdout.write(f"{unknown} did not keep what the payments were, so the law of that day is not asked about them")
        if first is None:
            return
        self.stdout.write(_first(f"{first.decision.public_id}, by {first.version}", first.differences))
        if not what:
            raise CommandError(f"{whole - same} of {whole} decisions are not as they were stored.")
        for (before, after), change in sorted(changes.items()):
            self.stdout.write(f"{before} -> {after}: {change}")
        for currency, minor in sorted(limits.items()):
            self.stdout.write(f"limits together: {'+' if minor >= 0 else ''}{Money(minor, currency).text()}")

    def _tell_reviews(self) -> None:
        """Repeat the daily reviews that moved limits; nothing is said where there is none."""
        whole, same, first = _count(_first(f"{made.public_id}, by {made.version}", differs) for made, differs in replay_reviews())
        if whole:
            self.stdout.write(f"reviews of limits: {same} of {whole} identical")
        if first:
            self.stdout.write(first)
            raise CommandError(f"{whole - same} of {whole} reviews are not as they were stored.")

    def _tell_assessed(self) -> None:
        """Look up the assessments of fraud that decisions used; nothing is said where there is none."""
        whole, same, first = _count("" if is_same else decision.public_id for decision, is_same in replay_assessed())
        if whole:
            self.stdout.write(f"assessments of fraud: {same} of {whole} as decisions used them")
        if first:
            raise CommandError(f"{whole - same} of {whole} decisions used another assessment than is kept; the first is {first}.")

    def _tell_fraud(self) -> None:
        """Ask the rules about fraud again, before decisions and at the last click; nothing is said where there is no assessment."""
        unknown = 0

        def told() -> Iterator[str]:
            nonlocal unknown
            for row, differs in replay_assessments():
                if differs is None:
                    unknown += 1
                else:
                    yield _first(f"{row.public_id}, by version {row.version}", differs)

        whole, same, first = _count(told())
        if whole or unknown:
            self.stdout.write(f"rules about fraud: {same} of {whole} identical")
        if unknown:
            self.stdout.write(f"{unknown} assessments kept no signals, or not all that is asked, and are not repeated")
        if first:
            self.stdout.write(first)
            raise CommandError(f"{whole - same} of {whole} assessments are not as they were stored.")

    def _tell_all_shown(self) -> None:
        """Calculate the plans again that people were shown; nothing is said where there is none."""
        whole, same, first = _count(
            _first(f"{shown.public_id}, of {shown.decision.public_id}", differs) for shown, differs in replay_shown()
        )
        if whole:
            self.stdout.write(f"offers shown: {same} of {whole} identical")
        if first:
            self.stdout.write(first)
            raise CommandError(f"{whole - same} of {whole} offers are not as they were shown.")

    def _tell_shown(self, names: Iterable[str]) -> None:
        """Name the plans that the people of some decisions were shown."""
        found = ShownOffer.objects.filter(decision__in=[_find(name) for name in names]).select_related("decision", "checkout")
        for shown in found.order_by("id"):
            self.stdout.write(f"{shown.decision.public_id} showed on {shown.at:%Y-%m-%d %H:%M} UTC:")
            for line in in_words(shown):
                self.stdout.write(f"  {line}")


@dataclass
class Change:
    """Decisions that would have another answer: how many, their amounts together by currency, and the first of them."""

    count: int = 0
    minor: Counter[str] = field(default_factory=Counter)
    first: list[str] = field(default_factory=list)

    def add(self, decision: Decision) -> None:
        """Count a decision."""
        self.count += 1
        self.minor[decision.currency] += decision.amount_minor
        if len(self.first) < EXAMPLES:
            self.first.append(decision.public_id)

    def __str__(self) -> str:
        amounts = ", ".join(Money(minor, currency).text() for currency, minor in sorted(self.minor.items()))
        return f"{self.count}, {amounts}, such as {', '.join(self.first)}"


def _first(name: str, differs: Mapping[str, tuple[object, object]]) -> str:
    """Return the sentence about the first that differs; empty if it does not."""
    told = "; ".join(f"{part}: {stored}, now {now}" for part, (stored, now) in differs.items())
    return f"The first that differs is {name}: {told}" if told else ""


def _count(found: Iterable[str]) -> tuple[int, int, str]:
    """Return how many there are, how many are the same, and the first that is not; of `found`, what is the same is an empty text."""
    whole = same = 0
    first = ""
    for differing in found:
        whole += 1
        same += not differing
        first = first or differing
    return whole, same, first


def _supposed(options: dict[str, Any]) -> Supposed:
    """Return what the options put in place of what decided; CommandError, NoModel, NotFound."""
    model = None
    if options["model"]:
        version = get_named(Family.CREDIT, options["model"])
        if foreign := foreign_columns(version):
            raise CommandError(f"{version} looks at columns that decisions do not have: {named(foreign)}")
        model = Held(version.public_id, str(version), KINDS[options["by"]], scorer=scorer_of(version.pk))
    return Supposed(options["under"], model, dict(_rules(text) for text in options["rules"]), options["law"], list_reigns())


def _rules(text: str) -> tuple[str, int]:
    """Return the kind of rules and the version that `SET@VERSION` names."""
    kind, _sign, version = text.partition("@")
    if kind not in RULE_SETS or not version.isdecimal():
        raise CommandError(f"{text} is no SET@VERSION: sets are {' and '.join(RULE_SETS)}, a version is a number")
    return kind, get_rules(kind, int(version)).number


def _replay_one(what: Supposed, name: str) -> Replayed:
    decision = _find(name)
    return replay(decision, what=what, case=cases_of([decision]).get(name))


def _find(name: str) -> Decision:
    try:
        return Decision.objects.get(pk=parse_id(Decision.PREFIX, name))
    except (NotFound, Decision.DoesNotExist):
        raise CommandError(f"There is no decision {name}.") from None
