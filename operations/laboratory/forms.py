"""The forms of the laboratory: where the rows come from, and what is learned from which columns."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning.lab.ways import Way
from learning.models import Family, TableSource, Training
from learning.reporting.faults import COLUMNS, fault_words, place_of
from operations.scoring.proposals import FAMILIES

SOURCES: dict[str, Any] = {
    TableSource.FILE: gettext_lazy("A table that I upload"),
    TableSource.OWN: gettext_lazy("Our own cases of the last three years"),
}
WAYS: dict[str, Any] = {
    Way.USE: gettext_lazy("learn from it"),
    Way.UP: gettext_lazy("it only raises the risk"),
    Way.DOWN: gettext_lazy("it only lowers the risk"),
    Way.DROP: gettext_lazy("leave it out"),
    Way.KEEP: gettext_lazy("use it all the same"),
}
KINDS: dict[str, Any] = {
    "number": gettext_lazy("numbers"),
    "word": gettext_lazy("words"),
    "date": gettext_lazy("dates"),
    "comma": gettext_lazy("numbers with decimal commas, for example"),
    "mixed": gettext_lazy("numbers, and words among them, for example"),
    "": "",
}
NAME = RegexValidator(r"^[\w][\w .-]*$", gettext_lazy("Letters, digits, spaces, dots, dashes and underscores only."))


class TableForm(forms.Form):
    """Another table in the place of a training's."""

    table = forms.FileField(
        label=gettext_lazy("Table (CSV in UTF-8, may be gzipped)"),
        required=False,
        allow_empty_file=True,
        max_length=100,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.gz,text/csv,application/gzip"}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the file."""
        given = super().clean() or {}
        if given.get("source", TableSource.FILE) == TableSource.FILE and not given.get("table") and "table" not in self.errors:
            self.add_error("table", _("Choose a file."))
        return given


class BeginForm(TableForm):
    """The family, and where the rows come from."""

    family = forms.ChoiceField(label=gettext_lazy("What is learned"), choices=[(key, FAMILIES[key]) for key in Family.values])
    source = forms.ChoiceField(label=gettext_lazy("From which rows"), choices=[(key, SOURCES[key]) for key in TableSource.values])
    field_order = ["family", "source", "table"]


class ChoicesForm(forms.Form):
    """The name, the target, which of its words is bad, and how each column is used."""

    name = forms.CharField(label=gettext_lazy("Name of the model"), max_length=60, validators=[NAME])
    target = forms.ChoiceField(label=gettext_lazy("Target: the column that says how a case ended"))
    positive = forms.CharField(
        label=gettext_lazy("Which of its values is bad"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Not needed if the target is 0 and 1, and 1 is bad."),
        widget=forms.TextInput(attrs={"list": "words"}),
    )

    def __init__(self, training: Training, *args: Any, **kwargs: Any) -> None:
        """Offer the columns of the training."""
        super().__init__(*args, **kwargs)
        self.columns = training.columns
        if training.source == TableSource.OWN:
            del self.fields["target"], self.fields["positive"]
        else:
            offered = [("", _("Choose a column")), *((one["name"], one["name"]) for one in self.columns)]
            self.fields["target"].choices = offered  # type: ignore[attr-defined]
        for number, one in enumerate(self.columns):
            field = forms.ChoiceField(label=one["name"], choices=list(WAYS.items()), required=False)
            self.fields[f"way_{number}"] = field

    @classmethod
    def of(cls, training: Training) -> "ChoicesForm":
        """Return the form as it was filled in, with what is wrong with it; nothing is wrong with an empty one."""
        held = {"name": training.name, "target": training.target, "positive": training.positive}
        held |= {f"way_{number}": training.ways.get(one["name"], Way.USE) for number, one in enumerate(training.columns)}
        if not training.fault:
            return cls(training, initial=held)
        form = cls(training, held)
        form.show_fault(training.fault)
        return form

    def ways(self) -> dict[str, str]:
        """Return how columns are used that are not used just so."""
        chosen = {one["name"]: self.cleaned_data.get(f"way_{number}") or Way.USE for number, one in enumerate(self.columns)}
        return {name: way for name, way in chosen.items() if way != Way.USE}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the columns with their fields."""
        for number, one in enumerate(self.columns):
            yield {"name": one["name"], "kind": KINDS[one["kind"]], "words": one["words"], "field": self[f"way_{number}"]}

    def words(self) -> list[str]:
        """Return the words of columns that have few, as suggestions for the bad value."""
        return sorted({word for one in self.columns for word in one["words"]})

    def show_fault(self, fault: Mapping[str, Any]) -> None:
        """Put a refusal beside its field; one of columns beside each of them."""
        self.full_clean()
        text, place = fault_words(fault["code"], fault), place_of(fault["code"])
        places = {one["name"]: f"way_{number}" for number, one in enumerate(self.columns)}
        named = [places[name] for name in fault.get("columns", []) if name in places] if place == COLUMNS else []
        for field in named or [place]:
            self.add_error(field if field in self.fields else None, text)
