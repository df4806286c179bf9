"""What every test may use: the fixtures of `tests/conftest.py`, and the standing cast of people."""

import importlib.util

pytest_plugins = ["tests.cast"] if importlib.util.find_spec("tests.cast") else []


def pytest_configure() -> None:
    """Let tests that commit keep what migrations put into the database, and examples of a property take the time that they take."""
    from hypothesis import settings

    from tests.flush import install

    install()
    # A machine that other work shares is slow now and then; pytest's own time-out ends what hangs.
    settings.register_profile("any machine", deadline=None)
    settings.load_profile("any machine")
