"""What agencies report of their conduct, what of it breaks the code, and when an agency gets nothing new because of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from collection.agency_conduct_guards import RESTARTED_BY_TWO
from collection.models.agencies import Agency, Placement
from collection.models.late import Complaint
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified


class AgencyContact(Identified):
    """A contact with a person that an agency reported, once by its own `reference`; `day` is the day at the person's place."""

    PREFIX = "agc"
    CALL, SMS, EMAIL, LETTER, VISIT = "call", "sms", "email", "letter", "visit"
    CHANNELS = [(CALL, _("Calls")), (SMS, _("SMS")), (EMAIL, _("E-mail")), (LETTER, _("Letters")), (VISIT, _("Visits"))]
    MISSED, SPOKE, WRONG, STOP, SENT = "not_reached", "spoke", "wrong_number", "asked_not", "sent"
    OUTCOMES = [
        (MISSED, _("Not reached")),
        (SPOKE, _("Spoke with the person")),
        (WRONG, _("Wrong number")),
        (STOP, _("Asked not to be contacted by it")),
        (SENT, _("Sent")),
    ]
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="contacts", db_index=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="contacts", db_index=False)
    reference = models.CharField(max_length=80)
    channel = models.CharField(max_length=6, choices=CHANNELS)
    outcome = models.CharField(max_length=12, choices=OUTCOMES)
    day = models.DateField()
    at = models.DateTimeField()
    told_by = models.CharField(max_length=80)
    told_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("contact of an agency"), _("contacts of agencies")
        constraints = [
            models.UniqueConstraint(fields=["agency", "reference"], name="agency_contact_once"),
            models.CheckConstraint(
                condition=Q(channel__in=["call", "sms", "email", "letter", "visit"]), name="agency_contact_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["not_reached", "spoke", "wrong_number", "asked_not", "sent"]), name="agency_contact_outcome_known"
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-at"], name="agency_contact_newest"),
            models.Index(fields=["placement", "at"], name="agency_contact_of_debt"),
        ]
        triggers = kept()


class Breach(Identified):
    """A rule of the code that a reported contact broke (`rule`); each rule once a contact."""

    PREFIX = "brc"
    EARLY, RECALLED, STILL, COMPLAINT = "early", "recalled", "standstill", "complaint"
    HARDSHIP, ASKED_NOT, HOURS, OFTEN, TALKED = "hardship", "asked_not", "hours", "often", "talked"
    RULES = [
        (EARLY, _("Before the day on which the debt was placed")),
        (RECALLED, _("After the debt was recalled")),
        (STILL, _("Collecting stands still for the person")),
        (COMPLAINT, _("A complaint waits for its answer")),
        (HARDSHIP, _("The person has relief")),
        (ASKED_NOT, _("The person does not want it by this channel")),
        (HOURS, _("Outside of the hours of the person's place")),
        (OFTEN, _("More often than allowed")),
        (TALKED, _("Too soon after a talk")),
    ]
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="breaches", db_index=False)
    contact = models.ForeignKey(AgencyContact, on_delete=models.PROTECT, related_name="breaches", db_index=False)
    rule = models.CharField(max_length=12, choices=RULES)
    at = models.DateTimeField()
    found_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("breach of the code"), _("breaches of the code")
        constraints = [models.UniqueConstraint(fields=["contact", "rule"], name="breach_once")]
        indexes = [models.Index(fields=["agency", "-at"], name="breach_newest")]
        triggers = kept()


class AgencyComplaint(Identified):
    """A complaint about collecting that a person made to an agency, reported once by its `reference`, and opened in our own queue.

    `complaint` is ours: the one that it opened, or that waited already. The person's data key seals the words.
    """

    PREFIX = "agk"
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="complaints", db_index=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="complaints", db_index=False)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+", db_index=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+", db_index=False)
    reference = models.CharField(max_length=80)
    about = EncryptedTextField(person="consumer_id")
    at = models.DateTimeField()
    told_by = models.CharField(max_length=80)
    told_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("complaint to an agency"), _("complaints to agencies")
        constraints = [models.UniqueConstraint(fields=["agency", "reference"], name="agency_complaint_once")]
        indexes = [models.Index(fields=["agency", "-at"], name="agency_complaint_newest")]
        triggers = kept()


class AgencyHold(Identified):
    """An agency gets nothing new since `since`, because its conduct went beyond what its market allows; two people end it.

    `figures` are the counts that led to it, with the market's limits of that day.
    """

    PREFIX = "agh"
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="holds", db_index=False)
    since = models.DateTimeField()
    figures = models.JSONField()
    ended_at = models.DateTimeField(null=True)
    proposal = models.UUIDField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("stop for conduct"), _("stops for conduct")
        permissions = [("restart_agency", "Can decide that an agency that broke the code gets debts again")]
        constraints = [
            models.UniqueConstraint(fields=["agency"], condition=Q(ended_at=None), name="agency_hold_one_now"),
            models.CheckConstraint(
                condition=Q(ended_at=None, proposal=None) | Q(ended_at__isnull=False, proposal__isnull=False),
                name="agency_hold_ends_by_two",
            ),
        ]
        indexes = [models.Index(fields=["agency", "-id"], name="agency_hold_newest")]
        triggers = [*kept(changing=["ended_at", "proposal"]), settled("ended_stays", "OLD.ended_at IS NOT NULL"), RESTARTED_BY_TWO]
