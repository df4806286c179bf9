from django.db import migrations


class Migration(migrations.Migration):
    """Who may label orders as fraud or honest."""

    dependencies = [
        ("fraud", "0005_scores_of_models"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="label",
            options={"permissions": [("put_label", "Can label orders as fraud or honest")]},
        ),
    ]
