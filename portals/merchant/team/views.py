"""The team: its members and their roles; inviting people, changing roles, removing members."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, NotFound
from merchants.models import Membership
from merchants.queries import keys_made_by, list_members, open_invitations
from merchants.services import change_role, invite_member, remove_member
from portals.again import ask_again, find_kept, form_again
from portals.forms import add_errors
from portals.merchant.frame import Desk, confirm, merchant_page, once_for, show
from portals.merchant.team.forms import InviteForm, RoleForm
from portals.merchant.team.page import invited_row, member_row


@merchant_page("GET", "POST")
def team(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the team; members with the permission can invite people."""
    if request.method != "POST":
        return _show(request, desk, form_again(find_kept(request), InviteForm))
    desk.require("team.write")
    form = InviteForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            once_for(request, desk, lambda: _invite(desk, form))
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, gettext("An invitation is on its way to %(email)s. They are in your team once they accept it.") % told
            )
            return redirect("merchant_team")
    return ask_again(request, form=form)


def _invite(desk: Desk, form: InviteForm) -> str:
    told = form.cleaned_data
    who = {"email": told["email"], "role": told["role"], "name": told["name"].strip(), "language": get_language() or ""}
    invitation = invite_member(merchant=desk.merchant, **who, actor=desk.actor, at=desk.at)
    return invitation.public_id


def _show(request: HttpRequest, desk: Desk, form: InviteForm) -> HttpResponse:
    context = {
        "form": form,
        "members": [member_row(member, desk) for member in list_members(desk.merchant)],
        "invitations": [invited_row(one, desk) for one in open_invitations(desk.merchant).select_related("user").order_by("-id")],
        "may_change": desk.may("team.write"),
    }
    return show(request, desk, "team/team", "team", context)


def _get_member(desk: Desk, member_id: int) -> Membership:
    found = next((member for member in list_members(desk.merchant) if member.pk == member_id), None)
    if found is None:
        raise NotFound("There is no such person in your team.")
    return found


def _keys_of(desk: Desk, member: Membership) -> str:
    """Name a member's API keys: they belong to the shop and stay valid after the member leaves, who may still know them."""
    names = ", ".join(gettext("“%(name)s”") % {"name": key.name} for key in keys_made_by(desk.merchant, member.user_id))
    if not names:
        return ""
    return " " + gettext("They made keys that go on working, and may know them still: %(names)s. Replace those.") % {"names": names}


def _name(member: Membership) -> str:
    return member.user.name or member.user.email


@merchant_page("GET", "POST", needs="team.write")
def role(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Give somebody another role."""
    member = _get_member(desk, member_id)
    if request.method != "POST":
        form = form_again(find_kept(request), lambda sent: RoleForm(sent, initial={"role": member.role}))
        return show(request, desk, "team/role", "team", {"form": form, "name": _name(member)})
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            changed = change_role(
                membership_id=member_id, merchant=desk.merchant, role=form.cleaned_data["role"], actor=desk.actor, at=desk.at
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, gettext("%(name)s now has the role %(role)s.") % {"name": _name(member), "role": changed.get_role_display()}
            )
            return redirect("merchant_team")
    return ask_again(request, form=form)


@merchant_page("GET", "POST", needs="team.write")
def remove(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Ask for confirmation, and remove a member; removing them again changes nothing."""
    if request.method == "POST":
        remove_member(membership_id=member_id, merchant=desk.merchant, actor=desk.actor, at=desk.at)
        messages.success(request, _("The person is not in your team any more."))
        return redirect("merchant_overview" if member_id == desk.membership.pk else "merchant_team")
    member = _get_member(desk, member_id)
    return confirm(
        request,
        desk,
        "team",
        title=gettext("Remove %(name)s from the team?") % {"name": _name(member)},
        text=_("They cannot see or do anything in this shop from now on. What they did stays in the history.") + _keys_of(desk, member),
        button=gettext("Remove from the team"),
        back=reverse("merchant_team"),
    )
