from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("controls", "0019_keys_by_two"),
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
                    ("propose_refund", "Can propose refunds that are too large for one person"),
                    ("approve_refund", "Can decide proposed refunds"),
                    ("propose_access", "Can propose what somebody may do in the back office"),
                    ("approve_access", "Can decide what somebody may do in the back office"),
                    ("propose_keys", "Can propose keys of providers"),
                    ("approve_keys", "Can decide proposed keys of providers"),
                    ("propose_list", "Can propose entries of block and allow lists that concern many people"),
                    ("approve_list", "Can decide proposed entries of block and allow lists"),
                ]
            },
        ),
    ]
