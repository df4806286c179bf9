import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Allow a refund or payout that two people closed as not made to succeed later, if its gateway says so."""

    dependencies = [
        ("payments", "0033_holds_closed_by_hand"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="payout",
            name="status_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="refund",
            name="status_moves",
        ),
        migrations.RemoveConstraint(
            model_name="movementevent",
            name="movement_event_kind_known",
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
                    ("covered", "Paid in another way"),
                    ("transferred", "Paid to a bank account by hand"),
                    ("bounced", "Came back from the shop's bank"),
                    ("resent", "Sent again"),
                    ("by_hand", "Closed by two people"),
                    ("made", "Made after all, as its gateway says"),
                    ("twice", "Made a second time, as its gateway says"),
                ],
                max_length=12,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payout",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('failed', 'succeeded'), ('pending', 'failed'), ('pending', 'succeeded'), ('pending', 'unknown'), ('succeeded', 'reversed'), ('unknown', 'failed'), ('unknown', 'succeeded')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="5d35d38d7603598a54ec896f7036b618ad814913",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_fc3c3",
                    table="payments_payout",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="refund",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('failed', 'succeeded'), ('pending', 'failed'), ('pending', 'succeeded'), ('pending', 'unknown'), ('succeeded', 'reversed'), ('unknown', 'failed'), ('unknown', 'succeeded')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="8f33d99e2c1fbb596ba81ecaac16447bc8413769",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_5b763",
                    table="payments_refund",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="movementevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "reversed",
                            "reinstated",
                            "fee",
                            "fee_returned",
                            "returned",
                            "covered",
                            "transferred",
                            "bounced",
                            "resent",
                            "by_hand",
                            "made",
                            "twice",
                        ],
                    )
                ),
                name="movement_event_kind_known",
            ),
        ),
    ]
