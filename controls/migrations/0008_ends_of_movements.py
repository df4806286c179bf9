from django.db import migrations


class Migration(migrations.Migration):
    """Two people close a movement that its gateway does not answer."""

    dependencies = [
        ("controls", "0007_audit_log"),
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
                    ("propose_rules", "Can write rules and propose them"),
                    ("approve_rules", "Can decide proposed rules, and go back to earlier ones"),
                    ("propose_movement", "Can propose to close movements without an answer by hand"),
                    ("approve_movement", "Can decide proposed ends of movements"),
                ]
            },
        ),
    ]
