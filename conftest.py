"""What every test may use: the fixtures of `tests/conftest.py`, and the standing cast of people."""

import importlib.util

import pytest

OUTSIDE = {"db", "transactional_db", "sandbox_world", "browser"}

pytest_plugins = ["tests.cast"] if importlib.util.find_spec("tests.cast") else []


def pytest_configure() -> None:
    """Let tests that commit keep what migrations put into the database, and examples of a property take the time that they take."""
    from hypothesis import settings

    from tests.flush import install

    install()
    # A machine that other work shares is slow now and then; pytest's own time-out ends what hangs.
    settings.register_profile("any machine", deadline=None)
    settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks a database, the sandbox world or a browser: `-m "not slow"` leaves rules, texts and the house."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or item.get_closest_marker("browser") or asked & OUTSIDE:
            item.add_marker("slow")
