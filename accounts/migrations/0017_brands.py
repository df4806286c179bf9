import django.db.models.deletion
from django.db import migrations, models

NAME = "accounts_consumer_brand_id_6ad018f7_fk_brands_brand_code"
TABLE = "accounts_consumer"
KEY = "FOREIGN KEY (brand_id) REFERENCES brands_brand (code) DEFERRABLE INITIALLY DEFERRED NOT VALID"


def brand(**options):
    """Return the field, with or without a foreign key in the database."""
    return models.ForeignKey(
        db_default="main", db_index=False, default="main", on_delete=django.db.models.deletion.PROTECT, to="brands.brand", **options
    )


class Migration(migrations.Migration):
    """Give each consumer a brand: existing ones get the first brand.

    `0020_checked_brands` validates existing rows, without blocking writers.
    """

    dependencies = [
        ("accounts", "0016_looking_after_people"),
        ("brands", "0002_first_brand"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AddField(model_name="consumer", name="brand", field=brand(db_constraint=False)),
                migrations.RunSQL(f"ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} {KEY}", f"ALTER TABLE {TABLE} DROP CONSTRAINT {NAME}"),
            ],
            state_operations=[migrations.AddField(model_name="consumer", name="brand", field=brand())],
        ),
    ]
