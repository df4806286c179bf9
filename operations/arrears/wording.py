"""Words for buckets of days past due."""

from django.utils.translation import gettext as _

from plans.rules.arrears import CURRENT


def bucket_words(bucket: str) -> str:
    """Name a bucket: "In time", "4–30 days late"."""
    if bucket == CURRENT:
        return _("In time")
    return _("%(days)s days late") % {"days": bucket.replace("-", "–").replace("181+", "181 +")}
