"""The whole choreography: which event is heard by whom, in the same commit (`now`) or through the outbox (`later`)."""

from core.outbox import Event, Subscription

SUBSCRIPTIONS: dict[type[Event], list[Subscription]] = {}
