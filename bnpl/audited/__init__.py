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
        # Public ids and UUIDs, told by their form alone: a regular expression would cost a fourth of the row.
        about="""ARRAY(
            SELECT p.value FROM jsonb_each_text(n.payload) p
            WHERE (length(p.value) BETWEEN 29 AND 31 AND substr(p.value, length(p.value) - 26, 1) = '_')
                OR p.value LIKE '________-____-____-____-____________')""",
        facts="n.payload",
        many=True,
    ),
]

AUDITED: list[Watched] = [*EVENTS, *PEOPLE, *MONEY, *CONTROLS]
