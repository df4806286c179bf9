from django.db import migrations

# An index that an interrupted run left behind may be invalid.
CLEAR = "DROP INDEX CONCURRENTLY IF EXISTS break_once_new"
SWAP = "ALTER TABLE payments_break DROP CONSTRAINT break_once, ADD CONSTRAINT break_once UNIQUE USING INDEX break_once_new"


class Migration(migrations.Migration):
    """A movement has one break of a kind and number, and no longer one of a kind; where that holds already, it is made once more."""

    atomic = False

    dependencies = [
        ("payments", "0026_unanswered"),
    ]

    operations = [
        migrations.RunSQL(CLEAR, SWAP),
        migrations.RunSQL(
            "CREATE UNIQUE INDEX CONCURRENTLY break_once_new ON payments_break (kind, subject, number)",
            "CREATE UNIQUE INDEX CONCURRENTLY break_once_new ON payments_break (kind, subject)",
        ),
        migrations.RunSQL(SWAP, CLEAR),
    ]
