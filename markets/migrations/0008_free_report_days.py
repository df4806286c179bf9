"""Within how many days of a refusal a credit bureau owes a free report, in the United States."""

from django.db import migrations

from markets.migrations._loading import load_markets


class Migration(migrations.Migration):
    dependencies = [("markets", "0007_request_days")]
    operations = [migrations.RunPython(load_markets, migrations.RunPython.noop)]
