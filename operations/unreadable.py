"""The list of encrypted values that could not be decrypted: table, row, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.unreadable import Sighting, list_unreadable
from operations.frame import operator, show

MAY_SEE_COUNT = "payments.view_charge"
MOST = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A value of the list, with the page of its row, if there is one that the operator may see."""

    seen: Sighting
    link: str


def show_unreadable(request: HttpRequest) -> HttpResponse:
    """List the values that could not be decrypted, newest first; at most 200."""
    user = operator(request)
    if not user.has_perm(MAY_SEE_COUNT):
        raise PermissionDenied
    lines = list(_lines(user, list_unreadable(MOST)))
    return show(request, "unreadable.html", _("Encrypted values that could not be opened"), lines=lines, most=MOST)


def _lines(user: User, found: Iterable[Sighting]) -> Iterable[Line]:
    models: dict[str, type[Model]] = {model._meta.db_table: model for model in apps.get_models()}
    for seen in found:
        yield Line(seen, _link(user, models.get(seen.table), seen.key))


def _link(user: User, model: Any, key: str) -> str:
    if model is None or not user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
        return ""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
    except NoReverseMatch:
        return ""
