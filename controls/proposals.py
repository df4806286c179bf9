"""Kinds of proposals about rules and settings: a version comes into force, or a dangerous setting changes."""

import uuid
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls import services
from controls.errors import Changed
from controls.kinds import Detail, Kind, Values
from controls.queries import find_rules, get_rules, last_trial, list_changes
from controls.rule_kinds import get_rule_kind
from controls.services import adjusting
from controls.services.ruling import PROPOSED, proposed
from controls.telling import differences_of_rules, setting_words
from controls.warning import warnings_of
from core.adjusting import get_setting
from core.errors import Invalid, NotFound

MOST_CHANGES, NOTHING = 20, "–"
"""So many changed rules are shown with the proposal; all of them are on the page that it leads to."""
CHANGED: dict[str, Any] = {
    "added": gettext_lazy("New rule: %(rule)s"),
    "changed": gettext_lazy("Changed rule: %(rule)s"),
    "removed": gettext_lazy("Rule that goes: %(rule)s"),
}


class Rules(Kind):
    """The version of a kind's rules in force; the digest shows whether anybody changed the rules after they were proposed."""

    name, about, title = PROPOSED, "rules", gettext_lazy("Rules")

    def subject_name(self, subject: str) -> str:
        """Return the title of the kind of rules."""
        return str(get_rule_kind(subject).title)

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the version in force; number 0 if there is none."""
        live = find_rules(subject)
        return proposed(live) if live else {"version": 0, "digest": ""}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse a version that cannot come into force; Changed if its rules are no longer those of the proposal."""
        if set(after) != {"version", "digest"} or not isinstance(after["version"], int):
            raise Invalid("This cannot be changed here.")
        if proposed(get_rules(subject, after["version"])) != dict(after):
            raise Changed("These rules were changed after they had been proposed. Withdraw the proposal, and propose them anew.")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Put the version in force; return its name."""
        return str(services.begin_rules(kind=subject, number=after["version"], by=actor, at=at))

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return a value's name and the value itself."""
        if name == "version":
            return _("Version of “%(rules)s”") % {"rules": self.subject_name(subject)}, str(value) if value else _("none")
        # The digest only shows whether the rules are still those that were proposed (`check`); what they say is in the details.
        return "", ""

    def details(self, subject: str, before: Values, after: Values) -> list[Detail]:
        """Return each rule that is new, gone or different, part by part; two queries, and one for the names of shops."""
        kind = get_rule_kind(subject)
        try:
            new = get_rules(subject, after["version"])
            old = get_rules(subject, before["version"]) if before.get("version") else None
        except NotFound:
            return []
        contents = [new.content, old.content] if old else [new.content]
        found = differences_of_rules(kind, old.content if old else {}, new.content, import_string(settings.PLACE_NAMES)(contents))
        heads = [_("Part of the rule"), _("Before"), _("After")]
        return [
            Detail(
                CHANGED[one.what] % {"rule": one.name},
                heads,
                [(part.name, part.before or NOTHING, part.after or NOTHING) for part in one.parts],
            )
            for one in found[:MOST_CHANGES]
        ] + ([Detail(_("And %(number)s more rules") % {"number": len(found) - MOST_CHANGES}, [], [])] if len(found) > MOST_CHANGES else [])

    def cautions(self, subject: str, after: Values) -> list[str]:
        """Return what the last trial of these rules warns of, or that there was none."""
        trial = last_trial(get_rules(subject, after["version"]))
        return warnings_of(trial, get_rule_kind(subject)) if trial else [_("Nobody has tried these rules on the past.")]

    def link(self, subject: str) -> str:
        """Return the page of these rules."""
        return reverse("admin:controls_rules", args=[subject])

    def preview(self, proposal: uuid.UUID) -> str:
        """Return the URL of the page that shows the changed rules in words."""
        return reverse("admin:controls_rules_proposed", args=[proposal])


class SettingValue(Kind):
    """The value of a dangerous setting (`core.adjusting`); None for its default."""

    name, about, title = adjusting.PROPOSED, "setting", gettext_lazy("Setting")

    def subject_name(self, subject: str) -> str:
        """Return the setting's title; its name if it is gone since."""
        with suppress(NotFound):
            return str(get_setting(subject).title)
        return subject

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the value in force; None for the default."""
        setting = get_setting(subject)
        newest = list_changes(subject).first()
        return {adjusting.VALUE: adjusting.held_value(setting) if newest and newest.value is not None else None}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse a value that the setting cannot have; Invalid names `value`."""
        setting = get_setting(subject)
        if set(after) != {adjusting.VALUE} or starts_on is not None or not setting.dangerous:
            raise Invalid("This cannot be changed here.")
        if after[adjusting.VALUE] is not None:
            setting.check(after[adjusting.VALUE])

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Write the value; return it."""
        made = adjusting.set_agreed(name=subject, value=after[adjusting.VALUE], actor=actor, reason="", at=at)
        return str(made)

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the setting's title and the value with its unit; name and number if it is gone since."""
        with suppress(NotFound):
            setting = get_setting(subject)
            return str(setting.title), setting_words(setting, value)
        return subject, NOTHING if value is None else str(value)

    def form_fields(self, subject: str, after: Values) -> dict[str, forms.Field]:
        """Return the field of the value; empty if it goes back to the default."""
        value = after[adjusting.VALUE]
        return {} if value is None else {adjusting.VALUE: forms.IntegerField(label=_("Value"), initial=value)}

    def link(self, subject: str) -> str:
        """Return the setting's page."""
        return reverse("admin:controls_setting", args=[subject])
