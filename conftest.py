"""What every test may use: the fixtures of `tests/conftest.py`, and the standing cast of people."""

import importlib.util

pytest_plugins = ["tests.cast"] if importlib.util.find_spec("tests.cast") else []


def pytest_configure() -> None:
    """Let tests that commit keep what migrations put into the database."""
    from tests.flush import install

    install()
