"""Base of `credit_model`, `fraud_model` and `reminder_model`: train, evaluate, compare, score, promote, roll back, retrain, list."""

import gzip
import json
import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext

from core import clock
from learning import queries, services
from learning.errors import BadTable, Damaged, NoModel, Refused
from learning.flat import probabilities
from learning.labels import beside_of, labels_of, prepare
from learning.metrics import figures
from learning.models import Kind, ModelVersion, Role
from learning.recipe import as_features
from learning.reporting.fairness import MEASURED
from learning.reporting.whole import Rows
from learning.steps import Progress, Step
from learning.tables import FileSource, Table, read_table, rows_of

SHOWN = {Kind.SCORECARD: "scorecard", Kind.BOOSTED: "challenger"}


class ModelCommand(BaseCommand):
    """Base of the commands for one family of models."""

    family = ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the actions with their options."""
        acts = parser.add_subparsers(dest="act", required=True, parser_class=ArgumentParser)
        train = acts.add_parser("train", help="train a scorecard and a challenger on a labelled table, and keep them as a new version")
        self._of(train, data=True)
        train.add_argument("--target", required=True, help="column that says how it ended")
        train.add_argument("--positive", default="", help="the target's value that is bad (default: 1 of 0 and 1)")
        train.add_argument("--drop", default="", help="columns not to learn from, by commas")
        train.add_argument("--keep", default="", help="columns to learn from although they seem to give the target away, by commas")
        train.add_argument("--weights", default="", help="column of how many cases a row stands for")
        train.add_argument("--up", default="", help="columns with which the risk only rises, by commas")
        train.add_argument("--down", default="", help="columns with which the risk only falls, by commas")
        evaluate = acts.add_parser("evaluate", help="measure a version on other rows")
        self._of(evaluate, data=True)
        evaluate.add_argument("--report", type=Path, help="write the whole report as one HTML file")
        evaluate.add_argument("--cut", type=float, help="the highest probability that is approved (default: where it tells apart best)")
        evaluate.add_argument("--language", default="en", choices=[code for code, _name in settings.LANGUAGES], help="of the report")
        for one in (train, evaluate):
            one.add_argument("--groups", default=",".join(MEASURED), help="columns to measure fairness by, where lawful, by commas")
        compare = acts.add_parser("compare", help="measure two versions on the same rows; the second is the champion if it is not named")
        self._of(compare, data=True)
        compare.add_argument("--with", dest="other", default="", help="name of the other model")
        for one in (evaluate, compare):
            one.add_argument("--version", type=int, help="version (default: the newest)")
            one.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        self._of_score(acts.add_parser("score", help="score a table of any length by a version, into another file"))
        promote = acts.add_parser("promote", help="give a version a role (in a sandbox; else two people do so in the back office)")
        self._of(promote)
        promote.add_argument("--version", type=int, help="version (default: the newest)")
        promote.add_argument("--model", choices=["scorecard", "challenger"], default="scorecard", help="which of the version's two")
        promote.add_argument("--share", type=int, default=100, help="percentage of cases that a challenger decides")
        rollback = acts.add_parser("rollback", help="give a role back to what held it before")
        retire = acts.add_parser("retire", help="take a role away, so that no model has it")
        for one in (promote, rollback, retire):
            one.add_argument("--role", choices=list(Role.values), default=Role.CHAMPION)
            one.add_argument("--reason", default="from the shell")
        retrain = acts.add_parser("retrain", help="learn a new version from our own cases, and compare it with the champion")
        retrain.add_argument("--name", default="own", help="name of the model (default: own)")
        listed = acts.add_parser("list", help="list versions and roles")
        listed.add_argument("--json", action="store_true")

    @staticmethod
    def _of(parser: ArgumentParser, *, data: bool = False) -> None:
        parser.add_argument("--name", required=True, help="name of the model")
        if data:
            parser.add_argument("--data", type=Path, required=True, help="CSV file, may be gzipped")

    @staticmethod
    def _of_score(parser: ArgumentParser) -> None:
        parser.add_argument("model", help="NAME@VERSION, or NAME for its newest version")
        parser.add_argument("file", type=Path, help="CSV file, may be gzipped")
        parser.add_argument("out", type=Path, help="CSV file that is written; gzipped if its name ends with .gz")
        parser.add_argument("--by", choices=["scorecard", "challenger", "both"], default="both", help="which of the version's two models")
        parser.add_argument("--reasons", type=int, default=0, choices=range(7), help="so many facts that raise the risk, by the last model")
        parser.add_argument("--keep", default="", help="columns to repeat beside the results, by commas")
        parser.add_argument("--processes", type=int, default=min(4, os.cpu_count() or 1), help="how many score at once")

    def handle(self, *args: Any, **options: Any) -> None:
        """Carry out the action; errors become a CommandError with one sentence."""
        try:
            getattr(self, f"_{options['act']}")(options)
        except (BadTable, NoModel, Refused, Damaged) as error:
            raise CommandError(str(error)) from error

    def _train(self, options: dict[str, Any]) -> None:
        self._say(Progress(Step.READ, 0))
        table = read_table(options["data"])
        self._say(Progress(Step.CHECK, 0))
        data = prepare(
            table,
            options["target"],
            options["positive"],
            names(options["drop"]),
            weights=options["weights"],
            keep=frozenset(names(options["keep"])),
            groups=names(options["groups"]),
        )
        for note in data.notes:
            self.stderr.write(note)
        from learning.training import train

        told = {**dict.fromkeys(names(options["up"]), 1), **dict.fromkeys(names(options["down"]), -1)}
        trained = train(data, told=told, weigh=bool(options["weights"]), say=self._say)
        self._say(Progress(Step.REPORT, 0))
        kept = services.keep_version(
            family=self.family,
            name=options["name"],
            data=data,
            trained=trained,
            target=options["target"],
            positive=options["positive"],
            source=options["data"].name,
            actor="shell",
            at=clock.now(),
        )
        self.stdout.write(f"{kept}: {data.table.rows:,} rows, {len(trained.fitted.recipe.features)} features; in cross-validation")
        for kind, found in trained.figures.items():
            self.stdout.write(f"  {SHOWN[Kind(kind)]:<11}" + self._line(found))

    def _say(self, progress: Progress) -> None:
        self.stderr.write(str(progress))

    def _evaluate(self, options: dict[str, Any]) -> None:
        version, table = queries.get_version(self.family, options["name"], options["version"]), read_table(options["data"])
        found = self._measured(version, table)
        if options["report"]:
            self._report(version, table, options)
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self._show(options["name"], found)

    def _compare(self, options: dict[str, Any]) -> None:
        table = read_table(options["data"])
        one = queries.get_version(self.family, options["name"], options["version"])
        if options["other"]:
            other = queries.get_version(self.family, options["other"])
        else:
            champion = queries.list_roles(self.family).get(Role.CHAMPION)
            if champion is None or champion.version is None:
                raise NoModel(f"there is no {self.family} champion to compare with: name a model by --with")
            other = champion.version
        found = {str(version): self._measured(version, table) for version in (one, other)}
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            for name, measured in found.items():
                self._show(name, measured)

    def _score(self, options: dict[str, Any]) -> None:
        """Score a table, and put the results in place once all rows are scored."""
        from learning.bulk import Wish, score_table

        if options["file"].resolve() == options["out"].resolve():
            raise CommandError(f"{options['out']} is the table itself: name another file to write")
        version, start = queries.get_named(self.family, options["model"]), time.monotonic()
        kinds = {"both": tuple(SHOWN), "scorecard": (Kind.SCORECARD,), "challenger": (Kind.BOOSTED,)}[options["by"]]
        wish = Wish({SHOWN[kind]: kind for kind in kinds}, options["reasons"], tuple(names(options["keep"])))
        results = score_table(FileSource(options["file"]), queries.scorer_of(version.pk), wish, processes=options["processes"])
        rows = write_results(results, options["out"])
        seconds = time.monotonic() - start
        self.stdout.write(
            f"{version}: {rows:,} rows scored in {seconds:.1f} s ({rows / max(seconds, 1e-9):,.0f} a second), in {options['out']}"
        )

    def _promote(self, options: dict[str, Any]) -> None:
        if not settings.SANDBOX:
            raise Refused("outside a sandbox a model is promoted by two people in the back office")
        change = services.promote_model(
            family=self.family,
            name=options["name"],
            version=options["version"],
            kind=next(kind for kind, shown in SHOWN.items() if shown == options["model"]),
            role=options["role"],
            share=options["share"],
            reason=options["reason"],
            actor="shell",
            approved_by="sandbox",
            at=clock.now(),
        )
        self.stdout.write(f"{change.version} ({options['model']}) is {change.role}")

    def _rollback(self, options: dict[str, Any]) -> None:
        change = services.roll_back_model(family=self.family, role=options["role"], reason=options["reason"], actor="shell", at=clock.now())
        model = f"{change.version} ({SHOWN[Kind(change.kind)]})" if change.version else "no model"
        self.stdout.write(f"{model} is {change.role} again")

    def _retire(self, options: dict[str, Any]) -> None:
        change = services.end_role(family=self.family, role=options["role"], reason=options["reason"], actor="shell", at=clock.now())
        self.stdout.write(f"no {self.family} model is {change.role}")

    def _retrain(self, options: dict[str, Any]) -> None:
        call_command("retrain", self.family, name=options["name"], stdout=self.stdout, stderr=self.stderr)

    def _list(self, options: dict[str, Any]) -> None:
        by_role = queries.list_roles(self.family)
        held = [by_role[role] for role in Role.values if role in by_role]
        rows = [
            {
                "name": one.name,
                "version": one.version,
                "made_at": one.made_at.isoformat(timespec="seconds"),
                "rows": one.lineage["rows"],
                "roles": [f"{change.role} ({SHOWN[Kind(change.kind)]})" for change in held if change.version_id == one.pk],
                "usable": one.usable,
            }
            for one in queries.list_versions(self.family)
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            roles = ", ".join(row["roles"]) + ("" if row["usable"] else " never in the product")
            self.stdout.write(f"{row['name']:<24} {row['version']:>3}  {row['made_at']}  {row['rows']:>9,} rows  {roles}".rstrip())
        if not rows:
            self.stdout.write(f"There is no {self.family} model yet.")

    def _report(self, version: ModelVersion, table: Table, options: dict[str, Any]) -> None:
        """Write the report of both models of a version on the rows of a table as one HTML file."""
        # Pages and their words are needed by this action only.
        from learning.reporting.page import file_of
        from learning.reporting.whole import report_of

        if options["cut"] is not None and not 0 < options["cut"] < 1:
            raise CommandError("--cut is a probability between 0 and 1")
        rows, scorer = self._rows(version, table, names(options["groups"])), queries.scorer_of(version.pk)
        base = version.card.get("bases")
        reports = {kind.value: report_of(rows, scorer, kind, base=base, cut=options["cut"]) for kind in SHOWN}
        with translation.override(options["language"]):
            source = gettext("On the rows of %(file)s that have an end.") % {"file": options["data"].name}
            text = file_of(version, reports, source)
        options["report"].write_text(text, encoding="utf-8")
        self.stderr.write(f"the report is in {options['report']}")

    def _rows(self, version: ModelVersion, table: Table, groups: list[str]) -> Rows:
        """Return the rows of a table that have a target, with the columns that a version needs."""
        lineage = version.lineage
        absent = [name for name in lineage["columns"] if name not in table.columns]
        if absent:
            raise BadTable("no_column", f"{version} needs {', '.join(absent)}, which the table lacks")
        positive = "" if lineage["positive"] == "1" else lineage["positive"]
        y, seen = labels_of(table, lineage["target"], positive)
        columns = {name: rows_of(table.columns[name], seen) for name in lineage["columns"]}
        y = y[seen]
        if not 0 < y.sum() < len(y):
            raise BadTable("one_class", f"every row of {lineage['target']} is of one class: there is nothing to measure")
        return Rows(Table(columns, len(y)), y, *beside_of(table, seen, groups))

    def _measured(self, version: ModelVersion, table: Table) -> dict[str, Any]:
        """Return the quality figures of both models of a version on the rows of a table that have a target."""
        rows, scorer = self._rows(version, table, []), queries.scorer_of(version.pk)
        y, x = rows.y, as_features(scorer.recipe, rows.table)
        found: dict[str, Any] = {"rows": len(y)}
        for kind, shown in SHOWN.items():
            found[shown] = figures(y, probabilities(scorer.models[kind].scores(x)), fraud=self.family == "fraud")
        return found

    def _show(self, name: str, found: dict[str, Any]) -> None:
        self.stdout.write(f"{name}: {found['rows']:,} rows")
        for shown in SHOWN.values():
            self.stdout.write(f"  {shown:<11}" + self._line(found[shown]))

    @staticmethod
    def _line(found: dict[str, float]) -> str:
        return "  ".join(f"{name} {value:.4f}" for name, value in found.items())


def write_results(results: Iterator[tuple[int, bytes]], out: Path) -> int:
    """Write results to a file, which appears only once they are complete; return the number of rows."""
    part, rows = out.with_name(out.name + ".part"), 0
    try:
        with gzip.open(part, "wb", compresslevel=1) if out.suffix == ".gz" else part.open("wb") as file:
            for count, text in results:
                rows += count
                file.write(text)
        part.replace(out)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return rows


def names(text: str) -> list[str]:
    """Split names at commas."""
    return [name.strip() for name in text.split(",") if name.strip()]
