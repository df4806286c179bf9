"""Authorizing in process: `checkout.services.authorize_order` in four processes, compared with its statements in pgbench (four clients).

The benchmark measures the one transaction between an approved checkout and an order: lock the checkout, reserve the limit, create plan,
order and consent, publish the event. A repeated call finds the completed checkout, so idempotency is included. This is all the database
work of the last click except reading the page; the gateway is not called, since `pay_in_30` charges nothing at checkout.

The limit: the same statements, taken from the server's log, as one script under the simple protocol. Each transaction on both sides has a
consumer, a credit line, a decision and a checkout of its own, in the same table.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from benchmarks.harness import Figure, alternate, in_processes, median_ratio, pgbench, run, script, settle, stack, trace

CLIENTS = 4
EACH = 500
ROUNDS = 5
# The n-th purchase of `benchmarks.purchases`, as pgbench writes it. The rows of one purchase. The fraud assessment is made before the
# transaction that authorizes, by the page.
WRITTEN = {
    "consent": "accounts_consent WHERE reference = %(order)s",
    "case": "controls_rulecase WHERE kind = 'orders' AND subject = %(order)s",
    "fraud_case": "controls_rulecase WHERE kind = 'fraud' AND subject = %(checkout)s",
    "assessment": "fraud_assessment WHERE subject = %(checkout)s",
    "sighting": "fraud_sighting WHERE subject = %(checkout)s",
}
HEAD = ("\\set i :i + 1", "\\set n :base + :client_id * :each + :i")


def authorize(numbers: range, at: datetime) -> Callable[[], None]:
    """Load the rows that the page reads before the last click, for some purchases, and return the function that makes the orders."""
    from accounts.models import Consumer
    from benchmarks.purchases import PRODUCT, key
    from checkout.agreeing import write_terms
    from checkout.queries import get_checkout
    from checkout.services import authorizing
    from payments.models import PaymentMethod

    consumers = Consumer.objects.select_related("market").in_bulk([key("consumer", n) for n in numbers])
    methods = PaymentMethod.objects.in_bulk([key("method", n) for n in numbers])
    checkout = get_checkout(key("checkout", numbers[0]))
    quote = authorizing.pick_quote(checkout, PRODUCT, at)
    terms = write_terms(checkout, consumers[key("consumer", numbers[0])], quote, at)

    def work() -> None:
        for n in numbers:
            order = authorizing.authorize_order(
                checkout_id=key("checkout", n),
                consumer=consumers[key("consumer", n)],
                quote=quote,
                method=methods[key("method", n)],
                held=None,
                agreement=terms,
                at=at,
            )
            assert order.status == "authorized"

    return work


def traced(number: int, at: datetime) -> str:
    """Authorize one purchase and turn its statements into a script for any other purchase."""
    work = authorize(range(number, number + 1), at)
    with trace() as statements:
        work()
    return script(statements, names_of(number), HEAD)


def names_of(number: int) -> dict[str, str]:
    """Return the values in the statements that belong to one purchase, each with pgbench's expression for the n-th purchase."""
    from benchmarks.purchases import FIRST, KINDS, key
    from checkout.models import Order
    from core.db import rows
    from core.ids import public_id

    order = Order.objects.get(checkout_id=key("checkout", number))
    ids_of = {"order": order.public_id, "checkout": public_id("chk", order.checkout_id)}
    written = {kind: rows(f"SELECT id FROM {place}", ids_of) for kind, place in WRITTEN.items()}
    made: dict[str, uuid.UUID] = {"order": order.id, "plan": order.plan_id} | {
        kind: found[0][0] for kind, found in written.items() if found
    }
    seeded = {kind: key(kind, number) for kind in ("checkout", "consumer")}
    prefixes = {"order": "ord", "checkout": "chk", "consumer": "con"}
    keys = {str(value): f"00000000-0000-7000-{8001 + KINDS.index(kind)}-:n" for kind, value in made.items()}
    ids = {public_id(prefix, (made | seeded)[kind]): f"{prefix}_{'a' * 14}:n" for kind, prefix in prefixes.items()}
    return {f"{FIRST + number}": ":n", **keys, **ids}


def product(first: int, at: datetime) -> float:
    """Authorize in four processes; return orders per second."""
    _, seconds = in_processes(CLIENTS, lambda client: authorize(range(first + client * EACH, first + (client + 1) * EACH), at))
    return CLIENTS * EACH / seconds


def limit(text: str, first: int) -> float:
    """Run the statements by four clients of pgbench; return transactions per second."""
    from benchmarks.purchases import FIRST

    return pgbench(text, clients=CLIENTS, transactions=EACH, defines={"base": FIRST + first, "each": EACH, "i": -1})


def measure() -> list[Figure]:
    """Measure product and limit alternately, each round on unused purchases."""
    with stack():
        from benchmarks.purchases import make_purchases

        at, block = datetime.now(UTC), CLIENTS * EACH
        make_purchases((2 * ROUNDS + 1) * block, at)
        settle()
        text = traced(2 * ROUNDS * block, at)
        # Warm up connections, caches and the first pages of each table on both sides.
        fresh = iter(range(0, 2 * ROUNDS * block, block))
        pairs = alternate(lambda: product(next(fresh), at), lambda: limit(text, next(fresh)), ROUNDS)
    ratio = median_ratio(pairs)
    detail = (
        f"{len(text.splitlines()) - len(HEAD)} statements; " + ", ".join(f"{ours:.0f}/{best:.0f}" for ours, best in pairs) + " a second"
    )
    return [Figure("authorize_in_process", ratio, 0.35, 0.60, "higher", detail)]


if __name__ == "__main__":
    run(measure)
