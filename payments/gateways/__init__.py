"""Gateways by name. `GATEWAYS` in the settings (name -> dotted path of a class) adds to those that are built in."""

import os

from django.conf import settings
from django.utils.module_loading import import_string

from core.errors import NotFound
from payments.gateways.base import Gateway

BUILT_IN = {
    "sandbox": "payments.gateways.sandbox.SandboxGateway",
    "stripe": "payments.gateways.stripe.StripeGateway",
}
_made: dict[tuple[int, str], Gateway] = {}


def get_gateway(name: str = "") -> Gateway:
    """Return a gateway by its name, or the one of the settings; one for each process, so that its connections are kept. NotFound."""
    name = name or settings.GATEWAY
    # By process: a forked worker must not share its parent's sockets.
    key = (os.getpid(), name)
    if key not in _made:
        paths = {**BUILT_IN, **getattr(settings, "GATEWAYS", {})}
        if name not in paths or (name == "sandbox" and not settings.SANDBOX):
            raise NotFound("There is no such gateway.")
        _made[key] = import_string(paths[name])()
    return _made[key]


def use(name: str, gateway: Gateway) -> None:
    """Put a gateway in the place of a name in this process, for tests and benchmarks."""
    _made[(os.getpid(), name)] = gateway


def forget() -> None:
    """Drop the gateways of this process; they are made again from the settings."""
    _made.clear()
