"""What every test of the back office keeps to."""

from collections.abc import Iterator

import pytest

from tests.portals.plain_values import pages_watched


@pytest.fixture(autouse=True)
def plain_values() -> Iterator[None]:
    """Let no watched page that a test opens be rendered from rows of the database."""
    with pages_watched() as found:
        yield
    assert found == {}
