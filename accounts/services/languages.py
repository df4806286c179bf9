"""The language that a person has chosen for pages and messages."""

import uuid
from datetime import datetime

from django.conf import settings

from accounts import queries
from accounts.models import ConsumerChange, User
from core.db import unit
from core.errors import Invalid


def choose_language_of_user(*, user_id: uuid.UUID, language: str) -> None:
    """Store the language that an operator or a member of a shop's team chose; Invalid for one that is not offered."""
    if language not in dict(settings.LANGUAGES):
        raise Invalid("This language is not offered.")
    User.objects.filter(pk=user_id).exclude(language=language).update(language=language)


def choose_language(*, consumer_id: uuid.UUID, language: str, at: datetime, actor: str) -> None:
    """Store the language that a consumer chose; Invalid for one that is not offered."""
    if language not in dict(settings.LANGUAGES):
        raise Invalid("This language is not offered.")
    with unit():
        consumer = queries.lock_consumer(consumer_id)
        if consumer.language != language and not consumer.is_erased:
            consumer.language = language
            consumer.save(update_fields=["language"])
            ConsumerChange.objects.create(consumer=consumer, subject="details", change={"fields": ["language"]}, actor=actor, at=at)
