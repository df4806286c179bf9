from django.db import migrations, models


class Migration(migrations.Migration):
    """Drop the card columns, whose values are now in `shown`."""

    dependencies = [
        ("payments", "0012_kinds_of_methods"),
    ]

    operations = [
        *(
            # On the way back, the columns are empty until the previous migration fills them.
            migrations.AlterField(model_name="paymentmethod", name=name, field=field)
            for name, field in (
                ("brand", models.CharField(default="", max_length=20)),
                ("last4", models.CharField(default="", max_length=4)),
                ("exp_month", models.PositiveSmallIntegerField(default=1)),
                ("exp_year", models.PositiveSmallIntegerField(default=2000)),
            )
        ),
        migrations.RemoveField(model_name="paymentmethod", name="brand"),
        migrations.RemoveField(model_name="paymentmethod", name="last4"),
        migrations.RemoveField(model_name="paymentmethod", name="exp_month"),
        migrations.RemoveField(model_name="paymentmethod", name="exp_year"),
        migrations.AddConstraint(
            model_name="paymentmethod",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["card", "bank_debit", "wallet"])), name="payment_method_kind_known"
            ),
        ),
    ]
