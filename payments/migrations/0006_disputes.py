import core.ids
import django.db.models.deletion
import django_fsm
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0005_gateway_customers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="break",
            name="kind",
            field=models.CharField(
                choices=[
                    ("answer_differs", "The gateway moved another amount"),
                    ("refund_failed", "A refund did not reach the card"),
                    ("payout_failed", "A payout did not reach the shop"),
                    ("dispute", "A payment is disputed at the bank"),
                    ("dispute_lost", "The bank decided for the cardholder"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("gateway", models.CharField(max_length=20)),
                ("gateway_ref", models.CharField(max_length=120)),
                ("reference", models.CharField(db_index=True, max_length=60)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("status", django_fsm.FSMField(default="open", max_length=50, protected=True)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("waived_at", models.DateTimeField(null=True)),
                ("charge", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="disputes", to="payments.charge")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("gateway", "gateway_ref"), name="dispute_once"),
                    models.CheckConstraint(condition=models.Q(("status__in", ["open", "won", "lost"])), name="dispute_status_known"),
                ],
            },
        ),
    ]
