"""Which agency a notice of refusal names in the United States."""

from django.db import migrations

from markets.migrations._loading import load_markets


class Migration(migrations.Migration):
    dependencies = [("markets", "0005_exchange_rates")]
    operations = [migrations.RunPython(load_markets, migrations.RunPython.noop)]
