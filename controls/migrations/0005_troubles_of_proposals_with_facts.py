from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    """Why a proposal could not be applied, as sentences with their facts: each reader reads it in their language."""

    dependencies = [
        ("controls", "0004_entities_of_brands"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="trouble_facts",
            field=models.JSONField(blank=True, db_default=Value([], output_field=models.JSONField()), default=list),
        ),
    ]
