"""What waits in the queue of a lane is taken by its urgency."""

from collection import handlers
from core import relay

FIRST_PAYMENT, WEBHOOK, RECEIPT = (
    "collection.handlers.on_order_captured",
    "webhooks.handlers.on_order",
    "notifications.handlers.on_installments_paid",
)


def test_a_first_payment_is_taken_before_all_else_and_what_a_due_run_tells_after_it():
    """The tasks go through Redis itself: the later one is taken first."""
    taken = []
    with relay.current_app.connection() as connection, connection.SimpleQueue("deliver") as queue:
        # What other tests told and no worker took.
        queue.clear()
        for number, handler in enumerate([RECEIPT, WEBHOOK, FIRST_PAYMENT]):
            relay.wake([(number, handler)])
        handlers._wake("pln_1")
        for _ in range(4):
            message = queue.get(timeout=5)
            message.ack()
            taken.append(message.payload[0])
    assert taken == [[[2]], ["pln_1"], [[1]], [[0]]]
