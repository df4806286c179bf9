"""Every provider of one-time codes and of identity checks, each through its own adapter. A new provider is a new entry here."""

import pytest

from core import providers
from tests import outside_accounts
from tests.live import outside


@pytest.fixture
def outside_world(sandbox_world, settings):
    """Give the sandbox world to be told what to do; its clock and its faults end with the test, and so do those of the tests' server."""
    services = f"http://127.0.0.1:{outside.services()}"
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | outside_accounts.variables(sandbox_world, services)
    world = outside_accounts.Outside(sandbox_world, settings.SANDBOX_KEY)
    before = world.read("/control/clock")["offset_seconds"]
    yield world
    world.post("/control/clock", offset_seconds=before)
    for target in ("kyc", "twilio"):
        world.chaos(target)
    outside.Services.broken = None
    outside.Services.scripted.clear()
    providers.forget()
