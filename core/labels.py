"""The names of models and fields in the back office: English in the code, and the reader's language on a page."""

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.utils.translation import gettext_lazy, override

from core.sentences import Text

LIBRARIES = frozenset({"axes"})
"""Libraries that have no Danish, Swedish and German translations of their names."""
UNSHOWN = ("_before", "_hash")
"""Endings of fields that no page shows."""


def translate_labels() -> None:
    """Make the names of our models and fields translatable where they are shown; migrations still see the English ones."""
    for model in apps.get_models():
        if _is_named_here(model):
            for named in (model._meta, *model._meta.fields):
                for attribute in ("verbose_name", "verbose_name_plural"):
                    if name := getattr(named, attribute, ""):
                        setattr(named, attribute, gettext_lazy(label_of(name)))
            for field in model._meta.fields:
                if field.choices:
                    field.choices = [(value, gettext_lazy(name) if isinstance(name, str) else name) for value, name in field.choices]


def label_of(name: Text | None) -> str:
    """Return an English name as a heading, without its unit: "paid principal minor" is "Paid principal"."""
    with override(None):
        text = str(name or "").removesuffix(" minor")
    return text[:1].upper() + text[1:]


def list_labels() -> Iterator[tuple[str, str]]:
    """Return the English names that the back office can show, each with the file of its model."""
    for model, page in admin.site._registry.items():  # noqa: SLF001  (there is no other list of them)
        yield from _labels(model)
        for inline in page.inlines:
            yield from _labels(inline.model, getattr(inline, "shown", None))
    for model in apps.get_models():
        if _is_named_here(model):
            # The page of a role lists every permission, by the model's name.
            place = _place(model)
            yield label_of(model._meta.verbose_name), place
            yield from ((name, place) for _codename, name in model._meta.permissions)


def _labels(model: type[Model], only: tuple[str, ...] | None = None) -> Iterator[tuple[str, str]]:
    meta = model._meta
    names = [meta.verbose_name, meta.verbose_name_plural]
    names += [field.verbose_name for field in meta.fields if (field.name in only if only else not field.name.endswith(UNSHOWN))]
    if not _is_named_here(model):
        return
    place = _place(model)
    for name in names:
        if name:
            yield label_of(name), place
    for field in meta.fields:
        for _value, name in field.flatchoices:
            with override(None):
                yield str(name), place


def _place(model: type[Model]) -> str:
    return model.__module__.replace(".", "/") + ".py"


def _is_named_here(model: type[Model]) -> bool:
    config = model._meta.app_config
    return config is not None and (config.label in LIBRARIES or Path(config.path).parent == settings.BASE_DIR)
