from django.db import migrations


class Migration(migrations.Migration):
    """Who may refund and cancel in a shop's place."""

    dependencies = [
        ("checkout", "0018_urgency_of_reviews"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="order",
            options={"permissions": [("act_for_shop", "Can refund and cancel orders in the shop's place")]},
        ),
    ]
