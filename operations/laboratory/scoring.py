"""A table of the laboratory is scored by a version while the operator waits, and downloaded; nothing of it is kept."""

import io
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.adjusting import value_of
from learning.bulk import Wish, score_table
from learning.errors import BadTable, Damaged
from learning.lab.services.preparing import MB
from learning.models import Family, Kind, ModelVersion
from learning.queries import list_versions, scorer_of
from learning.reporting.faults import fault_words
from learning.reporting.words import MODELS
from learning.settable import MOST_TABLE_MB
from operations.frame import show
from operations.laboratory.forms import TableForm
from operations.scoring.proposals import FAMILIES

MOST_ROWS = 1_000_000
"""More rows are scored by the command: a page should not take longer."""
SHOWN, MOST_REASONS = 50, 4
BOTH = "both"
COLUMNS = {Kind.SCORECARD.value: "scorecard", Kind.BOOSTED.value: "challenger"}


class ScoreForm(TableForm):
    """A version, which of its models, whether reasons are wanted, and the table."""

    version = forms.ModelChoiceField(ModelVersion.objects.none(), label=gettext_lazy("Version"), empty_label=None)
    model = forms.ChoiceField(
        label=gettext_lazy("Model"), choices=[(BOTH, gettext_lazy("Both")), *((key, MODELS[key]) for key in Kind.values)]
    )
    reasons = forms.BooleanField(label=gettext_lazy("Name what raises the risk, too (takes longer)"), required=False)
    field_order = ["version", "model", "table", "reasons"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the newest versions of both families that may be used."""
        super().__init__(*args, **kwargs)
        newest = [one.pk for family in Family.values for one in list_versions(family).filter(usable=True)[:SHOWN]]
        field: Any = self.fields["version"]
        self.has_versions = bool(newest)
        field.queryset = ModelVersion.objects.filter(pk__in=newest).defer("stored", "flat", "card").order_by("family", "-made_at")
        field.label_from_instance = lambda one: f"{FAMILIES[one.family]}: {one}"


def score_page(request: HttpRequest) -> HttpResponseBase:
    """Show the form; or answer with the results as a file, or with what is wrong with the table."""
    form = ScoreForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and (found := _results(form)):
        version: ModelVersion = form.cleaned_data["version"]
        return FileResponse(
            found, as_attachment=True, filename=f"{version.name}-{version.version}.csv", content_type="text/csv; charset=utf-8"
        )
    bounds = {"most_mb": value_of(MOST_TABLE_MB), "most_rows": MOST_ROWS}
    return show(request, "laboratory/score.html", _("Score a table"), form=form, any=form.has_versions, **bounds)


def _results(form: ScoreForm) -> IO[bytes] | None:
    """Return the results in a nameless file; None, with the fault in the form, if the table cannot be scored."""
    given = form.cleaned_data
    kinds = [given["model"]] if given["model"] != BOTH else Kind.values
    wish = Wish({COLUMNS[kind]: kind for kind in kinds}, MOST_REASONS if given["reasons"] else 0)
    out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (the answer closes it)
    rows = 0
    try:
        for count, text in score_table(Uploaded(given["table"], value_of(MOST_TABLE_MB) * MB), scorer_of(given["version"].pk), wish):
            rows += count
            if rows > MOST_ROWS:
                raise BadTable("many_rows", f"the table has more than {MOST_ROWS:,} rows", number=MOST_ROWS)
            out.write(text)
    except BadTable as error:
        form.add_error("table", fault_words(error.code, error.facts))
    except Damaged:
        form.add_error("version", _("The stored form of this version is damaged."))
    else:
        out.seek(0)
        return out
    out.close()
    return None


class Uploaded:
    """An uploaded file as the source of a table; BadTable if it is larger than `most` bytes."""

    def __init__(self, file: "UploadedFile[Any]", most: int) -> None:
        self.file, self.name, self.size = file, file.name or "table", file.size or 0
        if self.size > most:
            raise BadTable("too_big", f"the file is larger than {most:,} bytes", bytes=most)

    def digest(self) -> str:
        """Nothing is kept of it, so it has none."""
        return ""

    def open(self) -> io.BufferedReader:
        """Return a stream over its chunks."""
        return io.BufferedReader(_Chunks(self.file.chunks()))


class _Chunks(io.RawIOBase):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks, self.rest = chunks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.rest = self.rest or memoryview(next(self.chunks, b""))
        some = self.rest[: len(buffer)]
        buffer[: len(some)] = some
        self.rest = self.rest[len(some) :]
        return len(some)
