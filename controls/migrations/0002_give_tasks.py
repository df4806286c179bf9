from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("controls", "0001_proposals"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="assignment",
            options={"permissions": [("assign_task", "Can give tasks of the work list to others")]},
        ),
    ]
