"""The keyed hashes with which operators find people by a part of their name."""

from accounts import rules
from accounts.models import Consumer, NamePart
from accounts.queries import name_hashes


def know_name(consumer: Consumer) -> bool:
    """Update the name hashes of a locked consumer to their current name and the newest key; return whether any changed."""
    wanted = {name_hashes(part)[0] for part in rules.name_parts(consumer.name)}
    known = set(NamePart.objects.filter(consumer=consumer).values_list("part", flat=True))
    if wanted == known:
        return False
    NamePart.objects.filter(consumer=consumer).exclude(part__in=wanted).delete()
    NamePart.objects.bulk_create([NamePart(part=part, consumer=consumer) for part in sorted(wanted - known)])
    return True


def forget_name(consumer: Consumer) -> None:
    """Delete the name hashes of a consumer."""
    NamePart.objects.filter(consumer=consumer).delete()
