"""What the audit log records, by table, about acts on people's data, money and controls; `bnpl.unaudited` lists the other tables."""

from bnpl.audited.controls import CONTROLS
from bnpl.audited.money import MONEY
from bnpl.audited.people import PEOPLE
from controls.audit.triggers import Watched

EVENTS = [
    # Every event in the outbox; payloads contain ids and figures, never personal data.
    Watched(
        "core_outboxevent",
        act="n.name",
        actor="n.actor",
        source="n.source",
        at="n.at",
        about="""ARRAY(
            SELECT p.value FROM jsonb_each_text(n.payload) p
            WHERE p.value ~ '^([a-z]{2,4}_[a-z2-7]{26}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22})$')""",
        facts="n.payload",
        many=True,
    ),
]

AUDITED: list[Watched] = [*EVENTS, *PEOPLE, *MONEY, *CONTROLS]
