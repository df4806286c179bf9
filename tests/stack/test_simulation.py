"""The same seed lives the same lives, to the minor unit, in whatever database."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from checkout.models import Capture, Order
from core import clock
from payments.models import Charge
from reports.digest import digest_books
from simulation import world
from tests.cast import forget_world
from tests.flush import flush
from tests.sizes import sized

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = sized(20, 14)


@pytest.fixture
def lived(settings, sandbox_world, tmp_path, monkeypatch):
    """Give a function that lives a seed in an empty world, always the same days, and returns the digest of its books."""
    start = datetime.combine(clock.now().date(), world.HOUR, UTC) - timedelta(days=DAYS)
    monkeypatch.setattr(world, "first_moment", lambda _now, *, past: start)

    def live(seed: int) -> str:
        settings.VAR_DIR = tmp_path / f"{seed}-{len(list(tmp_path.iterdir()))}"
        flush()
        forget_world(sandbox_world)
        call_command("seed_demo", consumers=0, stdout=StringIO())
        told = StringIO()
        call_command("simulate", consumers=8, days=DAYS, seed=seed, past=True, verbosity=0, stdout=told)
        assert "The books hold." in told.getvalue()
        return digest_books()

    return live


def test_a_seed_repeats_itself_and_another_does_not(lived):
    first = lived(5)
    assert min(Order.objects.count(), Capture.objects.count(), Charge.objects.count()) > 0
    assert lived(5) == first
    assert lived(6) != first
