"""Skip migrations, static files and seeding that are up to date: a fingerprint of their source files is stored."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from stack.databases import applied_migrations
from stack.folders import Folders, read_json, write_json
from stack.paths import ROOT

LOCK = ROOT / "requirements" / "demo.txt"


def _fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256(LOCK.read_bytes())
    for path in sorted(paths):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def schema_fingerprint() -> str:
    """Return the fingerprint of migrations, rights and seeding: the project's own files and the pinned packages."""
    return _fingerprint([*ROOT.glob("*/migrations/*.py"), ROOT / "core/roles.py", *ROOT.glob("simulation/management/commands/seed*.py")])


def migrated_fingerprint() -> str:
    """Return the fingerprint of a database that is only migrated: of migrations, rights, and the loaded markets."""
    return _fingerprint(
        [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("core/roles.py"), *ROOT.glob("markets/*.py"), *ROOT.glob("markets/data/*")]
    )


def static_fingerprint(folders: Folders) -> str:
    """Return the fingerprint of all static files: the project's own and the pinned packages."""
    sources = [ROOT / "static", *(folder for folder in ROOT.glob("*/static") if folder != folders.var / "static")]
    return _fingerprint(path for folder in sources for path in folder.rglob("*") if path.is_file())


def is_prepared(folders: Folders, database_url: str) -> bool:
    """Return whether the database was migrated and seeded from the current files."""
    known = read_json(folders.run / "prepared.json")
    if known.get("schema") != schema_fingerprint() or not folders.seed_json.exists():
        return False
    return bool(known.get("applied") == applied_migrations(database_url))


def note_prepared(folders: Folders, database_url: str) -> None:
    """Record that the database is migrated and seeded."""
    write_json(folders.run / "prepared.json", {"schema": schema_fingerprint(), "applied": applied_migrations(database_url)})


def has_static(folders: Folders) -> bool:
    """Return whether the static files were collected from the current files."""
    known = read_json(folders.var / "static.json")
    return (folders.var / "static" / "staticfiles.json").exists() and known.get("static") == static_fingerprint(folders)


def note_static(folders: Folders) -> None:
    """Record that the static files are collected."""
    write_json(folders.var / "static.json", {"static": static_fingerprint(folders)})
