from django.db import migrations, models


class Migration(migrations.Migration):
    """A person may agree to new payments of a plan, at a lower rate; the text is kept with the version of the schedule."""

    dependencies = [
        ("plans", "0047_relief_by_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="rate_bps",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="planchange",
            name="agreement",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
