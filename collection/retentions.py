"""How long what is found out about late people is kept."""

from django.utils.translation import gettext_noop

from collection.models import Trace
from core.retention import Retention

RETENTIONS = [
    Retention(
        Trace,
        "noted_at",
        "BNPL_KEEP_TRACES_DAYS",
        30,
        gettext_noop("Where somebody was found is of no use once they were reached, or are not late any more."),
    ),
]
