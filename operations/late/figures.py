"""Content of the page of what operators did with late people, in a constant number of queries."""

from datetime import timedelta
from typing import Any

from collection.arrears import NAMES
from collection.figures import Done, count_work
from core.clock import day_begins
from core.moments import amount_words, number_words, percent_words
from ledger.statements import Span
from markets.models import Market
from operations.arrears.wording import bucket_words
from operations.choosing import all_markets
from operations.wording import names_of


def figure_facts(market: Market, span: Span) -> dict[str, Any]:
    """Return what was done with cases of a market in a span of its days, by operator and by bucket, and what can be asked for."""
    since, until = day_begins(span.first, market.time_zone), day_begins(span.last + timedelta(days=1), market.time_zone)
    found = count_work(market=market.code, currency=market.currency, since=since, until=until)
    names = names_of(set(found.by_operator))
    people = sorted(((names[key], done) for key, done in found.by_operator.items()), key=lambda pair: pair[0])
    queues = sorted(found.by_rank.items(), reverse=True)
    return {
        "market": market.code,
        "markets": all_markets(),
        "operators": [_shown(name, done, market.currency) for name, done in people],
        "queues": [_shown(bucket_words(NAMES[rank]), done, market.currency) for rank, done in queues],
    }


def _shown(name: str, done: Done, currency: str) -> dict[str, str]:
    return {
        "name": name,
        "calls": number_words(done.calls),
        "reached": number_words(done.reached),
        "promises": number_words(done.promises),
        "kept": f"{number_words(done.kept)} ({percent_words(done.kept * 10_000 // done.decided)})" if done.decided else "–",
        "paid": amount_words(done.paid_minor, currency),
        "offered": number_words(done.offered),
        "accepted": number_words(done.accepted),
        "settled": number_words(done.settled),
        "links": number_words(done.links),
        "links_paid": number_words(done.links_paid),
    }
