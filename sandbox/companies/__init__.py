"""The companies of the outside world. A new company is a package here, and an entry in this list."""

from sandbox.world import Company

from .bureau import BUREAU
from .equifax import EQUIFAX
from .experian import EXPERIAN
from .gateway import GATEWAY
from .kyc import KYC
from .mailbox import MAILBOX
from .onfido import ONFIDO
from .openid import OPENID
from .phone import PHONE
from .plaid import PLAID
from .registers import REGISTERS
from .screening import SCREENING
from .stripe import STRIPE
from .tink import TINK
from .transunion import TRANSUNION
from .twilio import TWILIO

COMPANIES: tuple[Company, ...] = (
    MAILBOX,
    PHONE,
    TWILIO,
    GATEWAY,
    STRIPE,
    KYC,
    SCREENING,
    BUREAU,
    EXPERIAN,
    EQUIFAX,
    TRANSUNION,
    REGISTERS,
    PLAID,
    TINK,
    OPENID,
    ONFIDO,
)
"""In the order of the home page."""
