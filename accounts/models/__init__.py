"""People: consumers, the users who work for merchants or operate the platform, and how operators look after consumers."""

from accounts.contacts.models import ContactChange
from accounts.devices.models import Device
from accounts.factors.models import Authenticator, Passkey, PasskeyUse, RecoveryCode
from accounts.logins.models import Login
from accounts.models.care import Block, Look, NamePart, Note
from accounts.models.classes import ClassChange, CustomerClass
from accounts.models.people import (
    Consent,
    Consumer,
    ConsumerChange,
    ConsumerRequest,
    IdentityCheck,
    OnboardingStep,
    PersonKey,
    SignInCode,
    User,
    UserChange,
    UserManager,
)
from accounts.models.support import SupportFlag
from accounts.proofs.models import IdentityPicture, IdentityProof
from accounts.screening.lists.models import ListedEntry, PublishedList
from accounts.screening.models import Screened, Screening, ScreeningList, ScreeningMatch

__all__ = [
    "Authenticator",
    "Block",
    "ClassChange",
    "Consent",
    "Consumer",
    "ConsumerChange",
    "ConsumerRequest",
    "ContactChange",
    "CustomerClass",
    "Device",
    "IdentityCheck",
    "IdentityPicture",
    "IdentityProof",
    "ListedEntry",
    "Login",
    "Look",
    "NamePart",
    "Note",
    "OnboardingStep",
    "Passkey",
    "PasskeyUse",
    "PersonKey",
    "PublishedList",
    "RecoveryCode",
    "Screened",
    "Screening",
    "ScreeningList",
    "ScreeningMatch",
    "SignInCode",
    "SupportFlag",
    "User",
    "UserChange",
    "UserManager",
]
