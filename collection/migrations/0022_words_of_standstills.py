from django.db import migrations, models


class Migration(migrations.Migration):
    """The words of a breach while collecting stands still."""

    dependencies = [
        ("collection", "0021_letters_of_operators"),
    ]

    operations = [
        migrations.AlterField(
            model_name="breach",
            name="rule",
            field=models.CharField(
                choices=[
                    ("early", "Before the day on which the debt was placed"),
                    ("recalled", "After the debt was recalled"),
                    ("standstill", "Collecting stands still for the person"),
                    ("complaint", "A complaint waits for its answer"),
                    ("hardship", "The person has relief"),
                    ("asked_not", "The person does not want it by this channel"),
                    ("hours", "Outside of the hours of the person's place"),
                    ("often", "More often than allowed"),
                    ("talked", "Too soon after a talk"),
                ],
                max_length=12,
            ),
        ),
    ]
