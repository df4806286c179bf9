"""The markets that come with the product."""

from django.db import migrations

from markets.migrations._loading import load_markets


class Migration(migrations.Migration):
    dependencies = [("markets", "0001_initial")]
    operations = [migrations.RunPython(load_markets, migrations.RunPython.noop)]
