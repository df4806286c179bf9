"""API keys: created, shown once, revoked."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, NotFound
from core.ids import parse_id
from merchants.models import ApiKey
from merchants.queries import keys_beyond_their_makers, list_api_keys
from merchants.services import create_api_key, revoke_api_key
from portals.again import ask_again, find_kept, form_again, lead_to, take_kept
from portals.forms import add_errors
from portals.merchant.actors import actors_by_id
from portals.merchant.frame import Desk, confirm, merchant_page, once_for, show
from portals.merchant.keys.forms import KeyForm


@merchant_page("GET", "POST", needs="keys.write")
def keys(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the keys and create new ones; the full text of a new key is shown once, on the page that follows."""
    if request.method != "POST":
        return _show(request, desk, form_again(find_kept(request), lambda sent: KeyForm(sent, allowed=desk.key_scopes)))
    form = KeyForm(request.POST, allowed=desk.key_scopes)
    if form.is_valid():
        made: list[str] = []
        try:
            _key, before = once_for(request, desk, lambda: _create(desk, form, made))
        except DomainError as error:
            add_errors(form, error)
        else:
            return _lead_to_made(request, form, made, before=before)
    return ask_again(request, form=form)


def _create(desk: Desk, form: KeyForm, made: list[str]) -> str:
    """Create a key; its full text is returned through `made`, so that it is not stored with the form's answer."""
    told = form.cleaned_data
    key, full = create_api_key(
        merchant=desk.merchant, kind=told["kind"], name=told["name"], scopes=told["scopes"], actor=desk.actor, at=desk.at
    )
    made.append(full)
    return key.public_id


def _lead_to_made(request: HttpRequest, form: KeyForm, made: list[str], *, before: bool) -> HttpResponse:
    if before:
        messages.error(request, _("This key was made a moment ago and was shown once. If you did not keep it, revoke it and make another."))
        return redirect("merchant_keys")
    told = form.cleaned_data
    return lead_to(request, reverse("merchant_key_made"), full=made[0], kind=told["kind"], name=told["name"])


@merchant_page("GET", needs="keys.write")
def made(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show a new key in full, once."""
    kept = take_kept(request)
    if kept is None:
        messages.error(request, _("A new key is shown once. If you did not keep it, revoke it and make another."))
        return redirect("merchant_keys")
    return show(request, desk, "keys/key_made", "keys", kept.data.dict())


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A row of the list of keys in use; `beyond`: the key has scopes that its maker's role does not allow."""

    name: str
    scopes: str
    kind: str
    tone: str
    hint: str
    made_at: datetime
    maker: str
    beyond: bool
    revoke_path: str


def _key(key: ApiKey, maker: str, beyond: bool) -> KeyRow:
    return KeyRow(
        name=key.name,
        scopes=", ".join(key.scopes),
        kind=key.get_kind_display(),
        tone="info" if key.kind == "secret" else "mute",
        hint=key.hint,
        made_at=key.created_at,
        maker=maker,
        beyond=beyond,
        revoke_path=reverse("merchant_key_revoke", args=[key.public_id]),
    )


def _show(request: HttpRequest, desk: Desk, form: KeyForm) -> HttpResponse:
    found = list_api_keys(desk.merchant)
    names = actors_by_id({key.created_by for key in found})
    beyond = keys_beyond_their_makers(desk.merchant)
    context = {
        "form": form,
        "keys": [_key(key, names.get(key.created_by, ""), key.pk in beyond) for key in found if key.revoked_at is None],
        "replace": bool(beyond),
        "revoked": [(key.name, key.hint, key.revoked_at) for key in found if key.revoked_at is not None],
    }
    return show(request, desk, "keys/keys", "keys", context)


@merchant_page("GET", "POST", needs="keys.write")
def revoke(request: HttpRequest, desk: Desk, key_id: str) -> HttpResponse:
    """Ask for confirmation, and revoke a key; revoking it again changes nothing."""
    wanted = parse_id(ApiKey.PREFIX, key_id)
    if request.method == "POST":
        key = revoke_api_key(key_id=wanted, merchant=desk.merchant, actor=desk.actor, at=desk.at)
        messages.success(request, gettext("The key “%(name)s” is revoked.") % {"name": key.name})
        return redirect("merchant_keys")
    found = next((key for key in list_api_keys(desk.merchant) if key.id == wanted), None)
    if found is None:
        raise NotFound("There is no such API key.")
    return confirm(
        request,
        desk,
        "keys",
        title=gettext("Revoke the key “%(name)s”?") % {"name": found.name},
        text=gettext("Calls with %(key)s are refused from now on. This cannot be undone; make a new key first where one is in use.")
        % {"key": found.hint},
        button=gettext("Revoke the key"),
        back=reverse("merchant_keys"),
    )
