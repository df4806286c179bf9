"""What collecting keeps of its own: closed days, arrears, promises, cases with their calls, contacts, complaints, and agencies."""

from collection.models.agencies import Agency, Placement
from collection.models.late import (
    Arrears,
    Call,
    Case,
    ClosedDay,
    Complaint,
    Contact,
    ContactStop,
    LateNotice,
    Promise,
    Reminder,
    RolledDay,
    Task,
)

__all__ = [
    "Agency",
    "Arrears",
    "Call",
    "Case",
    "ClosedDay",
    "Complaint",
    "Contact",
    "ContactStop",
    "LateNotice",
    "Placement",
    "Promise",
    "Reminder",
    "RolledDay",
    "Task",
]
