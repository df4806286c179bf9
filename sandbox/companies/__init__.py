"""The companies of the outside world. A new one adds a package here, and its line to the list."""

from sandbox.world import Company

from .bureau import BUREAU
from .gateway import GATEWAY
from .kyc import KYC
from .mailbox import MAILBOX
from .phone import PHONE
from .stripe import STRIPE
from .twilio import TWILIO

COMPANIES: tuple[Company, ...] = (MAILBOX, PHONE, TWILIO, GATEWAY, STRIPE, KYC, BUREAU)
"""In the order of the home page."""
