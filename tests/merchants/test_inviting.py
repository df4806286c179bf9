"""Invitations: nobody is in a team without their own consent, and nothing of an account is told to who invites."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from accounts.models import User
from core.clock import now
from core.errors import DomainError, Forbidden, Invalid, TooMany
from merchants.errors import AlreadyMember, InvitationSpent, OperatorsStayOutside
from merchants.models import AccountChange, Invitation, Membership
from merchants.queries import find_invitation, invitation_token, open_invitations
from merchants.services import accept_invitation, decline_invitation, invite_member, remove_member, withdraw_invitation
from merchants.services.inviting import MOST_OF_A_SHOP, MOST_TO_ONE
from tests.operators import make_boss, make_operator
from tests.shops import AT, join_team, open_shop

PASSWORD = "long enough to keep"
VALID = timedelta(days=7)


@pytest.fixture
def shop(db):
    return open_shop(name="Nordlys Lamps")


def invite(shop, email="new@shop.example", **how):
    told = {"merchant": shop, "email": email, "role": "viewer", "actor": "test", "at": AT}
    return invite_member(**(told | how))


def accept(invitation, user=None, password=PASSWORD, at=AT):
    return accept_invitation(invitation_id=invitation.id, user=user, password=password, at=at)


def refused(expected, *args, **how):
    before = list(Membership.objects.values_list("pk", "role"))
    with pytest.raises(expected) as caught:
        accept(*args, **how)
    assert list(Membership.objects.values_list("pk", "role")) == before
    assert isinstance(caught.value, DomainError)


def test_somebody_new_is_in_the_team_once_they_accept_with_a_password(shop):
    invitation = invite(shop, name="Mira\u202e Solberg")
    assert Membership.objects.count() == 0
    refused(Invalid, invitation, password="short")
    place = accept(invitation)
    assert (place.user.email, place.user.name, place.role, place.merchant) == ("new@shop.example", "Mira Solberg", "viewer", shop)
    assert User.objects.get().check_password(PASSWORD)
    refused(InvitationSpent, invitation, password="another long password")
    assert User.objects.get().check_password(PASSWORD)
    assert list(AccountChange.objects.order_by("id").values_list("kind", "actor")) == [
        *(("member_invited", "test"), ("member_joined", f"user:{place.user_id}")),
    ]


def test_somebody_known_accepts_as_themselves_only(shop):
    known = User.objects.create_user("known@shop.example", PASSWORD, name="Kim Known")
    other = User.objects.create_user("other@shop.example", PASSWORD)
    invitation = invite(shop, known.email, name="Somebody")
    for who in (None, other):
        refused(Forbidden, invitation, user=who, password="a password of theirs")
    accept(invitation, user=known)
    known.refresh_from_db()
    assert (known.name, known.check_password(PASSWORD)) == ("Kim Known", True)
    assert Membership.objects.get().user == known


def test_who_does_not_want_to_join_declines_as_themselves_only(shop):
    known = User.objects.create_user("known@shop.example", PASSWORD, name="Kim Known")
    other = User.objects.create_user("other@shop.example", PASSWORD)
    invitation = invite(shop, known.email)
    for who in (None, other):
        with pytest.raises(Forbidden):
            decline_invitation(invitation_id=invitation.id, user=who, at=AT)
    assert open_invitations(shop).count() == 1
    decline_invitation(invitation_id=invitation.id, user=known, at=AT)
    assert (open_invitations(shop).count(), Membership.objects.count()) == (0, 0)
    refused(InvitationSpent, invitation, user=known)
    with pytest.raises(InvitationSpent):
        decline_invitation(invitation_id=invitation.id, user=known, at=AT)
    assert list(AccountChange.objects.filter(kind="invitation_declined").values_list("actor", flat=True)) == [f"user:{known.pk}"]


def test_the_pages_of_an_invitation_have_a_button_to_decline(shop, client):
    for email, signed_in in (("new@shop.example", False), ("known@shop.example", True)):
        if signed_in:
            client.force_login(User.objects.create_user(email, PASSWORD))
        invitation = invite(shop, email, at=now())
        path = reverse("merchant_invitation", args=[invitation.public_id, invitation_token(invitation)])
        assert "I do not want to join" in client.get(path).content.decode()
        assert "You do not join" in client.post(path, {"decline": "1"}).content.decode()
        assert client.get(path).status_code == 410
    assert (open_invitations(shop).count(), Membership.objects.count()) == (0, 0)
    assert not User.objects.get(email="new@shop.example").has_usable_password()


@pytest.mark.parametrize("make", [make_operator, make_boss])
def test_an_operator_joins_no_team_and_who_invites_cannot_tell(shop, make):
    operator = make("olivia@kvart.example", PASSWORD, name="Olivia")
    invitation = invite(shop, operator.email)
    assert (invitation.name, invitation.role) == ("", "viewer")
    refused(OperatorsStayOutside, invitation, user=operator)


def test_an_invitation_lasts_a_week_and_can_be_taken_back(shop):
    late, taken_back = invite(shop), invite(shop, "second@shop.example")
    assert find_invitation(invitation_id=late.id, token=invitation_token(late), at=AT + VALID - timedelta(seconds=1)) == late
    assert find_invitation(invitation_id=late.id, token=invitation_token(late), at=AT + VALID) is None
    refused(InvitationSpent, late, at=AT + VALID)
    withdraw_invitation(invitation_id=taken_back.id, merchant=open_shop(), actor="stranger", at=AT)
    assert find_invitation(invitation_id=taken_back.id, token=invitation_token(taken_back), at=AT) == taken_back
    for _ in range(2):
        withdraw_invitation(invitation_id=taken_back.id, merchant=shop, actor="test", at=AT)
    refused(InvitationSpent, taken_back)
    assert AccountChange.objects.filter(kind="invitation_withdrawn").count() == 1


@pytest.mark.parametrize("token", ["", "x", "0" * 40])
def test_only_who_reads_the_mail_knows_the_token(shop, token):
    invitation, other = invite(shop), invite(shop, "second@shop.example")
    assert find_invitation(invitation_id=invitation.id, token=token, at=AT) is None
    assert find_invitation(invitation_id=invitation.id, token=invitation_token(other), at=AT) is None


def test_a_second_invitation_replaces_the_first(shop):
    first, second = invite(shop, role="owner"), invite(shop)
    assert list(open_invitations(shop)) == [second]
    refused(InvitationSpent, first)
    assert accept(second).role == "viewer"
    with pytest.raises(AlreadyMember):
        invite(shop, "NEW@shop.example ")


def test_what_somebody_sent_is_taken_back_when_they_leave(shop):
    join_team(shop, "owner@shop.example", "owner")
    leaving = join_team(shop, "leaving@shop.example", "owner")
    theirs, other = invite(shop, actor=f"user:{leaving.user_id}"), invite(shop, "second@shop.example")
    remove_member(membership_id=leaving.pk, merchant=shop, actor="test", at=AT)
    assert list(open_invitations(shop)) == [other]
    refused(InvitationSpent, theirs)


def test_there_are_limits_for_a_shop_and_for_an_address(shop):
    for _ in range(MOST_TO_ONE):
        invite(open_shop())
    with pytest.raises(TooMany):
        invite(shop)
    for number in range(MOST_OF_A_SHOP):
        invite(shop, f"n{number}@shop.example")
    with pytest.raises(TooMany) as caught:
        invite(shop, "one@more.example")
    assert caught.value.retry_after_s == 86_400
    assert not User.objects.filter(email="one@more.example").exists()
    invite(shop, "one@more.example", at=AT + timedelta(days=1, seconds=1))


@pytest.mark.django_db(transaction=True)
def test_two_shops_invite_somebody_new_at_once(shop, at_once):
    shops = [shop, open_shop()]
    at_once(2, lambda number: invite(shops[number]))
    assert (User.objects.count(), Invitation.objects.count()) == (1, 2)


def test_places_of_people_who_never_came_become_invitations(shop):
    came = join_team(shop, "came@shop.example", "owner")
    never = User.objects.create_user("never@shop.example")
    Membership.objects.create(user=never, merchant=shop, role="finance", added_at=AT)
    import_module("merchants.migrations.0005_invitations").invite_those_who_never_came(apps, None)
    assert list(Membership.objects.all()) == [came]
    made = Invitation.objects.get(user=never)
    assert (made.role, made.expires_at, made.accepted_at) == ("finance", AT + VALID, None)
