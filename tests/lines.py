"""Credit lines that tests give people, with the history rows that the database requires."""

from django.db import transaction

from credit.models import CreditLine, LimitChange


def give_line(*, limit_minor, at, **fields) -> CreditLine:
    """Make a credit line with a limit, and record the limit as its first."""
    with transaction.atomic():
        line = CreditLine.objects.create(limit_minor=limit_minor, order_limit_minor=limit_minor, decided_at=at, **fields)
        LimitChange.objects.create(line=line, before_minor=0, after_minor=limit_minor, reason="first_decision", at=at)
    return line


def set_limit(line: CreditLine, minor: int) -> None:
    """Change a line's limit, and record the change."""
    with transaction.atomic():
        CreditLine.objects.filter(pk=line.pk).update(limit_minor=minor, order_limit_minor=minor)
        LimitChange.objects.create(line=line, before_minor=line.limit_minor, after_minor=minor, reason="file_improved", at=line.decided_at)
