"""What every test may use: the fixtures of `tests/conftest.py`, and the standing cast of people."""

import importlib.util

pytest_plugins = ["tests.cast"] if importlib.util.find_spec("tests.cast") else []
