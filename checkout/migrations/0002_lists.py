import django.db.models.deletion
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import migrations, models

# The constraints at once: a table with triggers that still wait cannot be altered.
WHOSE = """
    UPDATE checkout_refund r SET merchant_id = o.merchant_id FROM checkout_order o WHERE o.id = r.order_id;
    SET CONSTRAINTS ALL IMMEDIATE;"""


def _key(to: str, **how: object) -> models.ForeignKey:
    return models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to=to, **how)


class Migration(migrations.Migration):
    """Refunds know their shop; indexes for what lists are narrowed to, and none that is only written."""

    dependencies = [
        ("accounts", "0001_initial"),
        ("checkout", "0001_initial"),
        ("credit", "0001_initial"),
        ("merchants", "0001_initial"),
        ("plans", "0003_fewer_indexes"),
    ]

    operations = [
        migrations.AddField("refund", "merchant", _key("merchants.merchant", null=True)),
        migrations.RunSQL(WHOSE, migrations.RunSQL.noop),
        migrations.AlterField("refund", "merchant", _key("merchants.merchant")),
        migrations.AlterField("checkout", "merchant", _key("merchants.merchant")),
        migrations.AlterField("order", "consumer", _key("accounts.consumer", related_name="orders")),
        migrations.AlterField("order", "merchant", _key("merchants.merchant")),
        migrations.AddIndex("order", models.Index(fields=["merchant", "-created_at", "-id"], name="order_of_merchant_day")),
        migrations.AddIndex(
            "order", models.Index(condition=models.Q(("refunded_minor__gt", 0)), fields=["merchant", "-id"], name="order_refunded")
        ),
        migrations.AddIndex(
            "order",
            models.Index(condition=models.Q(("status", "captured"), _negated=True), fields=["status", "-id"], name="order_by_status"),
        ),
        migrations.AddIndex("refund", models.Index(fields=["merchant", "-id"], name="refund_of_merchant")),
        migrations.AddIndex("hold", GinIndex(SearchVector("decision_reason", "rule", config="simple"), name="hold_words")),
    ]
