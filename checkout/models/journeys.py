"""How far people come in checkouts: which pages they reached, when, and what kept them."""

import uuid

from django.db import models

from merchants.models import Merchant


class Journey(models.Model):
    """One checkout's way through its pages (`checkout.journeys.STEPS`), however it ended.

    `steps` has the milliseconds from `began_at` to the first time that each page was shown; `step` is the page that was reached last, going
    back not counted. `errors` counts refused forms by page and code, as `details.postal_code`: never what was typed. `again` is the mark of
    the last refused form, so that a reload counts nothing. The key is the checkout's; the row does not keep the checkout.
    """

    checkout_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, db_index=False, related_name="+")
    device = models.CharField(max_length=8)
    opening = models.CharField(max_length=8)
    began_at = models.DateTimeField()
    step = models.CharField(max_length=10)
    step_at = models.DateTimeField()
    steps = models.JSONField(default=dict)
    errors = models.JSONField(default=dict)
    again = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["began_at"], name="journey_began"),
            models.Index(fields=["step", "-began_at"], name="journey_at_step"),
        ]

    def __str__(self) -> str:
        return f"{self.checkout_id} {self.step}"
