"""Models of fraud: sightings, acts, assessments, cases of the desk, lists, the network of shared values, alerts of money laundering."""

from fraud.laundering.models import LaunderingAlert, LaunderingLook, LaunderingReport
from fraud.models.acts import ACT_KEYS, AccountAct
from fraud.models.assessments import Assessment
from fraud.models.desk import FraudCase
from fraud.models.lists import ListEntry
from fraud.models.network import Hub, Label, Link, Member, Ring
from fraud.models.sightings import KEYS, Sighting

__all__ = [
    "ACT_KEYS",
    "KEYS",
    "AccountAct",
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
