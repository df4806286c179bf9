"""Foreign keys whose unique constraint begins with them need no index of their own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_products")]
    operations = [
        migrations.AlterField(
            model_name="allocation",
            name="installment",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="plans.installment"
            ),
        ),
        migrations.AlterField(
            model_name="installment",
            name="plan",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="installments", to="plans.plan"
            ),
        ),
    ]
