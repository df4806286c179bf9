import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from core.together import Together


class Migration(migrations.Migration):
    """Store what happens to movements after their first result, and allow disputes to be decided again."""

    dependencies = [
        ("payments", "0016_found_by_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="MovementEvent",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "movement_kind",
                    models.CharField(choices=[("charge", "Charge"), ("refund", "Refund"), ("payout", "Payout")], max_length=10),
                ),
                ("movement_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reversed", "Taken back by the bank"),
                            ("reinstated", "With us again"),
                            ("fee", "Fee of the gateway"),
                            ("fee_returned", "Fee of the gateway given back"),
                            ("returned", "Came back from the card's bank"),
                            ("covered", "Paid by what the bank took back"),
                            ("bounced", "Came back from the shop's bank"),
                            ("resent", "Sent again"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reference", models.CharField(db_index=True, max_length=60)),
                ("gateway", models.CharField(max_length=20)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("gateway_ref", models.CharField(blank=True, max_length=120)),
                ("number", models.PositiveSmallIntegerField(default=0)),
                ("at", models.DateTimeField()),
            ],
        ),
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="break",
                    name="unchanged",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="dispute",
                    name="status_moves",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="dispute",
                    name="decided_stays",
                ),
            ]
        ),
        migrations.AddField(
            model_name="break",
            name="number",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="dispute",
            name="turns",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="break",
            name="kind",
            field=models.CharField(
                choices=[
                    ("answer_differs", "The gateway moved another amount"),
                    ("refund_failed", "A refund did not reach the card"),
                    ("payout_failed", "A payout did not reach the shop"),
                    ("charge_reversed", "A payment was taken back by the bank"),
                    ("dispute", "A payment is disputed at the bank"),
                    ("dispute_lost", "The bank decided for the cardholder"),
                ],
                max_length=20,
            ),
        ),
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="break",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."detail" IS DISTINCT FROM (NEW."detail") OR OLD."gateway" IS DISTINCT FROM (NEW."gateway") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."subject" IS DISTINCT FROM (NEW."subject"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="f250dee8e48dc7055c2694814945518b89b6379d",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_22358",
                            table="payments_break",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('lost', 'won'), ('open', 'lost'), ('open', 'won'), ('won', 'lost')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="b6ecb8237e528070f1eb324e7d03655515e80742",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_7b198",
                            table="payments_dispute",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="decided_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.status <> \'open\' AND OLD.status = NEW.status) AND ((OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."closed_at" IS DISTINCT FROM (NEW."closed_at") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."gateway" IS DISTINCT FROM (NEW."gateway") OR OLD."gateway_ref" IS DISTINCT FROM (NEW."gateway_ref") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."status" IS DISTINCT FROM (NEW."status"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="8da1221ae57abd98e50d0038ea8ca5acd5695b75",
                            operation="UPDATE",
                            pgid="pgtrigger_decided_stays_27cd5",
                            table="payments_dispute",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
        # In the database, the number is part of the constraint since `0027_breaks_once_a_number`, which makes its index concurrently.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(model_name="break", name="break_once"),
                migrations.AddConstraint(
                    model_name="break",
                    constraint=models.UniqueConstraint(fields=("kind", "subject", "number"), name="break_once"),
                ),
            ],
        ),
        migrations.AddField(
            model_name="movementevent",
            name="dispute",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="payments.dispute"),
        ),
        migrations.AddConstraint(
            model_name="movementevent",
            constraint=models.UniqueConstraint(
                fields=("movement_id", "movement_kind", "kind", "dispute", "number"), name="movement_event_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="movementevent",
            constraint=models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="movement_event_positive"),
        ),
        migrations.AddConstraint(
            model_name="movementevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["reversed", "reinstated", "fee", "fee_returned", "returned", "covered", "bounced", "resent"])
                ),
                name="movement_event_kind_known",
            ),
        ),
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="movementevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="7532d9b66d94f09fa4fd3843536ebcf62f64170b",
                            operation="DELETE",
                            pgid="pgtrigger_kept_9ff36",
                            table="payments_movementevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="movementevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="6f0983d49e924cbf6b448f7b3ae786198f44829b",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_0f337",
                            table="payments_movementevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="movementevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="855316f634ebf10bdaf3e7464224cd8c1a0eaf92",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_08447",
                            table="payments_movementevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
    ]
