"""What a postal code is called in a market."""

from django.db import migrations, models

from markets.migrations._loading import load_markets


class Migration(migrations.Migration):
    dependencies = [("markets", "0002_load_markets")]
    operations = [
        migrations.AddField(
            model_name="market",
            name="postal_code_label",
            field=models.CharField(default="postal code", max_length=20, verbose_name="what a postal code is called within a sentence"),
        ),
        migrations.RunPython(load_markets, migrations.RunPython.noop),
    ]
