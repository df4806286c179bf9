"""Letters that operators sent to late people."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from core.crypto import EncryptedJSONField
from core.evidence import kept
from core.ids import Identified
from markets.models import MarketSetting


class CaseLetter(Identified):
    """A letter that an operator sent to a late person by a template of the market, word for word.

    `setting` is the dated row of the template. `words` are `heading`, `text` and `language`, sealed for the person; `asks` says whether it
    asks to pay.
    """

    PREFIX = "clt"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="case_letters", db_index=False)
    setting = models.ForeignKey(MarketSetting, on_delete=models.PROTECT, related_name="+")
    words = EncryptedJSONField(person="consumer_id")
    asks = models.BooleanField()
    sent_by = models.CharField(max_length=80)
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("letter by an operator"), _("letters by operators")
        indexes = [
            models.Index(fields=["consumer", "-id"], name="case_letter_of_consumer"),
            models.Index(fields=["sent_at"], name="case_letter_sent"),
        ]
        triggers = kept()
