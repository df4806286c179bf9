from django.db import migrations


class Migration(migrations.Migration):
    """Who may propose and decide legal entities and hosts of brands."""

    dependencies = [
        ("controls", "0003_limits_of_people"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="proposal",
            options={
                "permissions": [
                    ("propose_shop", "Can propose changes of shops"),
                    ("approve_shop", "Can decide proposed changes of shops"),
                    ("propose_offer", "Can propose changes of products and markets"),
                    ("approve_offer", "Can decide proposed changes of products and markets"),
                    ("propose_limit", "Can propose limits of people by hand"),
                    ("approve_limit", "Can decide proposed limits of people"),
                    ("propose_brand", "Can propose legal entities and hosts of brands"),
                    ("approve_brand", "Can decide proposed legal entities and hosts of brands"),
                ]
            },
        ),
    ]
