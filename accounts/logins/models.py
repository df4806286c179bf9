"""Accounts at other companies by which consumers sign in."""

from django.db import models

from accounts.models.people import Consumer
from core.ids import Identified


class Login(Identified):
    """An account of a consumer at another company, which signs them in here.

    `company` is the kind of provider (`google`), the same for every account that the lender has with it. `subject_hash` is the SHA-256 of
    the issuer and its name for the person; neither is kept. A removed login, and one of an erased person, has no row any more.
    """

    PREFIX = "lgn"
    consumer = models.ForeignKey(Consumer, on_delete=models.CASCADE, related_name="logins", db_index=False)
    company = models.CharField(max_length=20)
    brand = models.CharField(max_length=20)
    subject_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_hash", "brand"], name="login_once"),
            models.UniqueConstraint(fields=["consumer", "company"], name="login_one_a_company"),
        ]

    def __str__(self) -> str:
        return self.public_id
