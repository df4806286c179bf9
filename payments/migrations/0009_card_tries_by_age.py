"""Declined cards are dropped when they are old: a timer looks whether any are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0008_append_only")]
    operations = [migrations.AddIndex(model_name="cardtry", index=models.Index(fields=["at"], name="card_try_age"))]
