"""The product's workers with an additional gateway whose calls take 300 ms: `celery -A benchmarks.slow_workers worker`."""

import django

from bnpl.celery import app

__all__ = ["app"]

GATEWAY = "bench"


def add_gateway() -> None:
    """Register the slow gateway; Django must be set up."""
    from core.providers import Capability, Provider, register

    capabilities = frozenset({Capability.CARDS, Capability.REPORTS})
    register(Provider(identifier=GATEWAY, name="Benchmark", capabilities=capabilities, adapter="benchmarks.due_run.gateways.SlowGateway"))


django.setup()
add_gateway()
