"""Say in the words of the glossary what acting for a shop allows: nothing is canceled, orders are voided and the rest of them released."""

from django.db import migrations

BEFORE = "Can refund and cancel orders in the shop's place"
NOW = "Can refund, void and release orders in the shop's place"


def _name(to):
    def rename(apps, schema_editor):
        # Django makes permissions after all migrations, and never names one anew.
        apps.get_model("auth", "Permission").objects.filter(codename="act_for_shop").update(name=to)

    return rename


class Migration(migrations.Migration):
    """The permission's name, also where it was made before."""

    atomic = False
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("checkout", "0023_urgent_reviews"),
    ]

    operations = [
        migrations.AlterModelOptions(name="order", options={"permissions": [("act_for_shop", NOW)]}),
        migrations.RunPython(_name(NOW), _name(BEFORE)),
    ]
