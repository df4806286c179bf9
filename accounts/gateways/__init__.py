"""The providers of the accounts app, chosen by the installation and loaded when first asked for."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.gateways.base import IdentityProvider, Verifier


def identity_provider() -> IdentityProvider:
    """Return the provider that checks who people are."""
    if not settings.SANDBOX:
        raise ImproperlyConfigured("no identity provider is configured for live mode")
    from accounts.gateways.sandbox_kyc import SandboxIdentityProvider

    return SandboxIdentityProvider()


def verifier() -> Verifier:
    """Return the provider that sends and checks one-time codes."""
    if settings.VERIFICATION == "sandbox":
        from accounts.gateways.verification_sandbox import sandbox_verifier

        return sandbox_verifier()
    from accounts.gateways.verification_twilio import live_verifier

    return live_verifier()
