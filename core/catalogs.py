"""Catalogs of translations, and their compiled files, which are made if they are missing or out of date."""

import os
import tempfile
from pathlib import Path

from django.conf import settings


def languages() -> list[str]:
    """Return the languages that have a catalog: all but English, the language of the source texts."""
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def catalog_path(language: str) -> Path:
    """Return the file in which people edit a language's translations."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def compile_texts() -> int:
    """Compile each catalog that is newer than its compiled file, and return their number; safe in many processes at once."""
    stale = [path for path in map(catalog_path, languages()) if path.exists() and _is_stale(path, path.with_suffix(".mo"))]
    for path in stale:
        _compile(path)
    return len(stale)


def _is_stale(source: Path, made: Path) -> bool:
    return not made.exists() or made.stat().st_mtime_ns < source.stat().st_mtime_ns


def _compile(path: Path) -> None:
    # Babel is imported only if there is something to compile, because every process runs this when it starts.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalog = read_po(file)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        write_mo(file, catalog)
    Path(draft).chmod(0o644)
    # Replaced in one step: another process never reads half a file.
    Path(draft).replace(path.with_suffix(".mo"))
