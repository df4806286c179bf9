"""Record which accounts belong to the same person."""

import django.db.models.deletion
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sign_in_requesters")]
    operations = [
        migrations.AddField(
            model_name="consumer",
            name="person",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="other_accounts",
                to="accounts.consumer",
            ),
        ),
        migrations.AddIndex(
            model_name="consumer",
            index=models.Index(condition=models.Q(("person__isnull", False)), fields=["person"], name="consumer_of_person"),
        ),
        migrations.AlterField(
            model_name="consumerchange",
            name="subject",
            field=models.CharField(
                choices=[("details", "details"), ("contact", "contact"), ("identity", "identity"), ("person", "person")], max_length=20
            ),
        ),
        migrations.CreateModel(
            name="PersonKey",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("key_hash", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="person_keys", to="accounts.consumer"),
                ),
            ],
            options={"abstract": False},
        ),
    ]
