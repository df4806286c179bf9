from django.db import migrations, models


class Migration(migrations.Migration):
    """An index for the orders that a shop's figures leave out; no order is in it when it is authorized."""

    dependencies = [("checkout", "0002_lists")]

    operations = [
        migrations.AddIndex(
            "order",
            models.Index(
                condition=models.Q(("status__in", ["pending_review", "voided", "expired", "rejected"])),
                fields=["merchant", "-created_at"],
                name="order_unsold",
            ),
        ),
    ]
