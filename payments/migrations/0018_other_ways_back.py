import core.crypto
import core.ids
import django.db.models.deletion
import django_fsm
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from core.together import Together


class Migration(migrations.Migration):
    """Allow a refund that cannot reach its card to go to another card, or by hand to a bank account."""

    dependencies = [
        ("payments", "0017_movement_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("holder", core.crypto.EncryptedTextField()),
                ("account", core.crypto.EncryptedTextField()),
                ("status", django_fsm.FSMField(default="wanted", max_length=50, protected=True)),
                ("wanted_by", models.CharField(max_length=80)),
                ("bank_reference", models.CharField(blank=True, max_length=60)),
                ("sent_by", models.CharField(blank=True, max_length=80)),
                ("closed_by", models.CharField(blank=True, max_length=80)),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
        ),
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="refund",
                    name="unchanged",
                ),
            ]
        ),
        migrations.RemoveConstraint(
            model_name="movementevent",
            name="movement_event_kind_known",
        ),
        migrations.AddField(
            model_name="refund",
            name="payment_method",
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="payments.paymentmethod"),
        ),
        migrations.AlterField(
            model_name="movementevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("reversed", "Taken back by the bank"),
                    ("reinstated", "With us again"),
                    ("fee", "Fee of the gateway"),
                    ("fee_returned", "Fee of the gateway given back"),
                    ("returned", "Came back from the card's bank"),
                    ("covered", "Paid by what the bank took back"),
                    ("transferred", "Paid to a bank account by hand"),
                    ("bounced", "Came back from the shop's bank"),
                    ("resent", "Sent again"),
                ],
                max_length=12,
            ),
        ),
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="refund",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."gateway" IS DISTINCT FROM (NEW."gateway") OR OLD."payment_method_id" IS DISTINCT FROM (NEW."payment_method_id") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="f0847d6b63d464519bab8639cde8cd9c8f4f8e9b",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_6e3a6",
                            table="payments_refund",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
        AddConstraintNotValid(
            model_name="movementevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["reversed", "reinstated", "fee", "fee_returned", "returned", "covered", "transferred", "bounced", "resent"],
                    )
                ),
                name="movement_event_kind_known",
            ),
        ),
        migrations.AddField(
            model_name="transfer",
            name="refund",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="transfers", to="payments.refund"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["wanted", "sent", "confirmed", "rejected"])), name="transfer_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "rejected"), _negated=True), fields=("refund",), name="transfer_one_a_refund"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "confirmed"), _negated=True),
                    models.Q(("sent_by", models.F("closed_by")), _negated=True),
                    _connector="OR",
                ),
                name="transfer_by_two",
            ),
        ),
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="transfer",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="4311efb96ec8c4f98a10f1fe2861ff8e1c597af9",
                            operation="DELETE",
                            pgid="pgtrigger_kept_5012b",
                            table="payments_transfer",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="transfer",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."account" IS DISTINCT FROM (NEW."account") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."holder" IS DISTINCT FROM (NEW."holder") OR OLD."refund_id" IS DISTINCT FROM (NEW."refund_id") OR OLD."wanted_by" IS DISTINCT FROM (NEW."wanted_by"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="f92010352f40ccaa93b59f21e2eb508eda96e3c2",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_f43c1",
                            table="payments_transfer",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="transfer",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="e81d841d4575447bc8baa353cadee1a10e5173a0",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_b8645",
                            table="payments_transfer",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="transfer",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('sent', 'confirmed'), ('sent', 'rejected'), ('wanted', 'rejected'), ('wanted', 'sent')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="6ba309063f886e644bdd0f03421ccd45006b512d",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_25399",
                            table="payments_transfer",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="transfer",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('wanted'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="e8a9f8ff3352168a12454eaefbb93c5c8902bb3f",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_9a62c",
                            table="payments_transfer",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="transfer",
                    trigger=pgtrigger.compiler.Trigger(
                        name="closed_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN ((OLD.status IN ('confirmed', 'rejected')) AND (OLD.* IS DISTINCT FROM NEW.*))",
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="a969a8ce74460645a04eadc1babbc98cee8b0496",
                            operation="UPDATE",
                            pgid="pgtrigger_closed_stays_8942e",
                            table="payments_transfer",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="transfer",
                    trigger=pgtrigger.compiler.Trigger(
                        name="sent_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.status = \'sent\') AND ((OLD."bank_reference" IS DISTINCT FROM (NEW."bank_reference") OR OLD."sent_at" IS DISTINCT FROM (NEW."sent_at") OR OLD."sent_by" IS DISTINCT FROM (NEW."sent_by"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="58fb78a0c5c33a5e5c5876a2f281da679a96f8fa",
                            operation="UPDATE",
                            pgid="pgtrigger_sent_stays_1d946",
                            table="payments_transfer",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
    ]
