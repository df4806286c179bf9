"""One-time codes by the sandbox world: the adapter of Twilio Verify, pointed there."""

from accounts.gateways.base import Verifier
from accounts.gateways.verification_twilio import TwilioVerifier
from core.twilio_client import SANDBOX_SERVICE, sandbox_client


def sandbox_verifier() -> Verifier:
    """Return the verifier of the sandbox world."""
    return TwilioVerifier(sandbox_client(), SANDBOX_SERVICE)
