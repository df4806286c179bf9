"""Permissions of the back office, in words."""

from collections.abc import Collection

from django.contrib.auth.models import Permission
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

ACTS = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("look at")}
"""The words for the permissions that every model has."""


def permission_name(permission: Permission) -> str:
    """Return the name of a permission in the current language: its subject and the allowed action."""
    model, (act, _sep, _what) = permission.content_type.model_class(), permission.codename.partition("_")
    about = str(model._meta.verbose_name) if model else permission.content_type.model
    return f"{about}: {ACTS[act] if permission.name.startswith(f'Can {act} ') and act in ACTS else gettext(permission.name)}"


def permission_names(codes: Collection[str]) -> dict[str, str]:
    """Return the names of permissions (`app.codename`) by their codes; one query."""
    if not codes:
        return {}
    found = Permission.objects.filter(codename__in=[code.partition(".")[2] for code in codes]).select_related("content_type")
    return {f"{one.content_type.app_label}.{one.codename}": gettext("“%(text)s”") % {"text": permission_name(one)} for one in found}
