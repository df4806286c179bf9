"""Four hundred days of people who are refused, counter-offered and late: every notice leaves in time, and one that does not is found."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from checkout.models import OrderReview
from core import clock
from credit.models import Decision, LimitReview
from merchants.models import Merchant
from notifications.models import Message, Notice
from notifications.notices import AT_ONCE, check_notices, owed_notices
from reports.books import check_books
from simulation import world
from simulation.lives import EMPTY_CARD, GOOD_CARD, draw_life
from tests.cast import forget_world
from tests.owner import unguarded
from tests.sizes import sized

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3_600)]
DAYS, PEOPLE = sized(400, 220), 40
PERSONAS = ("", "+card_fails_2nd", "+approve", "+decline", "", "+refer")


@pytest.fixture
def lived(settings, sandbox_world, tmp_path, monkeypatch) -> datetime:
    """Live the days of people in two shops, of whom some pay late after months, and some ask for more than they get."""
    settings.VAR_DIR, settings.CALLS_IN_FLIGHT = tmp_path, 1
    start = datetime.combine(clock.now().date(), world.HOUR, UTC) - timedelta(days=DAYS)
    monkeypatch.setattr(world, "first_moment", lambda _now, *, past: start)
    forget_world(sandbox_world)
    call_command("seed_demo", consumers=0, stdout=StringIO())
    shops = list(Merchant.objects.filter(active=True, market__in=["US", "DE"]).select_related("market").order_by("id")[:2])
    kinds = tuple((shop.currency, shop.category) for shop in shops)
    lives = []
    for index in range(PEOPLE):
        life = draw_life(seed=3, index=index, days=DAYS, merchants=kinds)
        persona, is_late = PERSONAS[index % len(PERSONAS)], index % 5 == 0
        times, product = (1, {"product": "pay_in_30"}) if is_late else (1 + index % 4 * 3, {})
        purchases = tuple(replace(one, amount_minor=one.amount_minor * times, **product) for one in life.purchases)
        late = {"card": EMPTY_CARD, "cure_day": DAYS - 60} if is_late else {"card": GOOD_CARD, "cure_day": None}
        lives.append(replace(life, email=f"p{index}{persona}@people.example", purchases=purchases, **late))
    for _day in world.live(world=world.World(merchants=shops), lives=lives, days=DAYS, past=True):
        pass
    return start


def test_every_notice_of_four_hundred_days_left_in_time_and_a_late_one_is_found(lived):
    now = lived + timedelta(days=DAYS)
    owed = list(owed_notices(lived))
    assert {one.kind for one in owed} >= {"application_refused", "limit_cut"}
    assert {one.consumer.market_id for one in owed} >= {"US"}
    assert LimitReview.objects.count() > 5
    assert Decision.objects.filter(outcome="decline").count() > 20
    assert OrderReview.objects.exists()
    kept = {(one.kind, one.subject): one for one in Notice.objects.all()}
    assert [one for one in owed if (one.kind, one.subject) not in kept] == []
    assert [one.subject for one in owed if kept[one.kind, one.subject].at > one.until] == []
    assert all(hashlib.sha256(one.paper["text"].encode()).hexdigest() == one.seal for one in kept.values())
    checked = check_notices(since=lived, at=now)
    assert (checked.owed, checked.late) == (len(owed), [])
    assert [line for check in check_books() for line in check.offenders] == []
    for kind in ("application_refused", "limit_cut"):
        told = Message.objects.filter(kind=kind, channel="email").order_by("id").first()
        for changed in ({"sent_at": told.at + timedelta(days=31)}, {"status": "failed"}, {"dedupe": "lost"}):
            with unguarded():
                Message.objects.filter(pk=told.pk).update(**changed)
            (late,) = check_notices(since=lived, at=now + timedelta(days=31)).late
            assert late.notice.kind == kind
            with pytest.raises(CommandError, match=f"1 late or missing. The first: {kind} about {late.notice.subject}"):
                call_command("check_notices", days=DAYS + 1, stdout=StringIO())
            with unguarded():
                told.save()
    assert all(one.until - one.since in {AT_ONCE, timedelta(days=30)} for one in owed)
