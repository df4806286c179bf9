"""Forms of the pages, and the one place where a DomainError becomes a form's error."""

from django import forms

from core.errors import DomainError


def add_errors(form: forms.Form, error: DomainError, **names: str) -> None:
    """Put an error beside the fields that it names, else above the form; `names` says what a service's field is called here.

    `address.city` is the field `city`. What the form does not show stands above it.
    """
    above = not error.fields
    for told, sentence in error.fields.items():
        field = names.get(told, told.removeprefix("address."))
        if field in form.fields:
            form.add_error(field, sentence)
        else:
            above = True
    if above:
        form.add_error(None, error.detail)
