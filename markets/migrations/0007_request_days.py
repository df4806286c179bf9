"""By when requests of consumers are answered, by law."""

from django.db import migrations

from markets.migrations._loading import load_markets


class Migration(migrations.Migration):
    dependencies = [("markets", "0006_adverse_action_agency")]
    operations = [migrations.RunPython(load_markets, migrations.RunPython.noop)]
