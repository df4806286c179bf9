import core.crypto
from django.db import migrations


class Migration(migrations.Migration):
    """What somebody agreed to is encrypted with their own key; the column stays as it is."""

    dependencies = [
        ("core", "0011_personal_keys"),
        ("plans", "0015_products_stay"),
    ]

    operations = [
        migrations.AlterField(
            model_name="plan",
            name="agreement",
            field=core.crypto.EncryptedJSONField(
                before="agreement_before", blank=True, db_column="agreement_sealed", default=dict, person="consumer_id"
            ),
        ),
    ]
