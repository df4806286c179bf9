"""Texts for translation: gathered from code and templates into the catalogs with Babel, without any system tool."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation.template import templatize

from core.catalogs import catalog_path, languages
from core.sentences import status_word

FUNCTIONS = frozenset(f"{kind}{late}" for kind in ("gettext", "ngettext", "pgettext", "npgettext") for late in ("", "_lazy"))
FUNCTIONS |= {"_", "gettext_noop", "Sentence", "marked"}
"""The functions that mark a text."""

ERRORS = ("errors", "faults", "sentences")
_ERROR = re.compile(r"^class (\w+)\(", re.MULTILINE)
_STATUS = re.compile(r"^    [A-Z_]+ = \"([a-z_]+)\"$", re.MULTILINE)
_TITLE = re.compile(r"^ +title = \"([^\"]+)\"$", re.MULTILINE)

SOURCES = ("templates/**/*.html", "templates/**/*.txt", "*/**/*.py")
WITHOUT = ("tests", "migrations", "benchmarks", "examples", "sandbox", "stack", "simulation", "docs", "var")


def gather_texts(root: Path) -> Catalog:
    """Return all texts marked in code and templates, each with its files.

    Titles of errors, sentences of raised errors, and statuses count as marked, as do the texts of `UNMARKED_TEXTS`.
    """
    found = Catalog(charset="utf-8")
    sources = list(_sources(root))
    errors = {name for path in sources if path.stem in ERRORS for name in _ERROR.findall(path.read_text())}
    functions = dict.fromkeys([*FUNCTIONS, *errors])
    for path in sources:
        text = path.read_text()
        for title in _TITLE.findall(text) if path.stem in ERRORS else ():
            _add(found, "gettext", title, str(path.relative_to(root)))
        for status in _STATUS.findall(text) if path.stem == "states" else ():
            # On its own (`words`), and in the middle of a sentence (`status_word`).
            for word in (status_word(status).capitalize(), status_word(status)):
                _add(found, "gettext", word, str(path.relative_to(root)))
        # In brackets, the indentation that is left of a template means nothing to Python.
        source = text if path.suffix == ".py" else f"({templatize(text)})"
        for _line, function, told, _comments in extract_python(io.BytesIO(source.encode()), functions, [], {}):
            # An error is raised with its code and facts beside its sentence.
            message = told if function in FUNCTIONS else _first(told)
            if function and message and (function in FUNCTIONS or _is_sentence(message)):
                _add(found, str(function), message, str(path.relative_to(root)))
    for lister in settings.UNMARKED_TEXTS:
        for unmarked, place in import_string(lister)():
            _add(found, "gettext", unmarked, place)
    return found


def _first(told: Any) -> object:
    return told[0] if isinstance(told, tuple) and told else told


def _is_sentence(message: object) -> bool:
    """Return whether the first text in an error's call is a sentence: it may also be a code, or a part between two facts of an f-string."""
    return isinstance(message, str) and len(message.split()) > 1 and message[0].isalpha()


def _sources(root: Path) -> Iterator[Path]:
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            parts = path.relative_to(root).parts
            if not any(part in WITHOUT or part.startswith(".") for part in parts):
                yield path


def _add(found: Catalog, function: str, message: Any, place: str) -> None:
    parts = [message] if isinstance(message, str) else [part for part in message if isinstance(part, str)]
    context = parts.pop(0) if function.startswith(("pgettext", "npgettext")) else None
    if parts:
        identity = tuple(parts) if len(parts) == 2 and function.startswith(("ngettext", "npgettext")) else parts[0]
        found.add(identity, locations=[(place, 0)], context=context)


def update_catalogs(root: Path) -> dict[str, int]:
    """Update every catalog from the code, keeping its translations; return how many texts of each language have none."""
    gathered = gather_texts(root)
    missing = {}
    for language in languages():
        path = catalog_path(language)
        catalog = read_catalog(language)
        catalog.update(gathered, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, catalog)
        missing[language] = len(untranslated(catalog))
    return missing


# Headers that would change at every run, or that name nobody.
_IDLE = (
    b'"POT-Creation-Date',
    b'"PO-Revision-Date',
    b'"Last-Translator',
    b'"Language-Team',
    b'"Report-Msgid',
    b'"Generated-By',
    b'"Project-Id',
)


def _write(path: Path, catalog: Catalog) -> None:
    catalog.header_comment = f"# The product's texts in {catalog.locale.english_name if catalog.locale else ''}."
    catalog.fuzzy = False
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=140, sort_output=True, include_lineno=False)
    path.write_bytes(b"".join(line for line in buffer.getvalue().splitlines(keepends=True) if not line.startswith(_IDLE)))


def read_catalog(language: str) -> Catalog:
    """Return a language's translations; an empty catalog where there is no file."""
    path = catalog_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def untranslated(catalog: Catalog) -> list[str]:
    """Return the texts without a translation, or with missing plural forms."""
    return [
        str(message.id)
        for message in catalog
        if message.id and not (all(message.string) if isinstance(message.string, (tuple, list)) else message.string)
    ]
