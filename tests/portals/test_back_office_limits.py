"""What the back office does not show: nothing by look-ups that a list does not offer, nothing to whom no role was given."""

import gzip

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from core.longlists import OfferedOnly
from tests.operators import make_boss, make_operator, telling

pytestmark = pytest.mark.django_db
SECRET_LOOKUPS = {
    "accounts.user": ("password__startswith", "password__regex", "last_login__gte", "email__startswith", "memberships__merchant__name"),
    "accounts.consumer": ("email_hash__startswith", "phone_hash", "name__isnull", "identity_checks__provider_ref__contains"),
    "checkout.order": ("consumer__email_hash__startswith", "amount_minor__gte", "merchant__payout_destination__startswith", "id__gt"),
    "checkout.checkout": ("customer__isnull", "metadata__a", "consumer__name"),
    "checkout.orderreview": ("approved_by__password__startswith", "prepared_note__contains"),
    "payments.charge": ("method__gateway_ref__startswith", "provider_ref__startswith"),
    "merchants.merchant": ("payout_destination__startswith", "api_keys__key_hash__startswith", "fee_bps__gte"),
}


def listed(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture
def boss(client):
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    return client


@pytest.fixture
def looker(client):
    """A client of somebody who may look at everything and change nothing."""
    user = make_operator("lea@kvart.example", "demo-password", name="Lea Look")
    with telling(user):
        user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    client.user = user
    return client


def test_every_list_takes_only_what_it_offers(rf):
    request = rf.get("/")
    lists = {model._meta.label: one.get_changelist(request) for model, one in admin.site._registry.items()}
    assert {name for name, kind in lists.items() if not issubclass(kind, OfferedOnly)} == set()
    assert len(lists) > 15


@pytest.mark.parametrize("label", SECRET_LOOKUPS)
def test_a_list_is_not_narrowed_by_what_it_does_not_offer(looker, label):
    models = {model._meta.label_lower: model for model in admin.site._registry}
    path = listed(models[label])
    assert looker.get(path).status_code == 200
    for lookup in SECRET_LOOKUPS[label]:
        assert looker.get(path, {lookup: "a"}).status_code in {302, 400}, lookup


def refuses(model_admin, request) -> bool:
    """Tell whether a list answers an address by 302 or 400; without drawing the page, which takes most of its time."""
    try:
        model_admin.get_changelist_instance(request)
    except (IncorrectLookupParameters, DisallowedModelAdminLookup):
        return True
    return False


def offered_name(item) -> str:
    """Return the parameter of a filter: a field, a field with its kind of filter, or a filter of our own."""
    if isinstance(item, tuple):
        return item[0]
    return item if isinstance(item, str) else item.parameter_name


def test_no_list_is_narrowed_by_any_field_that_has_no_filter(looker, rf):
    for model, one in admin.site._registry.items():
        offered = {offered_name(item) for item in one.list_filter} | set(getattr(one, "lookups", ()))
        for field in model._meta.concrete_fields:
            if field.name not in offered:
                for lookup in (field.name, f"{field.name}__startswith", f"{field.name}__gt", f"{field.name}__isnull"):
                    request = rf.get(listed(model), {lookup: "1"})
                    request.user = looker.user
                    assert lookup in offered or refuses(one, request), f"{model._meta.label} {lookup}"


def test_what_is_offered_goes_on_working(boss, buy, merchant):
    order = buy(merchant, 9_000)
    page = f"/admin/checkout/order/{order.pk}/change/"
    shown = {"status__exact": "authorized", "merchant__id__exact": str(merchant.id), "consumer__id__exact": str(order.consumer_id)}
    for name, value in shown.items():
        assert page in boss.get(reverse("admin:checkout_order_changelist"), {name: value}).content.decode(), name
    days = {"created_at_from_0": "2026-11-01", "created_at_from_1": "00:00", "created_at_to_0": "2026-11-30", "created_at_to_1": "00:00"}
    assert page in boss.get(reverse("admin:checkout_order_changelist"), days).content.decode()
    groups = boss.get(reverse("admin:accounts_user_changelist"), {"is_staff__exact": "1", "o": "1.-2"})
    assert "boss@kvart.example" in groups.content.decode()
    assert boss.get(reverse("admin:accounts_user_changelist"), {"o": "99.x.-1"}).status_code == 200


def test_who_has_no_role_sees_no_held_order_anywhere(buy, merchant, client):
    review = buy(merchant, 120_000, merchant_reference="#10069").review
    user = make_operator("new@kvart.example", "demo-password", name="Nil New")
    client.force_login(user)
    text = client.get("/admin/").content.decode()
    assert "You have no role yet" in text
    for told in ("#10069", "Held orders", "$1,200.00", merchant.name, "Needs a look", "Find"):
        assert told not in text, told
    paths = [
        reverse("admin:checkout_orderreview_changelist"),
        reverse("admin:checkout_orderreview_change", args=[review.pk]),
        reverse("admin:checkout_order_changelist"),
        reverse("admin:checkout_order_change", args=[review.order_id]),
        "/admin/autocomplete/?app_label=checkout&model_name=order&field_name=merchant&term=N",
    ]
    assert [client.get(path, follow=False).status_code for path in paths] == [403] * len(paths)
    for path in ("decide", "prepare"):
        answer = client.post(reverse(f"admin:checkout_orderreview_{path}", args=[review.pk]), {"recommendation": "approve", "note": "x"})
        assert answer.status_code == 403
    assert "10069" not in client.get("/admin/search/", {"s": "10069", "extended": "1"}).content.decode()
    review.refresh_from_db()
    assert review.status == "waiting"


def test_each_role_sees_its_own_part_of_the_work_list(buy, merchant, client):
    buy(merchant, 120_000, merchant_reference="#10069")
    parts = {"view_orderreview": "#10069", "prepare_review": "#10069", "decide_review": "#10069", "view_charge": "Needs a look"}
    for codename, told in parts.items():
        user = make_operator(f"{codename}@kvart.example", "demo-password")
        group = Group.objects.create(name=codename)
        group.permissions.add(Permission.objects.get(codename=codename))
        with telling(user):
            user.groups.add(group)
        client.force_login(user)
        text = client.get("/admin/").content.decode()
        assert {one: one in text for one in ("#10069", "Needs a look")} == {one: one == told for one in ("#10069", "Needs a look")}, (
            codename
        )


def test_pages_of_the_back_office_go_compressed_of_a_random_length_and_no_others(boss, client):
    asked = {"headers": {"accept-encoding": "gzip"}}
    answers = [boss.get(reverse("admin:merchants_settlement_changelist"), **asked) for _ in range(5)]
    plain = boss.get(reverse("admin:merchants_settlement_changelist")).content
    for answer in answers:
        assert (answer["Content-Encoding"], "Accept-Encoding" in answer["Vary"]) == ("gzip", True)
        assert len(answer.content) < len(plain) / 4
        assert b"Settlements" in gzip.decompress(answer.content)
    assert len({len(answer.content) for answer in answers}) > 1
    assert "Content-Encoding" not in client.get("/sign-in", **asked)


def test_each_count_of_the_first_page_leads_to_the_list_that_it_counts(db, client):
    user = make_operator("looks@kvart.example", may=["view_charge", "view_refund", "view_delivery"])
    client.force_login(user)
    page = client.get("/admin/").content.decode()
    for leads in (
        "/admin/payments/charge/?status__exact=unknown",
        "/admin/payments/refund/?status__exact=unknown",
        "/admin/core/delivery/",
    ):
        assert f'<a href="{leads}">' in page, leads
        assert client.get(leads).status_code == 200
    assert "/admin/payments/payout/?" not in page
    assert "Payouts without an answer" in page
