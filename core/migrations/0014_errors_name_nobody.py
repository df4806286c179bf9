from django.db import migrations

CLEAN = "UPDATE core_delivery SET error = split_part(error, '(', 1) || '([removed])' WHERE position('@' IN error) > 0"


class Migration(migrations.Migration):
    """Remove addresses from the stored errors of deliveries, without locking the table."""

    atomic = False

    dependencies = [
        ("core", "0013_countries_of_accounts"),
    ]

    operations = [
        migrations.RunSQL(CLEAN, migrations.RunSQL.noop),
    ]
