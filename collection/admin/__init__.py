"""Admin pages of collecting, one file a subject."""

from collection.admin.breaks import BreakAdmin
from collection.admin.closing import ClosedDayAdmin
from collection.admin.losses import ChargeOffAdmin

__all__ = ["BreakAdmin", "ChargeOffAdmin", "ClosedDayAdmin"]
