from django.db import migrations


class Migration(migrations.Migration):
    """Numbers by which the database itself says in which order rows of a history were written."""

    dependencies = [("core", "0007_undelivered_events")]
    operations = [migrations.RunSQL("CREATE SEQUENCE public.evidence_number", "DROP SEQUENCE public.evidence_number")]
