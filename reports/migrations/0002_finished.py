from django.db import migrations, models

# Until now a checkout was finished where it was completed: those in review were not counted at all.
_FILL = "UPDATE reports_merchantday SET finished = completed"


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_initial"),
    ]

    operations = [
        migrations.AddField(model_name="merchantday", name="finished", field=models.IntegerField(default=0)),
        migrations.AlterField(model_name="merchantday", name="completed", field=models.IntegerField(default=0)),
        migrations.AlterField(model_name="productday", name="orders", field=models.IntegerField(default=0)),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]
