import core.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Accounts at other companies by which consumers sign in."""

    dependencies = [
        ("accounts", "0043_rights_over_data"),
    ]

    operations = [
        migrations.CreateModel(
            name="Login",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("company", models.CharField(max_length=20)),
                ("brand", models.CharField(max_length=20)),
                ("subject_hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("used_at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="logins", to="accounts.consumer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("subject_hash", "brand"), name="login_once"),
                    models.UniqueConstraint(fields=("consumer", "company"), name="login_one_a_company"),
                ],
            },
        ),
    ]
