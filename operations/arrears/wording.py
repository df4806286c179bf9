"""Words for buckets of days past due."""

from django.utils.translation import gettext as _

from plans.rules.arrears import CURRENT, WORST


def bucket_words(bucket: str) -> str:
    """Name a bucket: "In time", "4–30 days late"."""
    if bucket == CURRENT:
        return _("In time")
    if bucket == WORST:
        return _("%(days)s days late or more") % {"days": bucket.removesuffix("+")}
    return _("%(days)s days late") % {"days": bucket.replace("-", "–")}
