"""What collecting keeps of its own: closed days, arrears, promises, cases with their calls, contacts, complaints, and agencies."""

from collection.models.agencies import Agency, AgencyKey, Placement, Release
from collection.models.agency_money import AgencyTerms, Commission, Remittance, RemittanceLine
from collection.models.conduct import AgencyComplaint, AgencyContact, AgencyHold, Breach
from collection.models.desk import PayLink, Trace
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
from collection.models.letters import CaseLetter
from collection.models.needs import LateNeed
from collection.models.settlements import JointSettlement, Settlement

__all__ = [
    "Agency",
    "AgencyComplaint",
    "AgencyContact",
    "AgencyHold",
    "AgencyKey",
    "AgencyTerms",
    "Arrears",
    "Breach",
    "Call",
    "Case",
    "CaseLetter",
    "ClosedDay",
    "Commission",
    "Complaint",
    "Contact",
    "ContactStop",
    "JointSettlement",
    "LateNeed",
    "LateNotice",
    "PayLink",
    "Placement",
    "Promise",
    "Release",
    "Reminder",
    "Remittance",
    "RemittanceLine",
    "RolledDay",
    "Settlement",
    "Task",
    "Trace",
]
