import core.ids
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


FILL = """
    INSERT INTO fraud_fraudcase (id, consumer_id, subject, "order", merchant, amount_minor, currency, verdict, held_by, risk_bps, label, at)
    SELECT a.id, a.consumer_id, a.subject, a."order", s.merchant, s.amount_minor, s.currency, a.verdict,
        coalesce((SELECT array_agg(DISTINCT f ->> 0) FROM jsonb_array_elements(a.findings) f), '{}'),
        round((a.signals ->> 'model_risk')::numeric * 10000), '', a.at
    FROM fraud_assessment a CROSS JOIN LATERAL (
        SELECT * FROM fraud_sighting s WHERE s.consumer_id = a.consumer_id AND s.subject = a.subject AND s.at = a.at LIMIT 1) s
    WHERE a.verdict IN ('hold', 'block') OR (a.verdict = 'step_up' AND a.proved_at IS NULL)"""


class Migration(migrations.Migration):
    """Attempts to buy that need eyes have rows of their own; those of earlier assessments are filled in."""

    dependencies = [
        ("accounts", "0027_looked_at_fraud"),
        ("fraud", "0007_reports_of_suspicion"),
    ]

    operations = [
        migrations.CreateModel(
            name="FraudCase",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("subject", models.CharField(max_length=40)),
                ("order", models.CharField(blank=True, default="", max_length=40)),
                ("merchant", models.CharField(max_length=40)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "verdict",
                    models.CharField(max_length=8),
                ),
                ("held_by", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                ("risk_bps", models.PositiveIntegerField(null=True)),
                ("label", models.CharField(blank=True, default="", max_length=6)),
                ("labeled_at", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.consumer"
                    ),
                ),
            ],
            options={
                "verbose_name": "fraud case",
                "verbose_name_plural": "fraud desk",
                "indexes": [
                    models.Index(fields=["label", "-id"], name="fraud_case_label"),
                    models.Index(fields=["verdict", "-id"], name="fraud_case_verdict"),
                    models.Index(fields=["merchant", "-id"], name="fraud_case_merchant"),
                    models.Index(fields=["consumer", "-id"], name="fraud_case_consumer"),
                    models.Index(fields=["currency", "-amount_minor", "-id"], name="fraud_case_amount"),
                    models.Index(fields=["subject"], name="fraud_case_subject"),
                    models.Index(condition=models.Q(("order", ""), _negated=True), fields=["order"], name="fraud_case_order"),
                    models.Index(fields=["at"], name="fraud_case_at"),
                    django.contrib.postgres.indexes.GinIndex(fields=["held_by"], name="fraud_case_rules"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["allow", "step_up", "hold", "block"])), name="fraud_case_verdict_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("label", ""), ("labeled_at", None)),
                            models.Q(("label__in", ["fraud", "honest"]), ("labeled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="fraud_case_label_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
