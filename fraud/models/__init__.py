"""Models of fraud: sightings, assessments, cases of the desk, lists, the network of shared values, alerts about money laundering."""

from fraud.laundering.models import LaunderingAlert, LaunderingLook, LaunderingReport
from fraud.models.assessments import Assessment
from fraud.models.desk import FraudCase
from fraud.models.lists import ListEntry
from fraud.models.network import Hub, Label, Link, Member, Ring
from fraud.models.sightings import KEYS, Sighting

__all__ = [
    "KEYS",
    "Assessment",
    "FraudCase",
    "Hub",
    "Label",
    "LaunderingAlert",
    "LaunderingLook",
    "LaunderingReport",
    "Link",
    "ListEntry",
    "Member",
    "Ring",
    "Sighting",
]
