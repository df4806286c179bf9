from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """The lines that are not in the totals of their days yet are found by their transaction."""

    atomic = False
    dependencies = [("ledger", "0004_totals_of_days")]
    operations = [
        AddIndexConcurrently(
            model_name="line",
            index=BrinIndex(autosummarize=True, fields=["xid"], name="ledger_line_newest", pages_per_range=16),
        ),
    ]
