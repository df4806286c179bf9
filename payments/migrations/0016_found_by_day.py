from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """Add indexes to find a day's movements without reading all others."""

    # The indexes are made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("payments", "0015_forget_gateway_events"),
    ]

    operations = [
        AddIndexConcurrently(model_name=model, index=BrinIndex(autosummarize=True, fields=["created_at"], name=name, pages_per_range=32))
        for model, name in (("charge", "charge_day"), ("refund", "payment_refund_day"), ("payout", "payout_day"))
    ]
