"""One form of postal codes, and what is checked and known of addresses: states and time zones."""

from django.db import migrations, models

from markets.migrations._loading import load_markets


class Migration(migrations.Migration):
    dependencies = [("markets", "0003_market_postal_code_label")]
    operations = [
        migrations.AddField(
            model_name="market",
            name="postal_code_join",
            field=models.CharField(blank=True, default="", max_length=1, verbose_name="what stands between the pattern's groups"),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="market",
            name="postal_code_pattern",
            field=models.CharField(blank=True, max_length=120, verbose_name="what a postal code is, of capitals and digits alone"),
        ),
        migrations.RunPython(load_markets, migrations.RunPython.noop),
    ]
