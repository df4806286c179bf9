import django.db.models.deletion
from django.db import migrations, models

NAME = "merchants_merchant_brand_id_18e3d808_fk_brands_brand_code"
TABLE = "merchants_merchant"
KEY = "FOREIGN KEY (brand_id) REFERENCES brands_brand (code) DEFERRABLE INITIALLY DEFERRED NOT VALID"


def brand(**options):
    """Return the field, with or without a foreign key of the database."""
    return models.ForeignKey(
        db_default="main", db_index=False, default="main", on_delete=django.db.models.deletion.PROTECT, to="brands.brand", **options
    )


class Migration(migrations.Migration):
    """Merchants belong to a brand: all so far to the first.

    Rows that were there are checked by `0013_checked_brands`, beside their writers.
    """

    dependencies = [
        ("merchants", "0010_basket_rules_and_suspension"),
        ("brands", "0002_first_brand"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AddField(model_name="merchant", name="brand", field=brand(db_constraint=False)),
                migrations.RunSQL(f"ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} {KEY}", f"ALTER TABLE {TABLE} DROP CONSTRAINT {NAME}"),
            ],
            state_operations=[migrations.AddField(model_name="merchant", name="brand", field=brand())],
        ),
    ]
