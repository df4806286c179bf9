"""Settings of shops' teams that operators may change."""

from django.utils.translation import gettext_lazy as _

from core.adjusting import DAYS, Setting

INVITATION_DAYS = Setting(
    "merchants.invitation_days",
    _("Invitations to a shop's team"),
    _("So long an invitation can be accepted; each says its last day. Those that were sent already keep theirs."),
    DAYS,
    7,
    1,
    30,
    _("A link that gives a right should not lie in a mailbox for months."),
)

SETTINGS = [INVITATION_DAYS]
