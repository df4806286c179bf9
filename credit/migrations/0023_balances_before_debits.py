from django.db import migrations, models


class Migration(migrations.Migration):
    """Mark accesses by which we may look at balances before debits."""

    dependencies = [
        ("credit", "0022_approvals"),
    ]

    operations = [
        migrations.AddField(model_name="bankaccess", name="watches", field=models.BooleanField(db_default=False, default=False)),
    ]
