"""Sandbox and live: two installations of the same code."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def require_sandbox() -> None:
    """Raise ImproperlyConfigured unless this is a sandbox: a live installation never calls the sandbox world."""
    if not settings.SANDBOX:
        raise ImproperlyConfigured("the sandbox world exists for a sandbox only")
