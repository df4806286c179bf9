from django.db import migrations


class Migration(migrations.Migration):
    """Add a sequence with which the database numbers rows of histories in the order of writing."""

    dependencies = [("core", "0007_undelivered_events")]
    operations = [migrations.RunSQL("CREATE SEQUENCE public.evidence_number", "DROP SEQUENCE public.evidence_number")]
