"""Keys, webhooks, look and team: made once, shown once, changed with a question first."""

import re

import pytest

from accounts.models import User
from merchants.models import AccountChange, ApiKey, Invitation, Membership
from merchants.queries import find_api_key
from merchants.services import accept_invitation
from tests.operators import make_operator
from tests.portals.merchant.conftest import join
from tests.portals.reading import asked_again, once_of, text_of, toasts
from webhooks import services as hooks
from webhooks.models import Endpoint


def test_a_new_key_is_shown_once_and_kept_nowhere(owner, merchant):
    page = owner.get("/merchant/keys")
    sent = {"name": "Online shop", "kind": "secret", "scopes": ["orders.read", "orders.refund"], "once": once_of(page)}
    answer = owner.post("/merchant/keys", sent)
    made = asked_again(answer)
    full = made.context["full"]
    assert full not in answer["Location"] + str(owner.session.items())
    assert full.startswith("sk_sandbox_")
    assert f'value="{full}"' in text_of(made)
    assert made.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert find_api_key(full).merchant == merchant
    for again in (owner.post("/merchant/keys", sent, follow=True), owner.get(answer["Location"], follow=True)):
        assert full not in text_of(again)
        assert "shown once" in toasts(again)[0]
    assert ApiKey.objects.count() == 1
    from core.models import IdempotentAnswer

    assert full not in str(IdempotentAnswer.objects.values_list("body", flat=True))
    listed = text_of(owner.get("/merchant/keys"))
    assert "Mia Owner" in listed
    assert "orders.read, orders.refund" in listed


def test_a_developer_is_offered_what_they_may_and_gets_no_more(desk_of, merchant):
    client = desk_of(merchant, "developer")
    page = client.get("/merchant/keys")
    assert [scope for scope, _ in page.context["form"].fields["scopes"].choices] == [
        *("checkouts.write", "orders.read", "settlements.read", "webhooks.write"),
    ]
    sent = {"name": "Online shop", "kind": "secret", "scopes": ["orders.refund"], "once": once_of(page)}
    assert list(asked_again(client.post("/merchant/keys", sent)).context["form"].errors) == ["scopes"]
    assert not ApiKey.objects.exists()


def test_who_leaves_and_knows_keys_is_named(owner, desk_of, merchant, at):
    from merchants.services import create_api_key

    leaving = join(merchant, "owner", "leaving@shop.example")
    create_api_key(merchant=merchant, kind="secret", name="Till", actor=f"user:{leaving.pk}", at=at)
    place = Membership.objects.get(user=leaving)
    assert "They made keys that go on working, and may know them still: “Till”." in text_of(owner.get(f"/merchant/team/{place.pk}/remove"))
    assert "may do more" not in text_of(owner.get("/merchant/keys"))
    owner.post(f"/merchant/team/{place.pk}/remove")
    assert "Some keys may do more than who made them." in text_of(owner.get("/merchant/keys"))


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": " ", "kind": "secret", "scopes": ["orders.read"]}, "name"),
        ({"name": "x", "kind": "live"}, "kind"),
        ({"name": "x", "kind": "secret"}, "scopes"),
    ],
)
def test_a_key_needs_a_name_and_a_kind(owner, sent, field):
    response = owner.post("/merchant/keys", sent | {"once": "k"})
    response = asked_again(response)
    assert list(response.context["form"].errors) == [field]
    assert ApiKey.objects.count() == 0


def test_revoking_a_key_asks_first(owner, merchant, at):
    from merchants.services import create_api_key

    key, full = create_api_key(merchant=merchant, kind="secret", name="Old", actor="demo", at=at)
    path = f"/merchant/keys/{key.public_id}/revoke"
    assert "Revoke the key “Old”?" in text_of(owner.get(path))
    assert find_api_key(full) is not None
    for _ in range(2):
        assert owner.post(path).headers["Location"] == "/merchant/keys"
    assert find_api_key(full) is None
    assert AccountChange.objects.filter(kind="key_revoked").count() == 1


def test_nobody_revokes_another_shops_key(desk_of, merchant, stranger, at):
    from merchants.services import create_api_key

    key, full = create_api_key(merchant=merchant, kind="secret", name="Old", actor="demo", at=at)
    client = desk_of(stranger)
    assert client.get(f"/merchant/keys/{key.public_id}/revoke").status_code == 404
    assert client.post(f"/merchant/keys/{key.public_id}/revoke").status_code == 404
    assert find_api_key(full) is not None


@pytest.fixture
def endpoint(merchant, at):
    return hooks.create_endpoint(merchant=merchant, url="http://127.0.0.1:9/hooks", events=[], at=at, actor="test")


def test_an_endpoint_is_added_once_and_its_secret_shown_once(owner):
    page = owner.get("/merchant/webhooks/new")
    sent = {"url": "http://127.0.0.1:9/hooks", "events": ["order.captured"], "once": once_of(page)}
    made = asked_again(owner.post("/merchant/webhooks/new", sent))
    assert made.context["secret"].startswith("whsec_")
    found = Endpoint.objects.get()
    assert (found.events, found.secrets[0]["secret"]) == (["order.captured"], made.context["secret"])
    again = owner.post("/merchant/webhooks/new", sent, follow=True)
    assert Endpoint.objects.count() == 1
    assert made.context["secret"] not in text_of(again)
    assert made.context["secret"] not in text_of(owner.get(f"/merchant/webhooks/{found.public_id}"))


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/", "https://10.0.0.1/", "ftp://shop.example", "shop.example", "https://a:b@shop.example/"]
)
def test_addresses_that_are_not_called_are_refused_beside_the_field(owner, url):
    response = owner.post("/merchant/webhooks/new", {"url": url, "once": "k"})
    response = asked_again(response)
    assert list(response.context["form"].errors) == ["url"]
    assert Endpoint.objects.count() == 0


def test_an_endpoint_is_changed_rotated_switched_off_and_on_and_removed(owner, endpoint):
    path = f"/merchant/webhooks/{endpoint.public_id}"
    old = endpoint.secrets[0]["secret"]
    owner.post(f"{path}/edit", {"url": "http://127.0.0.1:9/new", "events": ["order.voided"]})
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.events) == ("http://127.0.0.1:9/new", ["order.voided"])

    page = owner.get(f"{path}/secret")
    made = asked_again(owner.post(f"{path}/secret", {"once": once_of(page)}))
    owner.post(f"{path}/secret", {"once": once_of(page)})
    endpoint.refresh_from_db()
    assert [one["secret"] for one in endpoint.secrets] == [made.context["secret"], old]

    assert owner.get(f"{path}/disable").status_code == 200
    endpoint.refresh_from_db()
    assert endpoint.active
    owner.post(f"{path}/disable")
    endpoint.refresh_from_db()
    assert not endpoint.active
    assert "This endpoint is off." in text_of(owner.get(path))
    owner.post(f"{path}/enable")
    endpoint.refresh_from_db()
    assert endpoint.active
    assert owner.post(f"{path}/remove").headers["Location"] == "/merchant/webhooks"
    assert owner.get(path).status_code == 404


def test_a_delivery_shows_its_tries_and_goes_out_again(owner, merchant, endpoint, at):
    event = hooks.record_event(merchant_id=merchant.id, event_type="order.captured", source="x", data={"order_id": "ord_<b>"}, at=at)
    delivery = event.deliveries.get()
    delivery.attempts.create(status_code=500, answer="<script>alert(1)</script>", duration_ms=42, at=at)
    path = f"/merchant/deliveries/{delivery.public_id}"
    text = text_of(owner.get(path))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "ord_&lt;b&gt;" in text
    assert "42 ms" in text
    assert owner.post(f"{path}/resend").headers["Location"] == path
    delivery.refresh_from_db()
    assert delivery.resent_by.startswith("user:")
    page = owner.get(path).content.decode()
    assert ("1 try" in page, "with a new series of tries" in page, re.search(r"\b0\s+of\b", page)) == (True, True, None)
    assert re.search(r'data-label="Tries">1<', owner.get(f"/merchant/webhooks/{endpoint.public_id}").content.decode())
    owner.post(f"/merchant/webhooks/{endpoint.public_id}/disable")
    response = owner.post(f"{path}/resend", follow=True)
    assert toasts(response)[-1] == "This endpoint is disabled. Enable it first."


LOOK = {
    "name": "Nordlys",
    "brand_color": "#1F5F8B",
    "checkout_text": "Made by hand.",
    "support_email": "help@nordlys.example",
    "auto_extend": "on",
}


def test_the_look_is_previewed_without_being_saved(owner, merchant):
    page = asked_again(owner.post("/merchant/look", LOOK | {"step": "preview", "brand_color": "ffd400"}))
    assert page.context["preview"]["adjusted"]
    text = text_of(page)
    assert "We show your color darker." in text
    assert "#836b00" in text
    assert '<link rel="stylesheet" href="/theme/ffd400/preview.css">' in text
    merchant.refresh_from_db()
    assert (merchant.name, merchant.brand_color) == ("Nordlys Lamps", "")


def test_the_preview_follows_what_is_typed(owner):
    text = text_of(owner.get("/merchant/look/preview", {"name": "<b>New</b>", "brand_color": "#1f5f8b", "checkout_text": "Hi"}))
    assert "&lt;b&gt;New&lt;/b&gt;" in text
    assert "Your color is easy to read" in text
    assert "<html" not in text
    for typed in ("", "red", "#12", "#zzzzzz", "oklch(.5 .1 20)"):
        response = owner.get("/merchant/look/preview", {"brand_color": typed})
        assert response.status_code == 200
        assert ("easy to read" in text_of(response)) == (typed == "")


def test_the_look_is_saved(owner, merchant):
    response = owner.post("/merchant/look", LOOK | {"step": "save"}, follow=True)
    assert toasts(response) == ["Your checkout has its new look."]
    merchant.refresh_from_db()
    assert (merchant.name, merchant.brand_color, merchant.auto_extend) == ("Nordlys", "#1f5f8b", True)
    assert AccountChange.objects.get(kind="brand_changed").actor.startswith("user:")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 81), ("brand_color", "blue"), ("checkout_text", "x" * 141), ("support_email", "nobody")],
)
def test_a_look_that_cannot_be_is_told_beside_its_field(owner, merchant, field, value):
    response = owner.post("/merchant/look", LOOK | {field: value})
    response = asked_again(response)
    assert list(response.context["form"].errors) == [field]
    assert ("easy to read" in text_of(response)) == (field != "brand_color")
    merchant.refresh_from_db()
    assert merchant.name == "Nordlys Lamps"


def test_somebody_is_invited_once_changes_role_and_leaves(owner, merchant):
    page = owner.get("/merchant/team")
    sent = {"email": "New@Nordlys.example", "role": "finance", "name": "Nora New", "once": once_of(page)}
    for _ in range(2):
        response = owner.post("/merchant/team", sent, follow=True)
        assert response.status_code == 200
    invited = Invitation.objects.get()
    assert (invited.role, invited.name, invited.user.email, invited.user.name) == ("finance", "Nora New", "new@nordlys.example", "")
    assert "Nora New" in text_of(response)
    assert Membership.objects.filter(merchant=merchant).count() == 1
    member = accept_invitation(invitation_id=invited.id, user=None, password="correct-horse-battery", at=invited.created_at)
    again = owner.post("/merchant/team", sent | {"once": "other"})
    again = asked_again(again)
    assert "This person is in your team." in text_of(again)

    owner.post(f"/merchant/team/{member.pk}/role", {"role": "developer"})
    member.refresh_from_db()
    assert member.role == "developer"
    assert "Remove Nora New from the team?" in text_of(owner.get(f"/merchant/team/{member.pk}/remove"))
    owner.post(f"/merchant/team/{member.pk}/remove")
    assert not Membership.objects.filter(pk=member.pk).exists()
    assert owner.get(f"/merchant/team/{member.pk}/remove").status_code == 404


def test_the_last_owner_stays(owner):
    mine = Membership.objects.get()
    response = owner.post(f"/merchant/team/{mine.pk}/role", {"role": "viewer"})
    response = asked_again(response)
    assert "at least one owner" in text_of(response)
    assert "at least one owner" in text_of(asked_again(owner.post(f"/merchant/team/{mine.pk}/remove"), 409))
    mine.refresh_from_db()
    assert mine.role == "owner"


def test_who_invites_learns_nothing_of_whom_they_invite(owner, merchant, stranger):
    known = join(stranger, "owner", "kim@other.example")
    User.objects.filter(pk=known.pk).update(name="Kim Known")
    operator = make_operator("olivia@kvart.example", "x", name="Olivia Operator")
    pages = []
    for email in ("new@somewhere.example", known.email, operator.email):
        page = owner.get("/merchant/team")
        answer = owner.post("/merchant/team", {"email": email, "role": "viewer", "once": once_of(page)}, follow=True)
        pages.append((answer.status_code, toasts(answer)[-1].replace(email, "")))
    text = text_of(owner.get("/merchant/team"))
    assert len(set(pages)) == 1
    assert text.count("/withdraw") == 3
    assert "Olivia" not in text
    assert "Kim Known" not in text
    assert Membership.objects.filter(merchant=merchant).count() == 1


def test_people_of_another_team_do_not_exist(owner, stranger):
    join(stranger, "owner")
    theirs = Membership.objects.get(merchant=stranger)
    for tail in ("role", "remove"):
        assert owner.get(f"/merchant/team/{theirs.pk}/{tail}").status_code == 404
        assert owner.post(f"/merchant/team/{theirs.pk}/{tail}", {"role": "viewer"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.role == "owner"
