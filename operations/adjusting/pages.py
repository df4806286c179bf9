"""The content of the pages of settings, as plain values."""

from typing import Any

from django.conf import settings as installation_settings
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.admin import proposal_link
from controls.models import SettingChange
from controls.queries import list_changes, newest_changes, open_proposals, proposals_of
from controls.services.adjusting import MAY_APPROVE, MAY_CHANGE, MAY_PROPOSE, PROPOSED
from controls.telling import setting_words
from core.adjusting import Setting, list_settings
from core.sentences import Text
from operations.roles import roles_with
from operations.tasklist import operators_by_key

SHOWN = 50
MODULES: dict[str, Text] = {
    "accounts": gettext_lazy("People and signing in"),
    "checkout": gettext_lazy("Orders"),
    "collection": gettext_lazy("Reminders and late payments"),
    "controls": gettext_lazy("Work list and rules"),
    "core": gettext_lazy("API and the platform"),
    "credit": gettext_lazy("Decisions"),
    "fraud": gettext_lazy("Fraud"),
    "learning": gettext_lazy("Models of risk"),
    "merchants": gettext_lazy("Shops"),
    "notifications": gettext_lazy("Messages"),
    "payments": gettext_lazy("Money"),
    "plans": gettext_lazy("Plans"),
    "reports": gettext_lazy("Figures"),
    "webhooks": gettext_lazy("Webhooks"),
}


def all_settings(term: str) -> dict[str, Any]:
    """Return the settings that match a search term (empty for all), by module; three queries."""
    changes, waiting, people = newest_changes(), open_proposals(PROPOSED), operators_by_key()
    lines = [_line(one, changes.get(one.name), waiting.get(one.name), people) for one in list_settings()]
    found = [line for line in lines if _fits(line, term)]
    groups = [_group(title, [line for line in found if line["setting"].module == module]) for module, title in MODULES.items()]
    return {"groups": [group for group in groups if group["lines"]], "term": term}


def _group(title: Text, lines: list[dict[str, Any]]) -> dict[str, Any]:
    waiting, changed = any(line["waiting"] for line in lines), sum(line["is_changed"] for line in lines)
    return {"title": title, "lines": lines, "waiting": waiting, "changed": changed}


def _fits(line: dict[str, Any], term: str) -> bool:
    setting: Setting = line["setting"]
    told = f"{setting.name} {setting.variable} {setting.title} {setting.about} {setting.unit.name} {MODULES[setting.module]}".casefold()
    return all(word in told for word in term.casefold().split())


def _line(setting: Setting, newest: SettingChange | None, waiting: Any, people: dict[str, str]) -> dict[str, Any]:
    is_changed = newest is not None and newest.value is not None and not setting.fault(newest.value)
    return {
        "setting": setting,
        "link": reverse("admin:controls_setting", args=[setting.name]),
        "value": setting_words(setting, newest.value if newest and is_changed else setting.base),
        "default": setting_words(setting, setting.base),
        "is_changed": is_changed,
        "at": newest.at if newest and is_changed else None,
        "by": _name_of(newest.actor, people) if newest and is_changed else "",
        "waiting": waiting,
    }


def _name_of(by: str, people: dict[str, str]) -> str:
    return _("Two people") if proposal_link(by) else people.get(by, by)


def one_setting(setting: Setting) -> dict[str, Any]:
    """Return a setting's value, bounds, history, and who may change it, for its page; a constant number of queries."""
    people = operators_by_key()
    changes = list(list_changes(setting.name)[:SHOWN])
    waiting = open_proposals(PROPOSED).get(setting.name)
    line = _line(setting, changes[0] if changes else None, waiting, people)
    newest = changes[0] if changes else None
    return line | {
        "module": MODULES[setting.module],
        "least": setting_words(setting, setting.least),
        "most": setting_words(setting, setting.most),
        "held": newest.value if newest and line["is_changed"] else setting.base,
        "own_default": setting.default,
        "shipped": setting_words(setting, setting.default),
        "changers": ", ".join(roles_with(MAY_PROPOSE if setting.dangerous else MAY_CHANGE)),
        "deciders": ", ".join(roles_with(MAY_APPROVE)) if setting.dangerous else "",
        "history": [_change_line(setting, one, people) for one in changes],
        "seen": newest.pk if newest else 0,
        "wanted": setting_words(setting, waiting.after["value"]) if waiting else "",
        "proposals": list(proposals_of(setting.name, (PROPOSED,))[:SHOWN]) if setting.dangerous else [],
    }


def installation() -> dict[str, Any]:
    """Return the environment variables of the installation, by group."""
    groups: dict[str, list[Any]] = {}
    for one in import_string(installation_settings.INSTALLATION)():
        groups.setdefault(str(one.group), []).append(one)
    return {"groups": [{"title": title, "lines": lines} for title, lines in groups.items()]}


def _change_line(setting: Setting, change: SettingChange, people: dict[str, str]) -> dict[str, Any]:
    return {
        "at": change.at,
        "before": setting_words(setting, change.before),
        "after": setting_words(setting, change.value),
        "by": _name_of(change.actor, people),
        "proposal": proposal_link(change.actor),
        "reason": change.reason,
    }
