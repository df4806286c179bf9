from django.db import migrations


class Migration(migrations.Migration):
    """The brands of the merchants that were there are checked, beside their writers."""

    dependencies = [
        ("merchants", "0012_key_hashes_turn"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE merchants_merchant VALIDATE CONSTRAINT merchants_merchant_brand_id_18e3d808_fk_brands_brand_code",
            migrations.RunSQL.noop,
        ),
    ]
