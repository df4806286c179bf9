from django.db import migrations


class Migration(migrations.Migration):
    """Validate the brands of existing consumers, without blocking writers."""

    dependencies = [
        ("accounts", "0019_language_of_users"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE accounts_consumer VALIDATE CONSTRAINT accounts_consumer_brand_id_6ad018f7_fk_brands_brand_code",
            migrations.RunSQL.noop,
        ),
    ]
