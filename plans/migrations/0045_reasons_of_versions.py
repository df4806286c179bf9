from django.db import migrations, models


class Migration(migrations.Migration):
    """A version of a schedule keeps the reason of the operator who made it; laying payments out anew is a right."""

    dependencies = [
        ("plans", "0044_sales_of_debts"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="plan",
            options={"permissions": [("rearrange_plan", "Can lay out the payments of plans anew")]},
        ),
        migrations.AddField(
            model_name="planchange",
            name="reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
    ]
