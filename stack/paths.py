"""The project's folder, and the folder of one machine's data."""

import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWNER = "DATABASE_OWNER_URL"


def var_dir() -> Path:
    """Return the folder for everything that the installation stores on disk (`BNPL_VAR`, or `var`)."""
    return (ROOT / os.environ.get("BNPL_VAR", "var")).resolve()


@cache
def stack_values() -> dict[str, str]:
    """Return the variables that the embedded stack wrote; empty if it never ran."""
    return _values(var_dir() / "stack.env")


def names_database() -> bool:
    """Return whether the environment names a database, by its address or by a file with the address; then the demo's own is not used."""
    return any(os.environ.get(f"DATABASE_URL{source}") for source in ("", "_FILE"))


def know_owner() -> None:
    """Give this process the URL of the tables' owner, because it changes tables or re-encrypts rows."""
    if not names_database():
        os.environ.update({name: value for name, value in _values(var_dir() / "owner.env").items() if not os.environ.get(name)})


def _values(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs}
