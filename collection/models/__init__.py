"""What collecting keeps of its own: closed days, arrears, promises, cases with their calls, contacts, complaints, and agencies."""

from collection.models.agencies import Agency, Placement
from collection.models.agency_money import AgencyTerms, Commission, Remittance, RemittanceLine
from collection.models.conduct import AgencyComplaint, AgencyContact, AgencyHold, Breach
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
    "AgencyComplaint",
    "AgencyContact",
    "AgencyHold",
    "AgencyTerms",
    "Arrears",
    "Breach",
    "Call",
    "Case",
    "ClosedDay",
    "Commission",
    "Complaint",
    "Contact",
    "ContactStop",
    "LateNotice",
    "Placement",
    "Promise",
    "Reminder",
    "Remittance",
    "RemittanceLine",
    "RolledDay",
    "Task",
]
