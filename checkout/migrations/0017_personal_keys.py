import core.crypto
from django.db import migrations


class Migration(migrations.Migration):
    """What somebody buys is encrypted with their own key; the columns stay as they are."""

    dependencies = [
        ("core", "0011_personal_keys"),
        ("checkout", "0016_order_reviews"),
    ]

    operations = [
        migrations.AlterField(
            model_name="checkout",
            name="customer",
            field=core.crypto.EncryptedJSONField(blank=True, person="consumer_id"),
        ),
        migrations.AlterField(
            model_name="checkout",
            name="items",
            field=core.crypto.EncryptedJSONField(
                before="items_before", blank=True, db_column="items_sealed", default=list, kind=list, person="consumer_id"
            ),
        ),
        migrations.AlterField(
            model_name="checkout",
            name="metadata",
            field=core.crypto.EncryptedJSONField(
                before="metadata_before", blank=True, db_column="metadata_sealed", default=dict, person="consumer_id"
            ),
        ),
    ]
