"""Published lists of sanctions, in the versions that were loaded, and each of their entries from one version to another."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.states import ListSource
from core.evidence import kept, settled

SOURCES = [
    (ListSource.OFAC.value, _("United States (OFAC)")),
    (ListSource.EU.value, _("European Union")),
    (ListSource.UN.value, _("United Nations")),
    (ListSource.UK.value, _("United Kingdom")),
]

LIST_NAMES = {
    ListSource.OFAC: "OFAC SDN",
    ListSource.EU: "EU consolidated",
    ListSource.UN: "UN consolidated",
    ListSource.UK: "UK Sanctions List",
}
"""What matches call these lists."""


class PublishedList(models.Model):
    """A version of a list that differs from the one before: when it was loaded, what the list calls its day, and what changed."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=10, choices=SOURCES)
    published_on = models.DateField(null=True)
    loaded_at = models.DateTimeField()
    entries = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("version of a list")
        verbose_name_plural = _("lists of sanctions")
        constraints = [
            models.CheckConstraint(condition=Q(source__in=[one.value for one in ListSource]), name="published_list_source_known")
        ]
        indexes = [models.Index(fields=["source", "-id"], name="published_list_newest")]
        triggers = [*kept()]

    def __str__(self) -> str:
        return f"{self.source} {self.published_on or self.loaded_at:%Y-%m-%d}"


class ListedEntry(models.Model):
    """An entry as a list had it from one version (`since`) until before another (`until`, null while it stands so).

    `told` is what the list says (`accounts.screening.lists.reading.Entry`); `digest` its hash.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=10, choices=SOURCES)
    entry = models.CharField(max_length=60)
    is_person = models.BooleanField()
    told = models.JSONField()
    digest = models.CharField(max_length=64)
    since = models.ForeignKey(PublishedList, on_delete=models.PROTECT, related_name="begun")
    until = models.ForeignKey(PublishedList, on_delete=models.PROTECT, null=True, related_name="ended")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "entry"], condition=Q(until=None), name="listed_entry_stands_once"),
            models.CheckConstraint(condition=Q(source__in=[one.value for one in ListSource]), name="listed_entry_source_known"),
        ]
        triggers = [*kept(changing=["until"]), settled("ended_once", "OLD.until_id IS NOT NULL")]

    def __str__(self) -> str:
        return f"{self.source} {self.entry}"
