"""Joining a team: people are invited by e-mail, and accept with their own account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import User
from brands.queries import brand_of
from core.clock import now
from core.errors import DomainError, NotFound
from core.ids import parse_id
from merchants.models import Invitation
from merchants.queries import find_invitation, open_invitations
from merchants.services import accept_invitation, decline_invitation, withdraw_invitation
from portals.again import ask_again, find_kept, form_again
from portals.doors import page
from portals.forms import add_errors
from portals.merchant.entering.views import enter
from portals.merchant.frame import CHOSEN, Desk, confirm, merchant_page, show_door
from portals.merchant.team.forms import InvitationForm


@sensitive_post_parameters("password")
@page("GET", "POST")
def invitation(request: HttpRequest, invitation_id: str, token: str) -> HttpResponse:
    """Let an invited person join: with a new password or, if they have an account, by signing in to it."""
    found = find_invitation(invitation_id=parse_id(Invitation.PREFIX, invitation_id), token=token, at=now())
    if found is None or found.merchant.brand_id != brand_of(request).code:
        return redirect(request.path) if request.method == "POST" else show_door(request, "team/invitation_spent", status=410)
    if found.user.has_usable_password():
        return _known(request, found)
    if request.method != "POST":
        return show_door(
            request,
            "team/invitation",
            {"form": form_again(find_kept(request), InvitationForm), "shop": found.merchant.name, "email": found.user.email},
        )
    if "decline" in request.POST:
        return _decline(request, found, None)
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            accept_invitation(invitation_id=found.id, user=None, password=form.cleaned_data["password"], at=now())
        except DomainError as error:
            add_errors(form, error)
        else:
            return _lead_in(request, found)
    return ask_again(request, form=form)


def _known(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Let a person who has an account accept after signing in; other visitors do not learn whose account it is."""
    if not isinstance(request.user, User):
        return redirect(f"{reverse('merchant_sign_in')}?{urlencode({'next': request.path})}")
    if request.user.pk != found.user_id:
        return show_door(request, "team/invitation_other", {"signed_in": request.user.email}, status=403)
    if request.method != "POST":
        return show_door(request, "team/invitation_known", {"shop": found.merchant.name, "role": found.get_role_display()})
    if "decline" in request.POST:
        return _decline(request, found, request.user)
    accept_invitation(invitation_id=found.id, user=request.user, password="", at=now())
    return _lead_in(request, found)


def _decline(request: HttpRequest, found: Invitation, user: User | None) -> HttpResponse:
    """Decline the invitation, and say so."""
    decline_invitation(invitation_id=found.id, user=user, at=now())
    return show_door(request, "team/invitation_declined", {"shop": found.merchant.name})


def _lead_in(request: HttpRequest, found: Invitation) -> HttpResponse:
    if request.user != found.user:
        found.user.refresh_from_db()
        enter(request, found.user)
    request.session[CHOSEN] = found.merchant.public_id
    messages.success(request, gettext("You are in the team of %(shop)s.") % {"shop": found.merchant.name})
    return redirect("merchant_overview")


@merchant_page("GET", "POST", needs="team.write")
def withdraw(request: HttpRequest, desk: Desk, invitation_id: str) -> HttpResponse:
    """Ask for confirmation, and withdraw an invitation; a person who has accepted meanwhile stays in the team."""
    wanted = parse_id(Invitation.PREFIX, invitation_id)
    if request.method == "POST":
        withdraw_invitation(invitation_id=wanted, merchant=desk.merchant, actor=desk.actor, at=desk.at)
        messages.success(request, _("The invitation is taken back."))
        return redirect("merchant_team")
    found = open_invitations(desk.merchant).select_related("user").filter(id=wanted).first()
    if found is None:
        raise NotFound("There is no such invitation.")
    return confirm(
        request,
        desk,
        "team",
        title=gettext("Take back the invitation of %(email)s?") % {"email": found.user.email},
        text=gettext("The link in the mail leads nowhere from now on. You can invite them again."),
        button=gettext("Take it back"),
        back=reverse("merchant_team"),
    )
