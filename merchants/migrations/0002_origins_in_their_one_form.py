"""Keep of the registered sites what may stand in a header, in the form that browsers write; what is dropped stays in the history."""

import re
from datetime import UTC, datetime

from django.db import migrations


_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?")


def clean(apps, schema_editor):
    """Write the sites of every shop anew, and the change into its history."""
    change = apps.get_model("merchants", "AccountChange")
    for merchant in apps.get_model("merchants", "Merchant").objects.exclude(origins=[]).iterator():
        before, after = merchant.origins, _kept(merchant.origins)
        if after == before:
            continue
        merchant.origins = after
        merchant.save(update_fields=["origins"])
        change.objects.create(
            merchant=merchant,
            kind="brand_changed",
            subject="",
            detail={"before": {"origins": before}, "after": {"origins": after}},
            actor="migration",
            at=datetime.now(UTC),
        )


def _kept(texts):
    """Return those that are a scheme, a host of plain letters and perhaps a port, each once; hosts of other letters are written as browsers do."""
    forms = (_ORIGIN.fullmatch(_in_ascii(str(text).strip().rstrip("/").lower())) for text in texts)
    return list(dict.fromkeys(form[0] for form in forms if form))


def _in_ascii(text):
    try:
        scheme, separator, rest = text.partition("://")
        return scheme + separator + (rest if rest.isascii() else rest.encode("idna").decode())
    except UnicodeError:
        return ""


class Migration(migrations.Migration):
    dependencies = [("merchants", "0001_initial")]

    # On the way back there is nothing to do: the cleaned sites were good before too.
    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]
