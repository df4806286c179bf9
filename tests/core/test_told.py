"""What changes together with a row that tells it, and what is never written afterwards: limits, terms, rights, dated rows, logs."""

from html import unescape

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import Error, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.queries import rights_of
from controls import services as controls
from core.clock import wall
from core.db import execute, rows
from credit.models import CreditLine
from credit.queries import list_limit_changes
from markets.models import ExchangeRate, MarketSetting
from markets.services import load_markets, load_rates
from merchants import services as merchants
from merchants.queries import changes_of
from tests.operators import make_boss, make_operator, permit, telling
from tests.owner import as_owner


def refused(sql: str) -> None:
    with pytest.raises(Error), transaction.atomic():
        execute(sql)


@pytest.fixture
def bought(buy, merchant):
    """An order, whose consumer has a limit since."""
    return buy(merchant, 22_900)


def at_commit(*statements: str) -> None:
    """Run statements as one transaction of their own, whose end is now."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET CONSTRAINTS ALL DEFERRED")
    with transaction.atomic():
        for sql in statements:
            assert execute(sql) == 1
        execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET CONSTRAINTS ALL DEFERRED")


LAST = "ffffffff-ffff-7fff-bfff-ffffffffffff"
TELLS_TERMS = "INSERT INTO merchants_accountchange (id, merchant_id, kind, subject, detail, actor, at)"
TELLS_TERMS += """ SELECT '{id}', id, 'terms_changed', '', '{{"after": {{"fee_bps": {bps}}}}}', 'x', now() FROM merchants_merchant"""


@pytest.mark.django_db
def test_a_forged_change_of_a_shop_keeps_nobody_from_changing_it(merchant, at):
    merchants.update_terms(merchant=merchant, changes={"fee_bps": 300}, actor="test", at=at)
    with pytest.raises(IntegrityError, match="no change of shop"):
        at_commit(TELLS_TERMS.format(id=LAST, bps=1))
    at_commit(TELLS_TERMS.format(id=LAST, bps=300))
    merchants.update_terms(merchant=merchant, changes={"fee_bps": 200}, actor="test", at=at)
    at_commit()
    assert [row.detail["after"]["fee_bps"] for row in changes_of(merchant).order_by("-number")] == [200, 300, 300]


TELLS_LIMIT = "INSERT INTO credit_limitchange (id, line_id, before_minor, after_minor, reason, at, number)"
TELLS_LIMIT += " SELECT '{id}', id, limit_minor, {limit}, 'file_improved', now(), 9223372036854775807 FROM credit_creditline"
LINE = "INSERT INTO credit_creditline (id, consumer_id, currency, limit_minor, order_limit_minor, used_minor, decided_at)"
LINE += " SELECT gen_random_uuid(), consumer_id, 'EUR', 999999, 999999, 0, now() FROM credit_creditline"
UNTOLD = {
    "a limit": ["UPDATE credit_creditline SET limit_minor = 999999"],
    "a line": [LINE],
    "a history": [TELLS_LIMIT.format(id=LAST, limit=999_999)],
    "another limit": ["UPDATE credit_creditline SET limit_minor = 999999", TELLS_LIMIT.format(id=LAST, limit=160_000)],
}


@pytest.mark.django_db
@pytest.mark.parametrize("statements", UNTOLD.values(), ids=UNTOLD)
def test_a_limit_changes_with_its_history_only(bought, statements):
    line = CreditLine.objects.get()
    with pytest.raises(IntegrityError, match="does not tell its limit"):
        at_commit(*statements)
    assert rows("SELECT limit_minor FROM credit_creditline") == [(line.limit_minor,)]
    assert [change.after_minor for change in line.changes.all()] == [line.limit_minor]


@pytest.mark.django_db
def test_a_forged_change_of_a_limit_keeps_nobody_from_moving_it(bought):
    line = CreditLine.objects.get()
    at_commit(TELLS_LIMIT.format(id=LAST, limit=line.limit_minor))
    told = TELLS_LIMIT.format(id="00000000-0000-7000-8000-000000000000", limit=160_000)
    at_commit("UPDATE credit_creditline SET limit_minor = 160000", told)
    assert [change.after_minor for change in list_limit_changes(bought.consumer.holder_id)] == [160_000, line.limit_minor, line.limit_minor]


WHO = "(SELECT id FROM accounts_user WHERE email = 'mia@shop.example')"
GRANTED = "(SELECT id FROM auth_permission WHERE codename = 'decide_review')"
TAKEN_RIGHTS = {
    "an operator": f"UPDATE accounts_user SET is_staff = true WHERE id = {WHO}",
    "all rights": f"UPDATE accounts_user SET is_superuser = true WHERE id = {WHO}",
    "no longer active": f"UPDATE accounts_user SET is_active = false WHERE id = {WHO}",
    "a right": f"INSERT INTO accounts_user_user_permissions (user_id, permission_id) SELECT {WHO}, {GRANTED}",
    "a group": f"INSERT INTO accounts_user_groups (user_id, group_id) SELECT {WHO}, id FROM auth_group WHERE name = 'Approvers'",
    "a right of a group": "INSERT INTO auth_group_permissions (group_id, permission_id)"
    f" SELECT id, {GRANTED} FROM auth_group WHERE name = 'Clerks'",
    "a right lost": "DELETE FROM accounts_user_user_permissions",
    "somebody else's": f"UPDATE accounts_user_user_permissions SET user_id = {WHO}",
    "a new operator": "INSERT INTO accounts_user (id, password, is_superuser, email, name, is_staff, is_active, created_at)"
    " VALUES (gen_random_uuid(), '', false, 'x@x.example', '', true, true, now())",
    "a history": "INSERT INTO accounts_userchange (id, user_id, before, after, actor, at)"
    f" SELECT '{LAST}', {WHO}, '{{}}', '{{}}', 'x', now()",
}


@pytest.fixture
def mia(db):
    """Somebody who is in a group that may do nothing; somebody else holds one right, and another group has one."""
    user = User.objects.create_user("mia@shop.example", "demo-password")
    clerks = Group.objects.create(name="Clerks")
    with telling(user):
        user.groups.add(clerks)
    Group.objects.create(name="Approvers").permissions.add(Permission.objects.get(codename="decide_review"))
    permit(make_operator("otto@kvart.example"), "view_order")
    return user


@pytest.mark.parametrize("sql", TAKEN_RIGHTS.values(), ids=TAKEN_RIGHTS)
def test_what_somebody_may_do_changes_with_its_history_only(mia, sql):
    before = [rights_of(user) for user in User.objects.order_by("id")]
    with pytest.raises(IntegrityError, match="does not tell their rights"):
        at_commit(sql)
    assert [rights_of(user) for user in User.objects.order_by("id")] == before


def test_a_forged_change_of_rights_keeps_nobody_from_changing_them(mia):
    columns = "(id, user_id, before, after, actor, at, number)"
    told = f"'{{}}', accounts_rights_of({WHO}), 'x', now(), 9223372036854775807"
    at_commit(f"INSERT INTO accounts_userchange {columns} SELECT '{LAST}', {WHO}, {told}")
    permit(mia, "view_order")
    at_commit()
    assert rights_of(mia)["permissions"] == ["checkout.view_order"]
    refused("DELETE FROM accounts_userchange")
    refused("UPDATE accounts_userchange SET actor = 'y'")


SETTING = "INSERT INTO markets_marketsetting (market_id, key, value, valid_from, source, note)"
RATE = "INSERT INTO markets_exchangerate (currency, date, per_euro_e8, source)"
PASSED = "((now() AT TIME ZONE (SELECT time_zone FROM markets_market WHERE code = 'AU'))::date - {days})"


@pytest.mark.django_db
def test_nothing_dated_is_written_for_a_day_that_has_passed():
    before = MarketSetting.objects.count(), ExchangeRate.objects.count()
    refused(f"{SETTING} VALUES ('AU', 'apr.cap_bps', '1', {PASSED.format(days=1)}, 'x', '')")
    refused(f"{RATE} VALUES ('DKK', (now() AT TIME ZONE 'UTC')::date - 1, 1, 'x')")
    assert (MarketSetting.objects.count(), ExchangeRate.objects.count()) == before
    assert execute(f"{SETTING} VALUES ('AU', 'apr.cap_bps', '1', {PASSED.format(days=0)}, 'x', '')") == 1
    assert execute(f"{RATE} VALUES ('DKK', (now() AT TIME ZONE 'UTC')::date, 1, 'x'), ('NOK', '2020-01-01', 1, 'the first')") == 2
    with as_owner():
        assert execute(f"{SETTING} VALUES ('AU', 'apr.cap_bps', '1', {PASSED.format(days=1)}, 'x', '')") == 1
    load_markets()
    load_rates()


@pytest.mark.django_db
def test_a_version_of_a_product_and_the_law_of_a_market_stay():
    for change in ("rate_bps = 0", "count = 1", "maximum_minor = 1", "refund_rule = 'first'", "version = 9"):
        refused(f"UPDATE plans_product SET {change}")
    refused("DELETE FROM plans_product")
    for change in ("currency = 'EUR'", "law = 'UK'"):
        refused(f"UPDATE markets_market SET {change} WHERE code = 'US'")
    assert execute("UPDATE plans_product SET active = false, name = name || '!' WHERE code = 'monthly_6'") == 6


@pytest.mark.django_db
def test_the_log_of_the_back_office_only_grows(client):
    client.force_login(make_boss())
    told = {"email": "nora@kvart.example", "name": "Nora New", "is_active": "on"}
    assert client.post(reverse("admin:accounts_user_add"), told).status_code == 302
    before = rows("SELECT * FROM django_admin_log")
    assert len(before) == 1
    refused("UPDATE django_admin_log SET object_repr = 'x'")
    refused("DELETE FROM django_admin_log")
    assert rows("SELECT * FROM django_admin_log") == before


@pytest.fixture
def eve(db):
    """An operator; the session is the application's then, as in the running product: a test's own belongs to the owner."""
    user = make_operator("eve@kvart.example", may=["view_order"])
    make_boss()
    make_boss("other@kvart.example")
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET CONSTRAINTS ALL DEFERRED")
    role = rows("SELECT current_user")[0][0]
    with as_owner():
        execute(f'SET SESSION AUTHORIZATION "{role}"')
    yield user
    execute("RESET SESSION AUTHORIZATION")


def tell(change: str, actor: str) -> None:
    told = (
        f"SELECT gen_random_uuid(), id, '{{}}', accounts_rights_of(id) || '{change}', %s, now() FROM accounts_user WHERE NOT is_superuser"
    )
    execute("INSERT INTO accounts_userchange (id, user_id, before, after, actor, at) " + told, [actor])


def text_of(answer) -> str:
    return unescape(answer.content.decode()).lower()


@pytest.mark.parametrize("actor", ["install", "proposal:prp_aaaaaaaaaaaaaaaaaaaaaaaaaa"])
@pytest.mark.parametrize("change", ['{"may_all": true}', '{"permissions": ["checkout.view_order", "controls.approve_access"]}'])
def test_the_application_gives_nobody_a_right_without_two_people(eve, actor, change):
    with pytest.raises(Error, match="two people give rights"), transaction.atomic():
        tell(change, actor)


def test_whoever_left_comes_back_by_two_people_only(eve):
    gone = '{"active": false}'
    execute("UPDATE accounts_user SET is_active = false WHERE NOT is_superuser")
    tell(gone, "somebody")
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(Error, match="two people give rights"), transaction.atomic():
        tell('{"active": true}', "somebody")


def test_two_people_give_rights_in_the_application_and_read_which(eve):
    role = Group.objects.create(name="Readers")
    role.permissions.set(Permission.objects.filter(codename__in=["view_plan", "view_order"]))
    one, other = User.objects.filter(is_superuser=True).order_by("email")
    after = {"is_staff": True, "is_active": True, "groups": ["Readers"]}
    told = {"kind": "accounts.access", "subject": str(eve.pk), "after": after, "reason": "she helps"}
    made = controls.propose(**told, starts_on=None, user=one, at=wall())
    client = Client()
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    page = text_of(client.get(reverse("admin:controls_proposal_change", args=[made.pk])))
    assert ("rights that the person gains" in page, "“plan: look at”" in page, "“order: look at”" in page) == (True, True, False)
    controls.approve_proposal(proposal_id=made.pk, user=other, at=wall())
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert (rights_of(eve)["groups"], eve.changes.order_by("-number").first().actor) == (["Readers"], f"proposal:{made.public_id}")
    # The page tells what was agreed on, also later.
    page = text_of(client.get(reverse("admin:controls_proposal_change", args=[made.pk])))
    assert "rights that the person gains</h3>" in page
    gone = controls.propose(**told | {"after": after | {"is_staff": False}}, starts_on=None, user=one, at=wall())
    page = text_of(client.get(reverse("admin:controls_proposal_change", args=[gone.pk])))
    lost = page.partition("rights that the person loses")[2]
    assert ("“plan: look at”" in lost, "“order: look at”" in lost, "gains" in page) == (True, True, False)
