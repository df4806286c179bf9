"""Operators see what is in the database, how fast it grows, how far back it goes and what ends by itself."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import wall
from core.db import execute, rows
from core.models import OutboxEvent, TableDay
from core.retention import forget_old
from core.sizes import list_sizes, note_sizes
from tests.operators import make_boss, make_operator

pytestmark = pytest.mark.django_db
PAGE = "/admin/core/tableday/"
DAY = timedelta(days=1)
TABLES = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


@pytest.fixture
def boss(client):
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    return client


def events(count, *, days, relayed=True):
    execute(
        "INSERT INTO core_outboxevent (name, payload, at, relayed) SELECT 'x.done', '{}', now() - make_interval(days => %s), %s"
        " FROM generate_series(1, %s)",
        [days, relayed, count],
    )


def size_of(name):
    return next(one for one in list_sizes() if one.name == name)


def test_each_table_is_noted_once_a_day():
    count = rows(TABLES)[0][0]
    assert note_sizes(at=wall()) == count > 60
    assert note_sizes(at=wall()) == 0
    noted = TableDay.objects.get(name="ledger_line")
    assert (noted.day, noted.forgotten, noted.forgotten_at) == (wall().date(), 0, None)
    assert noted.index_bytes > 0


def test_a_day_on_which_something_was_forgotten_before_is_noted_all_the_same():
    events(2, days=100)
    forget_old(at=wall())
    assert TableDay.objects.get(name="core_outboxevent").rows is None
    note_sizes(at=wall())
    noted = TableDay.objects.get(name="core_outboxevent")
    assert (noted.forgotten, noted.rows is None, noted.table_bytes > 0) == (2, False, True)


def test_growth_is_the_mean_of_the_last_days():
    now = size_of("core_outboxevent")
    assert (now.rows_a_day, now.bytes_a_day, now.oldest) == (None, None, None)
    for days, count, size in ((9, 0, 0), (5, now.rows - 50, now.bytes - 4_000), (1, now.rows, now.bytes)):
        TableDay.objects.create(name=now.name, day=wall().date() - days * DAY, rows=count, table_bytes=size, index_bytes=0)
    grown = size_of("core_outboxevent")
    assert (grown.rows_a_day, grown.bytes_a_day) == (10, 800)


def test_the_page_tells_sizes_growth_age_and_ends(boss):
    events(3, days=95)
    forget_old(at=wall())
    events(1, days=93, relayed=False)
    page = boss.get(PAGE).content.decode()
    line = page.split("<td><code>core_outboxevent</code></td>")[1].split("</tr>")[0].replace("<wbr>", "")
    line_of_events = line
    for text in (
        "90 days",
        "3 on",
        "Late",
        "Not known yet",
        f"{wall() - 93 * DAY:%b} {(wall() - 93 * DAY).day}, ",
    ):
        assert text in line, text
    line = page.split("<td><code>ledger_line</code></td>")[1].split("</tr>")[0]
    for text in ("For good", "Money and the books", "Never"):
        assert text in line, text
    assert "1 late" in page
    assert page.count("<td><code>") == rows(TABLES)[0][0]
    assert 'href="/admin/controls/settingchange/of/core.keep_events_days/"' in line_of_events
    assert page.count("<details") >= 10
    assert page.count('<details class="desk-part" open>') == 1


def test_counts_are_written_as_the_reader_writes_them(boss):
    noted = {"day": wall().date(), "rows": 1, "table_bytes": 1, "index_bytes": 1, "forgotten": 1234, "forgotten_at": wall()}
    TableDay.objects.create(name="core_outboxevent", **noted)
    assert "1,234 on" in boss.get(PAGE).content.decode()
    assert "1.234 am" in boss.get(PAGE, headers={"accept-language": "de"}).content.decode()


def test_the_page_asks_as_much_however_much_there_is(boss):
    boss.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        boss.get(PAGE)
    events(500, days=1)
    for days in range(1, 9):
        TableDay.objects.create(name="core_outboxevent", day=wall().date() - days * DAY, rows=1, table_bytes=1, index_bytes=1, forgotten=1)
    with CaptureQueriesContext(connection) as many:
        boss.get(PAGE)
    assert len(many) == len(few) <= 8


def test_a_table_whose_keys_follow_no_time_tells_no_oldest_row(buy, merchant):
    """The key of a hold follows from what it is for: the first by key is any of them."""
    buy(merchant, 12_900)
    assert rows("SELECT count(*) FROM payments_authorization") == [(1,)]
    assert size_of("payments_authorization").oldest is None
    assert size_of("checkout_order").oldest == rows("SELECT min(created_at) FROM checkout_order")[0][0]


def test_nothing_of_it_reads_a_whole_table():
    """How far back a table goes is one row of it, by an index."""
    from core.sizes import _oldest

    # What is small may be read or sorted whole; there must be an index for the rest.
    execute("SET LOCAL enable_seqscan = off")
    execute("SET LOCAL enable_sort = off")
    plan = "\n".join(line for (line,) in rows("EXPLAIN " + " UNION ALL ".join(_oldest())))
    assert "Seq Scan" not in plan
    assert "Sort" not in plan


def test_nobody_changes_what_was_measured(boss):
    note_sizes(at=wall())
    row = TableDay.objects.first()
    for path in (f"{PAGE}add/", f"{PAGE}{row.pk}/delete/"):
        assert boss.post(path, {"post": "yes"}).status_code == 403
    assert boss.post(f"{PAGE}{row.pk}/change/", {"name": "x", "day": "2026-01-01", "forgotten": 9}).status_code == 403
    assert boss.get(f"{PAGE}{row.pk}/change/").status_code == 200
    assert TableDay.objects.filter(pk=row.pk, name=row.name, forgotten=0).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_look_sees_nothing(client, method):
    client.force_login(make_operator("clerk@kvart.example", "demo-password", name="Cleo Clerk"))
    assert getattr(client, method)(PAGE).status_code == 403
    assert "Sizes" not in client.get("/admin/").content.decode()
    assert (TableDay.objects.count(), OutboxEvent.objects.count()) == (0, 0)


def test_what_was_deleted_is_told_day_by_day(boss, client):
    page = f"{PAGE}deletions/"
    assert "Nothing so far" in boss.get(page).content.decode()
    events(2, days=100)
    forget_old(at=wall())
    told = boss.get(page).content.decode()
    assert ("core_outboxevent" in told, "2 rows" in told, "kept for" in told) == (True, True, True)
    assert f'href="{page}"' in boss.get(PAGE).content.decode()
    client.force_login(make_operator("eve@kvart.example"))
    assert client.get(page).status_code == 403
