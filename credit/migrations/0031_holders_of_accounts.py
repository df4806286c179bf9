import core.crypto
import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Readings of bank accounts keep whose accounts they are."""

    dependencies = [
        ("credit", "0030_approves_nobody_stopped"),
    ]

    operations = [
        migrations.AddField(
            model_name="bankaccess",
            name="holder",
            field=models.CharField(
                blank=True,
                choices=[
                    ("untold", "untold"),
                    ("same", "same"),
                    ("other", "other"),
                    ("shared", "shared"),
                    ("theirs", "theirs"),
                    ("refused", "refused"),
                ],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="bankaccess",
            name="holder_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="bankaccess",
            name="holder_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            model_name="bankaccess",
            name="holders",
            field=core.crypto.EncryptedJSONField(blank=True, db_default="", default=list, kind=list, person="consumer_id"),
        ),
        migrations.AddField(
            model_name="bankaccess",
            name="marks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=80), blank=True, db_default=[], default=list, size=None
            ),
        ),
    ]
