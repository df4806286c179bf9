"""What the database keeps whoever asks: evidence is neither changed nor lost, and the application's role cannot switch that off."""

from contextlib import nullcontext
from copy import deepcopy
from datetime import date, timedelta

import pgtrigger
import psycopg2
import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.core.management import call_command
from django.db import Error, IntegrityError, transaction

from accounts import services as accounts
from accounts.models import ConsumerRequest
from checkout import services as checkouts
from checkout.services.authorizing import order_authorized
from collection import services as collection
from core import timers
from core.db import execute, rows
from core.evidence import kept
from markets.models import MarketSetting
from merchants import services as merchants
from tests.operators import make_operator, permit
from tests.owner import as_owner
from tests.shops import make_key
from webhooks.handlers import on_order

EVIDENCE = {
    *("accounts.ClassChange", "accounts.CustomerClass"),
    *("accounts.Block", "accounts.Look", "accounts.Note", "brands.Brand", "brands.BrandChange", "controls.Proposal"),
    *("fraud.Assessment", "fraud.Label", "fraud.ListEntry", "fraud.LaunderingAlert", "fraud.LaunderingLook", "fraud.LaunderingReport"),
    "accounts.IdentityProof",
    *("accounts.Authenticator", "accounts.ContactChange", "accounts.Device", "accounts.Passkey", "accounts.RecoveryCode"),
    *("accounts.Screening", "accounts.ScreeningMatch", "accounts.PublishedList", "accounts.ListedEntry"),
    "controls.Absence",
    "controls.Route",
    *("learning.Suggestion", "learning.Training", "learning.WatchedDay"),
    *("controls.RuleVersion", "controls.SettingChange", "learning.ModelVersion", "learning.RoleChange"),
    *("controls.AuditRow", "controls.AuditSeal", "controls.AuditHead", "controls.AuditAnchor"),
    *(
        "plans.ChargeOff",
        "accounts.Consent",
        "accounts.ConsumerChange",
        "accounts.ConsumerRequest",
        "accounts.IdentityCheck",
        "accounts.UserChange",
    ),
    *("checkout.Capture", "checkout.Checkout", "checkout.OrderReview", "checkout.Order", "checkout.OrderChange", "checkout.Refund"),
    *(
        "core.OutboxEvent",
        "core.ProviderAccount",
        "core.SubjectKey",
        "credit.Approval",
        "credit.CreditLine",
        "credit.Declaration",
        "credit.Decision",
        "credit.Inquiry",
        "credit.LimitChange",
        "credit.LimitReview",
        "credit.Referral",
    ),
    *("ledger.Account", "ledger.Checkpoint", "ledger.Entry", "ledger.Line", "ledger.DayFold", "ledger.DayTotal"),
    *("merchants.AccountChange", "merchants.ApiKey", "merchants.Settlement", "merchants.SettlementItem"),
    *("markets.ExchangeRate", "markets.Market", "markets.MarketSetting", "plans.Product"),
    *(
        "notifications.Message",
        "notifications.Notice",
        "payments.Authorization",
        "payments.Break",
        "payments.Charge",
        "payments.Dispute",
        "payments.GatewayEvent",
    ),
    "payments.MovementEvent",
    "payments.Transfer",
    *(
        "plans.ChargeOff",
        *("collection.AgencyTerms", "collection.Commission", "collection.Remittance", "collection.RemittanceLine"),
        *("collection.Agency", "collection.AgencyKey", "collection.Placement", "collection.Release", "collection.AgencyHold"),
        *("collection.AgencyContact", "collection.AgencyComplaint", "collection.Breach"),
        *("plans.DisasterArea", "plans.AreaPause", "plans.GoodsReturn"),
        *("plans.DebtSale", "plans.SoldPlan", "plans.BuyerPayment"),
        *("plans.Fee", "collection.Arrears", "collection.ClosedDay", "collection.Promise", "checkout.ShownOffer"),
        *("collection.PayLink", "collection.JointSettlement", "collection.Settlement", "plans.Forgiven"),
        *("collection.Call", "collection.Case", "collection.Task", "collection.Complaint", "plans.Standstill"),
        *("collection.Contact", "collection.ContactStop", "collection.LateNotice", "collection.Reminder"),
        *("collection.LateNeed", "collection.CaseLetter"),
        "notifications.PaperLetter",
        *("reports.Provision", "reports.ProvisionMonth", "reports.ProvisionPlan", "reports.ProvisionSegment"),
        "plans.FeePayment",
        *("plans.Reward", "plans.FeeCredit", "plans.FeeCreditUse"),
        *("checkout.ShopInterest", "checkout.Postponement"),
        "plans.Deposit",
        "plans.DepositPayment",
        "plans.FreePayment",
        *("plans.Hardship", "plans.Budget", "plans.ReliefOffer", "plans.ReliefPaper"),
        *("plans.Receipt", "plans.AgencyPayment"),
    ),
    *("payments.Payout", "payments.Refund", "plans.Allocation", "plans.Installment", "plans.Plan", "plans.PlanChange"),
    *("webhooks.Attempt", "webhooks.MerchantEvent"),
}
APPEND_ONLY = {
    *(
        "accounts_consent",
        "accounts_consumerchange",
        "accounts_userchange",
        "checkout_orderchange",
        "checkout_refund",
        "credit_approval",
        "credit_declaration",
        "credit_decision",
        "credit_limitchange",
    ),
    *(
        "ledger_account",
        "ledger_entry",
        "ledger_line",
        "markets_exchangerate",
        "merchants_accountchange",
        "merchants_settlement",
        "plans_planchange",
        "webhooks_merchantevent",
    ),
}
CHANGES = {
    "collection_closedday": "day = day + 1",
    "accounts_customerclass": "code = code || 'x'",
    "accounts_identitycheck": "result = 'clear'",
    "brands_brand": "created_at = created_at - interval '1 day'",
    "accounts_consumerrequest": "due_date = due_date + 30",
    "checkout_capture": "amount_minor = amount_minor + 1",
    "checkout_order": "amount_minor = amount_minor + 1",
    "checkout_checkout": "merchant_id = gen_random_uuid()",
    "credit_inquiry": "asked_at = now()",
    "credit_creditline": "currency = 'EUR'",
    "ledger_checkpoint": "account_id = gen_random_uuid()",
    "ledger_dayfold": "id = 2",
    "ledger_daytotal": "day = day + 1",
    "markets_market": "currency = 'NOK'",
    "plans_product": "rate_bps = rate_bps + 1",
    "markets_marketsetting": "market_id = 'US', key = key || 'x'",
    "merchants_apikey": "scopes = '[\"orders.write\"]'",
    "merchants_settlementitem": "gross_minor = gross_minor + 1",
    "payments_charge": "amount_minor = amount_minor + 1",
    "payments_payout": "destination = 'mine'",
    "payments_refund": "amount_minor = amount_minor + 1",
    "payments_authorization": "currency = 'EUR'",
    "plans_plan": "agreement_sealed = ''",
    "plans_installment": "number = number + 100",
    "plans_fee": "amount_minor = amount_minor + 1",
    "plans_allocation": "principal_minor = principal_minor + 1",
    "notifications_message": "context = '{}'",
    "core_subjectkey": "subject = subject || 'x'",
    "controls_auditrow": "actor = actor || 'x'",
    "fraud_assessment": "version = version + 1",
    "controls_ruleversion": "number = number + 100",
    "core_outboxevent": "payload = '{\"a\": 1}'",
}


@pytest.fixture
def lived(buy, merchant, at):
    """An order with everything that follows from one: captured, paid, refunded, settled, released, told."""
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=20_000, actor="test", at=at)
    collection.charge_plan_now(plan_id=order.plan_id, at=at)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=18_000, reason="", actor="test", at=at)
    for day in range(3):
        timers.run_until_quiet(at=at + timedelta(days=day))
    checkouts.release_order(order_id=order.id, merchant=merchant, actor="test", at=at + timedelta(days=2))
    on_order(order_authorized(order), at=at)
    make_key(merchant)
    make_operator("clerk@kvart.example")
    accounts.open_request(consumer=order.consumer, kind="copy", text="", at=at)
    return order


def test_every_table_of_evidence_is_guarded():
    names = {trigger.name for trigger in kept()}
    guarded = {model._meta.label for model in apps.get_models() if names <= {t.name for t in getattr(model._meta, "triggers", ())}}
    assert guarded == EVIDENCE


@pytest.mark.django_db
def test_the_database_has_every_trigger():
    known = {name for (name,) in rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")}
    wanted = {trigger.get_pgid(model) for model, trigger in pgtrigger.registered()}
    assert wanted - known == set()


def refused(sql: str) -> None:
    with pytest.raises(Error), transaction.atomic():
        execute(sql)


@pytest.mark.django_db(transaction=True)
def test_nobody_changes_or_loses_evidence(lived):
    tables = [apps.get_model(label)._meta.db_table for label in EVIDENCE]
    counts = {table: rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
    empty = {table for table, count in counts.items() if not count}
    assert empty <= {
        *("accounts_classchange", "accounts_customerclass"),
        *("accounts_block", "accounts_look", "accounts_passkey", "accounts_note", "brands_brandchange", "controls_proposal"),
        "accounts_identityproof",
        *("accounts_authenticator", "accounts_contactchange", "accounts_device", "accounts_recoverycode"),
        *("accounts_publishedlist", "accounts_listedentry"),
        "controls_absence",
        "controls_route",
        # They are tried with rows of their own in test_tables.
        *(
            "credit_approval",
            "credit_declaration",
            "credit_limitreview",
            "controls_settingchange",
            "learning_modelversion",
            "learning_rolechange",
            "learning_suggestion",
            "learning_training",
            "learning_watchedday",
        ),
        # Nobody has sealed yet.
        *("controls_auditseal", "controls_audithead", "controls_auditanchor"),
        *(
            "checkout_orderreview",
            "fraud_label",
            "fraud_listentry",
            "fraud_launderingalert",
            "fraud_launderinglook",
            "fraud_launderingreport",
        ),
        *("accounts_screening", "accounts_screeningmatch"),
        "credit_referral",
        *(
            *("collection_agency", "collection_placement", "collection_release", "plans_agencypayment", "collection_agencyterms"),
            *("collection_commission", "collection_remittance", "collection_remittanceline"),
            *("collection_agencyhold", "collection_agencykey"),
            *("collection_agencycontact", "collection_agencycomplaint", "collection_breach"),
            *("plans_disasterarea", "plans_areapause", "plans_goodsreturn"),
            *("plans_debtsale", "plans_soldplan", "plans_buyerpayment"),
            *("plans_fee", "collection_arrears", "collection_closedday", "collection_promise", "checkout_shownoffer"),
            *("collection_paylink", "collection_jointsettlement", "collection_settlement", "plans_forgiven"),
            *("collection_call", "collection_case", "collection_task", "collection_complaint", "plans_standstill"),
            *("collection_contact", "collection_contactstop", "collection_latenotice", "collection_reminder"),
            *("collection_lateneed", "collection_caseletter"),
            "notifications_paperletter",
            *("reports_provision", "reports_provisionmonth", "reports_provisionplan", "reports_provisionsegment"),
            "plans_feepayment",
            *("plans_reward", "plans_feecredit", "plans_feecredituse"),
            *("checkout_shopinterest", "checkout_postponement"),
            "plans_chargeoff",
            "plans_deposit",
            "plans_depositpayment",
            "plans_freepayment",
            *("plans_hardship", "plans_budget", "plans_reliefoffer", "plans_reliefpaper"),
            "plans_receipt",
        ),
        "notifications_notice",
        "payments_break",
        "payments_dispute",
        "payments_gatewayevent",
        "payments_movementevent",
        "payments_transfer",
        "webhooks_attempt",
        *("ledger_checkpoint", "ledger_dayfold", "ledger_daytotal"),
        "core_provideraccount",
    }
    before = {table: rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables}
    for table in set(tables) - empty:
        change = CHANGES.get(table) or (f"{_column(table)} = {_column(table)}" if table in APPEND_ONLY else "")
        for who in (nullcontext, as_owner):
            with who():
                refused(f"DELETE FROM {table}")
                refused(f"TRUNCATE {table} CASCADE")
                if change:
                    refused(f"UPDATE {table} SET {change}")
    assert {table: rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables} == before
    assert APPEND_ONLY | CHANGES.keys() >= {table for table in tables if table not in empty}


def _column(table: str) -> str:
    found: str = rows("SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position", [table])[0][0]
    return found


GUARD = "public._pgtrigger_should_ignore"
BREAKOUTS = {
    "empty a table": "TRUNCATE ledger_line",
    "empty any table": "TRUNCATE webhooks_delivery CASCADE",
    "switch a trigger off": "ALTER TABLE ledger_line DISABLE TRIGGER ALL",
    "drop a trigger": f"DROP TRIGGER {kept()[0].get_pgid(apps.get_model('ledger.Line'))} ON ledger_line",
    "drop a table": "DROP TABLE ledger_line CASCADE",
    "add a column": "ALTER TABLE ledger_line ADD COLUMN x int",
    "make a table": "CREATE TABLE public.x (n int)",
    "make a function": "CREATE FUNCTION public.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "change the guard": f"CREATE OR REPLACE FUNCTION {GUARD}(trigger_name name) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "let triggers rest": "SET session_replication_role = replica",
    "be the owner": "SET ROLE postgres",
    "be the owner of the session": "SET SESSION AUTHORIZATION postgres",
    "make a role": "CREATE ROLE x LOGIN",
    "take a right": "GRANT TRUNCATE ON ledger_line TO bnpl; TRUNCATE ledger_line",
    "forget a migration": "DELETE FROM django_migrations",
}


@pytest.mark.parametrize("sql", BREAKOUTS.values(), ids=BREAKOUTS)
def test_the_application_cannot_get_around_it(application, sql):
    with pytest.raises(psycopg2.Error, match=r"permission denied|must be owner|must be superuser"):
        application.execute(sql)
    application.execute(
        "SELECT current_user, session_user, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    )
    assert application.fetchone() == ("bnpl", "bnpl", False, False, False)


@pytest.mark.django_db
def test_only_the_owner_lets_triggers_be_passed_over(lived):
    with pytest.raises(IntegrityError), pgtrigger.ignore(), transaction.atomic():
        execute("UPDATE ledger_entry SET source = 'x'")
    names = rows("SELECT string_agg(tgname, ',') FROM pg_trigger WHERE NOT tgisinternal")[0][0]
    refused(f"SET LOCAL pgtrigger.ignore = '{{{names}}}'; DELETE FROM ledger_line")
    with as_owner(), pgtrigger.ignore(), transaction.atomic():
        assert execute("UPDATE ledger_entry SET kind = kind") > 0


@pytest.mark.django_db
def test_every_trigger_looks_into_temporary_tables_last():
    found = rows("SELECT proconfig FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype")
    assert len(found) > 50
    assert {tuple(settings or ()) for (settings,) in found} == {("search_path=public, pg_temp",)}


@pytest.mark.django_db
def test_a_temporary_table_answers_no_trigger(buy, merchant):
    held = buy(merchant, 120_000)
    assert held.status == "pending_review"
    execute("CREATE TEMPORARY TABLE checkout_orderreview AS SELECT %s::uuid AS order_id, 'approved' AS status", [held.id])
    refused(f"UPDATE checkout_order SET status = 'authorized' WHERE id = '{held.id}'")


@pytest.mark.django_db
def test_a_temporary_catalog_makes_nobody_the_owner(lived):
    execute(
        """CREATE TEMPORARY TABLE pg_proc AS
        SELECT 'public._pgtrigger_should_ignore(name)'::regprocedure::oid AS oid, current_user::regrole::oid AS proowner"""
    )
    names = rows("SELECT string_agg(tgname, ',') FROM pg_trigger WHERE NOT tgisinternal")[0][0]
    refused(f"SET LOCAL pgtrigger.ignore = '{{{names}}}'; DELETE FROM ledger_line")
    refused(f"SET LOCAL pgtrigger.ignore = '{{{names}}}'; UPDATE ledger_entry SET source = 'x'")


def test_there_is_no_switch_for_tests(settings):
    assert "bnpl.allow" not in str(settings.DATABASES)


@pytest.mark.django_db
@pytest.mark.parametrize("owner", [{}, {"USER": "postgres"}])
def test_one_role_for_both_is_warned_of(settings, capsys, owner):
    settings.DATABASE_OWNER = owner
    with as_owner():
        call_command("migrate", verbosity=0)
    assert ("The application owns its tables" in capsys.readouterr().err) is (not owner)


SETTLED = {
    "a charge's number": "UPDATE payments_charge SET gateway_ref = 'mine' WHERE status = 'succeeded'",
    "a charge's moment": "UPDATE payments_charge SET settled_at = now() WHERE status = 'succeeded'",
    "a charge's failure": "UPDATE payments_charge SET failure = 'x' WHERE status = 'succeeded'",
    "a refund's number": "UPDATE payments_refund SET gateway_ref = 'mine' WHERE status = 'succeeded'",
    "a payout's number": "UPDATE payments_payout SET gateway_ref = 'mine' WHERE status = 'succeeded'",
    "what was paid": "UPDATE plans_installment SET paid_at = now() WHERE status = 'paid'",
    "what was owed": "UPDATE plans_installment SET principal_minor = 1, paid_principal_minor = 1, refunded_minor = 0 WHERE status = 'paid'",
    "the day of a sale": "UPDATE checkout_order SET authorized_at = now()",
    "a basket": "UPDATE checkout_checkout SET items_sealed = '' WHERE status = 'completed'",
    "what a sale cost": "UPDATE checkout_checkout SET amount_minor = 1 WHERE status = 'completed'",
}


@pytest.mark.django_db
@pytest.mark.parametrize("sql", SETTLED.values(), ids=SETTLED)
def test_what_is_settled_stays(lived, sql):
    table, _, rest = sql.removeprefix("UPDATE ").partition(" SET ")
    where = rest.partition(" WHERE ")[2]
    assert rows(f"SELECT count(*) FROM {table}" + (f" WHERE {where}" if where else ""))[0][0]
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        execute(sql)


@pytest.mark.django_db
def test_a_setting_of_a_market_stays_once_its_day_has_come():
    begun = MarketSetting.objects.filter(valid_to=None).first()
    other = MarketSetting(market_id=begun.market_id, key=begun.key, value=1, source="a later law")
    today = rows("SELECT CURRENT_DATE")[0][0]
    later, ended = deepcopy(other), deepcopy(other)
    later.valid_from, ended.valid_from, ended.valid_to = today + timedelta(days=1), date(1990, 1, 1), date(1991, 1, 1)
    with as_owner():
        MarketSetting.objects.bulk_create([later, ended])
    row = f"WHERE id = {begun.id}"
    for change in ("value = '0'", "source = 'mine'", "note = ''", "valid_from = CURRENT_DATE + 5", "valid_to = CURRENT_DATE"):
        refused(f"UPDATE markets_marketsetting SET {change} {row}")
    for change in ("valid_to = NULL", "valid_to = CURRENT_DATE + 5"):
        refused(f"UPDATE markets_marketsetting SET {change} WHERE id = {ended.id}")
    refused(f"DELETE FROM markets_marketsetting WHERE id = {later.id}")
    assert MarketSetting.objects.get(pk=begun.pk).value == begun.value
    assert execute(f"UPDATE markets_marketsetting SET valid_to = CURRENT_DATE + 1 {row}") == 1
    assert execute(f"UPDATE markets_marketsetting SET value = '2' WHERE id = {later.id}") == 1


@pytest.mark.django_db
def test_a_revoked_key_stays_revoked(merchant, at):
    make_key(merchant)
    assert execute("UPDATE merchants_apikey SET revoked_at = %s", [at]) == 1
    for change in ("revoked_at = NULL", "revoked_at = now()", "name = 'x'"):
        refused(f"UPDATE merchants_apikey SET {change}")
    assert rows("SELECT revoked_at FROM merchants_apikey") == [(at,)]


@pytest.mark.django_db
def test_an_answered_request_stays(lived, operators, at):
    user = operators[0]
    permit(user, "answer_request")
    accounts.answer_request(request_id=ConsumerRequest.objects.get().id, user=user, outcome="done", answer="Here it is", at=at)
    before = rows("SELECT * FROM accounts_consumerrequest")
    for change in ("outcome = 'refused'", "answer = ''", "answered_at = now()", f"answered_by_id = '{operators[1].id}'"):
        refused(f"UPDATE accounts_consumerrequest SET {change}")
    assert rows("SELECT * FROM accounts_consumerrequest") == before


MOVED = {
    "of an order": "UPDATE checkout_order SET refunded_minor = refunded_minor - 1",
    "the fee of it": "UPDATE checkout_order SET fee_refunded_minor = fee_refunded_minor + 1",
    "of a capture": "UPDATE checkout_capture SET refunded_minor = refunded_minor - 1",
    "of both": "WITH c AS (UPDATE checkout_capture SET refunded_minor = 0) UPDATE checkout_order SET refunded_minor = 0",
    "by a refund alone": "INSERT INTO checkout_refund SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).*"
    " FROM checkout_refund r",
}


@pytest.mark.django_db
@pytest.mark.parametrize("sql", MOVED.values(), ids=MOVED)
def test_what_was_refunded_is_the_sum_of_its_refunds(lived, sql):
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET CONSTRAINTS ALL DEFERRED")
    with pytest.raises(IntegrityError, match="is not what its refunds say"), transaction.atomic():
        assert execute(sql) == 1
        execute("SET CONSTRAINTS ALL IMMEDIATE")
    lived.refresh_from_db()
    assert (lived.refunded_minor, lived.captures.get().refunded_minor) == (18_000, 18_000)


@pytest.mark.django_db
@pytest.mark.parametrize("term", ["fee_bps = 1", "fee_fixed_minor = 1", "refund_fees = false", "payout_destination = 'mine'"])
def test_terms_of_a_shop_change_with_its_history_only(merchant, at, term):
    for bps in (300, 200):
        merchants.update_terms(merchant=merchant, changes={"fee_bps": bps}, actor="test", at=at)
    merchants.update_brand(merchant=merchant, changes={"category": "Lamps"}, actor="test", at=at)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET CONSTRAINTS ALL DEFERRED")
    with pytest.raises(IntegrityError, match="no change of shop"), transaction.atomic():
        assert execute(f"UPDATE merchants_merchant SET {term} WHERE id = %s", [merchant.id]) == 1
        execute("SET CONSTRAINTS ALL IMMEDIATE")
    merchant.refresh_from_db()
    assert (merchant.fee_bps, merchant.category) == (200, "Lamps")


@pytest.mark.django_db
def test_logs_of_sign_ins_only_grow():
    tried = {"username": "a@b.example", "ip_address": "10.0.0.1", "failures_since_start": 5}
    row = AccessAttempt.objects.create(**tried)
    for change in ("failures_since_start = 0", "username = 'x'", "ip_address = NULL", "attempt_time = 'epoch'"):
        refused(f"UPDATE axes_accessattempt SET {change}")
    for model in (AccessLog, AccessFailureLog):
        model.objects.create(username="a@b.example")
        refused(f"UPDATE {model._meta.db_table} SET username = 'x'")
        refused(f"DELETE FROM {model._meta.db_table}")
    row.failures_since_start += 1
    row.save()
    assert row.delete()[0] == 1
