"""Every table of the database is on one of three lists: it only grows, something of it is guarded, or it is free, with the reason why."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import Error, transaction

from core.db import execute, rows
from tests.operators import make_operator, telling
from tests.owner import unguarded

APPEND_ONLY = {
    "accounts_classchange",
    *("accounts_consent", "accounts_consumerchange", "accounts_look", "accounts_note", "accounts_userchange"),
    *("axes_accessfailurelog", "axes_accesslog"),
    "brands_brandchange",
    *(
        "checkout_orderchange",
        "checkout_refund",
        "credit_approval",
        "credit_decision",
        "credit_declaration",
        "credit_limitchange",
        "credit_limitreview",
        "django_admin_log",
        "ledger_account",
    ),
    *("ledger_entry", "ledger_line", "markets_exchangerate", "merchants_accountchange", "merchants_settlement", "payments_gatewayevent"),
    *("controls_settingchange", "controls_route", "fraud_launderinglook"),
    *("payments_movementevent", "learning_modelversion", "learning_rolechange"),
    "notifications_notice",
    *("reports_provision", "reports_provisionmonth", "reports_provisionplan", "reports_provisionsegment"),
    *("plans_budget", "plans_reliefpaper", "collection_agencyterms", "collection_commission"),
    *("plans_freepayment", "plans_hardship", "plans_buyerpayment", "plans_planchange", "webhooks_attempt", "webhooks_merchantevent"),
}
"""Of these nothing is changed and no row is lost, but what a function of the owner forgets of old traffic."""

GUARDED = {
    "accounts_authenticator": ("unchanged", "made_at = made_at - interval '1 day'"),
    "accounts_identityproof": ("unchanged", "level = level || 'x'"),
    "accounts_identitypicture": ("unchanged", "part = part || 'x'"),
    "accounts_recoverycode": ("unchanged", "code_hash = code_hash || 'x'"),
    "accounts_block": ("unchanged", "reason = reason || 'x'"),
    "accounts_customerclass": ("unchanged", "code = code || 'x'"),
    "accounts_consumer": ("identity_moves", "identity = CASE identity WHEN 'verified' THEN 'unknown' ELSE 'verified' END"),
    "accounts_consumerrequest": ("unchanged", "due_date = due_date + 30"),
    "accounts_identitycheck": ("unchanged", "result = result || 'x'"),
    "accounts_contactchange": ("unchanged", "due_at = due_at - interval '1 day'"),
    "accounts_device": ("unchanged", "first_at = first_at - interval '1 day'"),
    "accounts_passkey": ("unchanged", "public_key = public_key || 'x'"),
    "accounts_passkeyuse": ("said_stays", "at = at - interval '1 day'"),
    "accounts_listedentry": ("unchanged", "digest = digest || 'x'"),
    "accounts_publishedlist": ("unchanged", "added = added + 1"),
    "accounts_screening": ("unchanged", "asked_at = asked_at - interval '1 day'"),
    "accounts_screeningmatch": ("unchanged", "raised_at = raised_at - interval '1 day'"),
    "accounts_user": ("rights_are_told", "is_staff = NOT is_staff"),
    "accounts_user_groups": ("rights_are_told", ""),
    "accounts_user_user_permissions": ("rights_are_told", ""),
    "auth_group_permissions": ("rights_are_told", ""),
    "axes_accessattempt": ("log_kept", "failures_since_start = failures_since_start - 1"),
    "brands_brand": ("unchanged", "created_at = created_at - interval '1 day'"),
    "checkout_capture": ("unchanged", "amount_minor = amount_minor + 1"),
    "checkout_checkout": ("unchanged", "merchant_id = gen_random_uuid()"),
    "checkout_order": ("unchanged", "amount_minor = amount_minor + 1"),
    "checkout_shownoffer": ("unchanged", "plans = plans || '[1]'"),
    "checkout_orderreview": ("unchanged", "causes = causes || '[1]'"),
    "collection_arrears": ("unchanged", "since = since + 1"),
    "collection_promise": ("unchanged", "pay_on = pay_on + 1"),
    "collection_paylink": ("unchanged", "late_minor = late_minor + 1"),
    "collection_jointsettlement": ("unchanged", "until = until + 1"),
    "collection_settlement": ("unchanged", "until = until + 1"),
    "plans_forgiven": ("unchanged", "fees_minor = fees_minor + 1"),
    "collection_case": ("unchanged", "opened_on = opened_on + 1"),
    "collection_call": ("unchanged", "day = day + 1"),
    "collection_complaint": ("unchanged", "answer_by = answer_by + 1"),
    "collection_task": ("unchanged", "due_on = due_on + 1"),
    "plans_reliefoffer": ("unchanged", "actor = actor || 'x'"),
    "plans_standstill": ("unchanged", "noted_by = noted_by || 'x'"),
    "collection_latenotice": ("unchanged", "day = day + 1"),
    "notifications_paperletter": ("unchanged", "why = why || 'x'"),
    "collection_caseletter": ("unchanged", "sent_by = sent_by || 'x'"),
    "collection_lateneed": ("unchanged", "risk_bps = risk_bps + 1"),
    "collection_reminder": ("unchanged", "day = day + 1"),
    "collection_contact": ("unchanged", "day = day + 1"),
    "collection_contactstop": ("unchanged", "channel = 'sms'"),
    "collection_closedday": ("unchanged", "day = day + 1"),
    "controls_absence": ("unchanged", "reason = reason || 'x'"),
    "controls_evidencefile": ("unchanged", "added_at = added_at + interval '1 day'"),
    "controls_proposal": ("unchanged", "reason = reason || 'x'"),
    "controls_ruleversion": ("unchanged", "number = number + 100"),
    "core_outboxevent": ("unchanged", "name = name || 'x'"),
    "core_subjectkey": ("only_destroyed", "wrapped = 'v2:k0:x'"),
    "core_provideraccount": ("unchanged", "provider = provider || 'x'"),
    "credit_creditline": ("unchanged", "currency = 'NOK'"),
    "credit_inquiry": ("unchanged", "asked_at = asked_at - interval '1 day'"),
    "credit_referral": ("unchanged", "created_at = created_at - interval '1 day'"),
    "learning_suggestion": ("unchanged", "family = family || 'x'"),
    "learning_training": ("unchanged", "family = family || 'x'"),
    "learning_watchedday": ("unchanged", "day = day + 1"),
    "fraud_launderingalert": ("unchanged", "rule = rule || 'x'"),
    "fraud_launderingreport": ("unchanged", "number = number + 1"),
    "fraud_assessment": ("unchanged", "version = version + 1"),
    "fraud_listentry": ("unchanged", "key = key || 'x'"),
    "fraud_label": ("unchanged", "source = source || 'x'"),
    "plans_fee": ("unchanged", "amount_minor = amount_minor + 1"),
    "plans_feepayment": ("unchanged", "charge_id = gen_random_uuid()"),
    "checkout_postponement": ("unchanged", "fee_minor = fee_minor + 1"),
    "checkout_shopinterest": ("unchanged", "paid_minor = paid_minor + 1"),
    "plans_reward": ("unchanged", "amount_minor = amount_minor + 1"),
    "plans_feecredit": ("unchanged", "amount_minor = amount_minor + 1"),
    "plans_feecredituse": ("unchanged", "amount_minor = amount_minor + 1"),
    "ledger_checkpoint": ("unchanged", "account_id = gen_random_uuid()"),
    "ledger_dayfold": ("unchanged", "id = 2"),
    "ledger_daytotal": ("unchanged", "day = day + 1"),
    "markets_market": ("unchanged", "currency = 'NOK'"),
    "markets_marketsetting": ("unchanged", "key = key || 'x'"),
    "merchants_apikey": ("unchanged", "created_by = created_by || 'x'"),
    "merchants_merchant": ("terms_are_told", "fee_bps = fee_bps + 1"),
    "merchants_settlementitem": ("unchanged", "gross_minor = gross_minor + 1"),
    "notifications_message": ("unchanged", "kind = kind || 'x'"),
    "payments_authorization": ("unchanged", "currency = 'NOK'"),
    "payments_break": ("unchanged", "reference = reference || 'x'"),
    "payments_charge": ("unchanged", "amount_minor = amount_minor + 1"),
    "payments_dispute": ("unchanged", "charge_id = gen_random_uuid()"),
    "payments_payout": ("unchanged", "destination = destination || 'x'"),
    "payments_transfer": ("unchanged", "wanted_by = wanted_by || 'x'"),
    "payments_refund": ("unchanged", "amount_minor = amount_minor + 1"),
    "plans_allocation": ("allocated_anew", "principal_minor = principal_minor + 1"),
    "plans_chargeoff": ("unchanged", "note = note || 'x'"),
    "collection_agency": ("unchanged", "name = name || 'x'"),
    "collection_agencykey": ("unchanged", "hint = hint || 'x'"),
    "collection_placement": ("unchanged", "face_minor = face_minor + 1"),
    "collection_release": ("unchanged", "reason = reason || 'x'"),
    "collection_agencycontact": ("unchanged", "day = day + 1"),
    "collection_agencycomplaint": ("unchanged", "reference = reference || 'x'"),
    "collection_agencyhold": ("unchanged", "since = since + interval '1 day'"),
    "collection_breach": ("unchanged", "rule = 'hours'"),
    "plans_areapause": ("unchanged", "days = days + 1"),
    "plans_goodsreturn": ("unchanged", "tracking = tracking || 'x'"),
    "plans_disasterarea": ("unchanged", "name = name || 'x'"),
    "plans_debtsale": ("unchanged", "buyer = buyer || 'x'"),
    "plans_soldplan": ("unchanged", "face_minor = face_minor + 1"),
    "plans_deposit": ("unchanged", "amount_minor = amount_minor + 1"),
    "plans_depositpayment": ("unchanged", "amount_minor = amount_minor + 1"),
    "plans_installment": ("unchanged", "number = number + 100"),
    "plans_plan": ("unchanged", "principal_minor = principal_minor + 1"),
    "plans_agencypayment": ("unchanged", "reference = reference || 'x'"),
    "collection_remittance": ("unchanged", "amount_minor = amount_minor + 1"),
    "collection_remittanceline": ("unchanged", "amount_minor = amount_minor + 1"),
    "plans_receipt": ("unchanged", "bank_reference = bank_reference || 'x'"),
    "plans_product": ("unchanged", "rate_bps = rate_bps + 1"),
    "webhooks_delivery": ("status_moves", "status = 'failed'"),
}
"""Of these something is: by the trigger named, which refuses such a change; without one, every row that is taken away."""

OWNERS = {
    "auth_permission": "Which permissions there are is said by `migrate`.",
    "django_content_type": "Which models there are is said by `migrate`.",
    **dict.fromkeys(
        ("controls_auditrow", "controls_auditseal", "controls_audithead", "controls_auditanchor"),
        "The audit log is written by the owner's functions alone.",
    ),
    "django_migrations": "Which migrations were applied is said by `migrate`.",
}
"""Guarded too: the application may not write these at all."""

FREE = {
    "accounts_namepart": "Hashes of names, made anew from them, by which operators find people.",
    "accounts_onboardingstep": "Figures of how far people come; no money and no right hangs on them.",
    "accounts_personkey": "Who is one person is told by ConsumerChange; keys are brought to the first account when two turn out to be one.",
    "accounts_screened": "When people were screened last; if that is changed, they are screened again, and matches are guarded.",
    "accounts_supportflag": "What people need: kept while they agree, deleted when they take it back; a trigger lets nothing change.",
    "accounts_screeninglist": "Which versions of lists were seen; without one, everybody is screened again.",
    "accounts_signincode": "One-time codes, of which tries are counted and which are removed where none could be sent.",
    "auth_group": "Names of groups; what members may do is guarded.",
    "axes_accessattemptexpiration": "Until when tries of a password count; a lock ends by itself.",
    "credit_bankaccess": "Readings of bank accounts: decisions store what they used, and the person may take the figures back.",
    "credit_bankcall": "What calls of banks cost, by the terms typed in; what is paid is the provider's bill.",
    "controls_assignment": "Who works on a task for some hours; a task is free again by itself.",
    "controls_rulecase": "Cases that rules were asked about, kept for 400 days; what they held is in the order's review.",
    "controls_ruletrial": "What rules would have said of the past, counted anew by another trial.",
    "collection_rolledday": "Figures of closed days, each added in the transaction that notes the arrears, which are guarded.",
    "core_clockoffset": "How far the clock of a sandbox was moved; a live installation has no such row.",
    "core_delivery": "What of an event was done; the event itself stays, and a handler that is asked again does nothing again.",
    "core_idempotentanswer": "Answers that are given again for 30 days, and removed then.",
    "core_providercalls": "Counts of calls by hour.",
    "core_tableday": "Sizes of tables by day, and how many of their rows were forgotten.",
    "learning_tablepart": "Tables that people uploaded to learn from; they are deleted after the training, or after some days.",
    "credit_reviewpass": "How far the daily review of limits has come; reviewing again moves nothing twice.",
    "django_session": "Sessions end and are removed.",
    **dict.fromkeys(
        ("fraud_link", "fraud_hub", "fraud_ring", "fraud_member"),
        "Hashes of what people share, which are forgotten, and the rings that are counted anew from them.",
    ),
    "fraud_fraudcase": "What needs eyes, by assessments and labels, which are guarded.",
    "fraud_accountact": "Hashes of what was seen at sign-ins and changes, which are forgotten.",
    "fraud_sighting": "Hashes of what was seen at attempts to buy, which are forgotten; what was said of each is in its assessment.",
    "merchants_invitation": "Offers of a place; each is told by AccountChange.",
    "merchants_membership": "Places in teams, which are given up; each move is told by AccountChange.",
    "collection_trace": "What was found out about how to reach people, which is forgotten; each change is told by the audit log.",
    "payments_cardsetup": "Visits to a provider's page of cards, which may be left.",
    "payments_cardtry": "Tries of cards, which are counted for a while and removed.",
    "payments_eventreading": "How far lists of gateways are read; reading again acts on nothing twice.",
    "payments_gatewaycustomer": "What a gateway calls a person, to be asked for again.",
    "payments_paymentmethod": "Cards are renewed and detached by their owners; what was charged to which one stays in the charge.",
    "accounts_login": "Accounts at other companies that sign somebody in, which their person removes; each change is told by letter.",
    "checkout_journey": "How far people come in checkouts, which is forgotten.",
    "reports_funnelday": "Figures that are counted anew from the ways of checkouts while these may go on.",
    "reports_margin": "Figures that are counted anew each day from the rows that they are of.",
    "reports_merchantday": "Figures that are counted anew from the rows that they are of.",
    "reports_productday": "Figures that are counted anew from the rows that they are of.",
    "webhooks_endpoint": "Where a shop wants to hear; the shop changes it.",
    "webhooks_eventcounter": "The last number given; each event keeps its own, which is taken once.",
}

FILLERS = {
    "uuid": "gen_random_uuid()",
    "boolean": "false",
    "bytea": "'x'",
    "ARRAY": "'{}'",
    "jsonb": "'{}'",
    "date": "CURRENT_DATE",
    "timestamp with time zone": "now()",
    "inet": "'10.0.0.1'",
    **dict.fromkeys(("bigint", "integer", "smallint"), "1"),
    **dict.fromkeys(("character varying", "text"), "'x'"),
}
KNOWN = {
    "checkout_orderreview": {"source_review": "''"},
    "controls_absence": {"stand_in": "''", "ends_on": "CURRENT_DATE"},
    "controls_proposal": {"status": "'proposed'"},
    "controls_ruleversion": {"status": "'draft'"},
    "credit_inquiry": {"review": "''"},
    "credit_referral": {"outcome": "''", "resolved_by": "''"},
    "merchants_merchant": {"market_id": "'US'", "brand_id": "'main'"},
    "accounts_consumer": {"identity": "'verified'", "email_hash": "'x'"},
    "webhooks_delivery": {"status": "'delivered'"},
    "payments_transfer": {"status": "'wanted'"},
}
"""What a row must say in place of anything."""


def tables() -> set[str]:
    found = rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
    return {name for (name,) in found}


def let_somebody_in() -> None:
    """Let there be an operator in a group with a right, and with one of their own."""
    user, group = make_operator("clerk@kvart.example", may=["view_order"]), Group.objects.create(name="Clerks")
    group.permissions.add(Permission.objects.get(codename="decide_review"))
    with telling(user):
        user.groups.add(group)


def fill(table: str) -> None:
    """Let a table have a row, whatever it says."""
    if GUARDED.get(table, ("", ""))[0] == "rights_are_told":
        let_somebody_in()
    if rows(f"SELECT 1 FROM {table} LIMIT 1"):
        return
    wanted = """
        SELECT column_name, data_type FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = %s AND is_nullable = 'NO' AND is_identity = 'NO'"""
    values = {f'"{name}"': FILLERS[kind] for name, kind in rows(wanted, [table])}
    values |= {f'"{name}"': value for name, value in KNOWN.get(table, {}).items()}
    with unguarded():
        for (check,) in rows("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'", [table]):
            execute(f'ALTER TABLE {table} DROP CONSTRAINT "{check}"')
        execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())})")


def refused(sql: str) -> None:
    with pytest.raises(Error, match=r"append-only|no transition|does not tell|no change of shop|permission denied"), transaction.atomic():
        execute(sql)
        execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_every_table_is_on_one_list():
    listed = [*APPEND_ONLY, *GUARDED, *OWNERS, *FREE]
    assert sorted(listed) == sorted(tables())
    assert [name for name, reason in FREE.items() if len(reason) < 20] == []


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_what_only_grows(table):
    fill(table)
    before = rows(f"SELECT * FROM {table}")
    column = rows("SELECT column_name FROM information_schema.columns WHERE table_name = %s LIMIT 1", [table])[0][0]
    for sql in (f'UPDATE {table} SET "{column}" = "{column}"', f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        refused(sql)
    assert rows(f"SELECT * FROM {table}") == before


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(GUARDED))
def test_what_is_guarded_in_part(table):
    trigger, change = GUARDED[table]
    enabled = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled = 'O'"
    names = {name for (name,) in rows(enabled, [table])}
    assert any(name == trigger or name.startswith(f"pgtrigger_{trigger}_") for name in names)
    fill(table)
    before = rows(f"SELECT * FROM {table}")
    refused(f"UPDATE {table} SET {change}" if change else f"DELETE FROM {table}")
    refused(f"TRUNCATE {table} CASCADE")
    assert rows(f"SELECT * FROM {table}") == before


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(OWNERS))
def test_what_only_the_owner_writes(table):
    column = rows("SELECT column_name FROM information_schema.columns WHERE table_name = %s LIMIT 1", [table])[0][0]
    for sql in (f'UPDATE {table} SET "{column}" = "{column}"', f"DELETE FROM {table}", f"INSERT INTO {table} DEFAULT VALUES"):
        refused(sql)
