"""The audit log: acts write rows in their own transaction, rows are sealed in one chain, and what is tampered with is found and named."""

import random
import time
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import Error, connection, transaction

from accounts.models import User
from controls.audit.verifying import read_anchors, verify
from controls.events import ChangeProposed
from controls.models import AuditRow, AuditSeal
from controls.services import seal_audit
from core.acting import acting
from core.db import execute, rows, unit
from core.ids import uuid7
from core.outbox import append, append_all
from tests.owner import as_owner, tamper

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
PROPOSAL = "prp_" + "a" * 26


def act(*names: str, at: datetime = AT) -> None:
    """Tell events of some proposals, as one act."""
    with unit():
        append_all([ChangeProposed(proposal=name) for name in names], at=at)


def seal() -> int:
    """Seal what can be sealed; ask again for what a transaction of another database, in the moment that it ended, held up."""
    sealed = seal_audit(at=AT)
    for _ in range(3):
        time.sleep(0.02)
        sealed += seal_audit(at=AT)
    return sealed


@pytest.mark.django_db(transaction=True)
def test_an_event_is_a_row_of_the_log_with_who_did_it():
    with acting("operator-7", "req_1"):
        act(PROPOSAL)
    (row,) = AuditRow.objects.all()
    ((xid, told),) = rows("SELECT xid, xmin::text::bigint FROM controls_auditrow")
    assert (row.act, row.actor, row.source, row.about) == ("controls.change_proposed", "operator-7", "req_1", [PROPOSAL])
    assert (row.facts, row.at, xid) == ({"proposal": PROPOSAL}, AT, told)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_row():
    with pytest.raises(ZeroDivisionError), unit():
        append(ChangeProposed(proposal=PROPOSAL), at=AT)
        assert AuditRow.objects.count() == 1
        1 / 0  # noqa: B018
    assert not AuditRow.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_seal_sorts_in_what_the_search_index_has_waiting():
    act(PROPOSAL)
    assert rows("SELECT public.audit_settle() > 0") == [(True,)], "the list is empty at once: this test shows nothing"
    act(PROPOSAL)
    seal()
    assert rows("SELECT public.audit_settle()") == [(0,)]


WRITES = [
    "INSERT INTO controls_auditrow (at, actor, source, act, about, facts) VALUES (now(), 'x', '', 'x', '{}', '{}')",
    "UPDATE controls_auditrow SET actor = 'x'",
    "DELETE FROM controls_auditrow",
    "TRUNCATE controls_auditrow",
    "UPDATE controls_auditseal SET made_at = now()",
    "DELETE FROM controls_auditseal",
    "INSERT INTO controls_auditseal SELECT number + 1, made_at, through_xid, restored, rows, digests, before, link FROM controls_auditseal",
    "UPDATE controls_audithead SET number = 0",
    "DELETE FROM controls_audithead",
    "INSERT INTO controls_auditanchor VALUES ('2026-01-01', 1, '', 1, now())",
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", WRITES)
def test_the_application_only_reads_the_log(statement):
    act(PROPOSAL)
    seal()
    with pytest.raises(Error), transaction.atomic():
        execute(statement)
    assert (AuditRow.objects.count(), AuditSeal.objects.count(), verify().findings) == (1, 1, [])


@pytest.mark.django_db(transaction=True)
def test_the_owner_changes_no_row_either_while_the_guards_stand():
    act(PROPOSAL)
    with as_owner(), pytest.raises(Error, match="append-only"), transaction.atomic():
        execute("UPDATE controls_auditrow SET actor = 'x'")


@pytest.mark.django_db(transaction=True)
def test_nobody_hangs_the_logs_function_on_a_table_of_their_own():
    execute("CREATE TEMPORARY TABLE forged AS SELECT * FROM core_outboxevent")
    with pytest.raises(Error, match="permission denied for function"), transaction.atomic():
        execute(
            "CREATE TRIGGER x AFTER INSERT ON forged REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT "
            "EXECUTE FUNCTION public.audit_core_outboxevent()"
        )


@pytest.mark.django_db(transaction=True)
def test_rows_are_sealed_once_and_verified():
    for number in range(5):
        act(*[f"prp_{letter * 26}" for letter in "abcdefg"[: number + 1]])
        seal()
    assert seal() == 0
    told = verify()
    assert (told.rows, told.seals, told.restored, told.findings) == (15, 5, 0, [])


@pytest.mark.django_db(transaction=True)
def test_texts_of_every_kind_have_the_digest_that_the_database_gives_them():
    nasty = ["é€😀", 'quote " and \\ back', "tab\tnew\nline\r\b\f", "\x01\x1f\x7f", "</script>'", "a, b", "{}", "null", ""]
    with as_owner(), unit():
        for text in nasty:
            execute(
                "INSERT INTO controls_auditrow (at, actor, source, act, about, facts)"
                " VALUES (now(), %s, %s, %s, %s,"
                " jsonb_build_object(%s::text, %s::text, 'n', -12345678901234, 'b', true, 'l', '[1, null]'::jsonb))",
                [text, text, text, [text, text, *nasty], text, text],
            )
    assert seal() == len(nasty)
    assert verify().findings == []


@pytest.mark.django_db(transaction=True)
def test_an_act_that_commits_late_is_sealed_after_others(at_once):
    """A transaction that began first and ends last: nothing is passed over, and nothing waits for nothing."""
    import threading

    from django.db import connection

    begun, end = threading.Event(), threading.Event()

    def late() -> None:
        with unit():
            append(ChangeProposed(proposal=PROPOSAL), at=AT)
            begun.set()
            end.wait(10)
        connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    begun.wait(10)
    act("prp_" + "b" * 26)
    assert seal() == 0
    end.set()
    thread.join()
    assert (seal(), seal(), verify().findings) == (2, 0, [])


@pytest.mark.django_db(transaction=True)
def test_eight_writers_and_sealers_that_die_pass_over_nothing_and_seal_nothing_twice(at_once):
    def work(number: int) -> int:
        sealed = 0
        for turn in range(12):
            if number < 8:
                act(*[f"prp_{'abcdefgh'[number] * 26}"] * (turn % 3 + 1))
            elif turn % 3:
                sealed += seal()
            else:
                # It has sealed, and dies before its commit.
                with pytest.raises(ZeroDivisionError), unit():
                    rows("SELECT public.audit_seal(7)")
                    1 / 0  # noqa: B018
        return sealed

    done = at_once(11, work)
    assert [one for one in done if isinstance(one, Exception)] == []
    rest = seal()
    ((listed, once),) = rows("SELECT count(*), count(DISTINCT one) FROM controls_auditseal, unnest(rows) one")
    assert (sum(done) + rest, listed, once, AuditRow.objects.count()) == (192, 192, 192, 192)
    assert verify().findings == []


def edit_row(chance: random.Random) -> tuple[str, set[str]]:
    (one,) = chance.choice(rows("SELECT id FROM controls_auditrow"))
    change = chance.choice(
        [
            "actor = actor || 'x'",
            "act = 'x' || act",
            "source = 'y' || source",
            "at = at + interval '1 microsecond'",
            "wall = wall - interval '1 second'",
            "xid = xid + 1",
            "about = about || ARRAY['x']",
            "about = '{}'",
            "facts = facts || '{\"amount\": 1}'",
        ]
    )
    assert tamper(f"UPDATE controls_auditrow SET {change} WHERE id = %s", [one]) == 1
    return f"row {one}", {"altered"}


def delete_row(chance: random.Random) -> tuple[str, set[str]]:
    (one,) = chance.choice(rows("SELECT id FROM controls_auditrow"))
    tamper("DELETE FROM controls_auditrow WHERE id = %s", [one])
    return f"row {one}", {"missing"}


def insert_row(chance: random.Random) -> tuple[str, set[str]]:
    ((one,),) = rows("SELECT max(id) + 1 FROM controls_auditrow")
    (like,) = chance.choice(rows("SELECT id FROM controls_auditrow"))
    sql = (
        "INSERT INTO controls_auditrow (id, at, wall, xid, actor, source, act, about, facts)"
        " SELECT %s, at, wall, xid, 'somebody', source, act, about, facts FROM controls_auditrow WHERE id = %s"
    )
    tamper(sql, [one, like])
    return f"row {one}", {"added"}


def swap_rows(chance: random.Random) -> tuple[str, set[str]]:
    one, other = sorted(key for (key,) in chance.sample(rows("SELECT id FROM controls_auditrow"), 2))
    tamper("UPDATE controls_auditrow SET id = CASE id WHEN %s THEN -1 ELSE -2 END WHERE id IN (%s, %s)", [one, one, other])
    tamper("UPDATE controls_auditrow SET id = CASE id WHEN -1 THEN %s ELSE %s END WHERE id < 0", [other, one])
    return f"row {one} {other}", {"moved"}


def edit_seal(chance: random.Random) -> tuple[str, set[str]]:
    (one,) = chance.choice(rows("SELECT number FROM controls_auditseal"))
    change = chance.choice(
        [
            "made_at = made_at + interval '1 microsecond'",
            "through_xid = through_xid + 1",
            "restored = NOT restored",
            "rows = rows || 1::bigint",
            "digests = set_byte(digests, 3, get_byte(digests, 3) # 1)",
            "link = set_byte(link, 3, get_byte(link, 3) # 1)",
            "before = '\\x00'",
        ]
    )
    assert tamper(f"UPDATE controls_auditseal SET {change} WHERE number = %s", [one]) == 1
    return f"seal {one}", {"altered"}


def delete_seal(chance: random.Random) -> tuple[str, set[str]]:
    (one,) = chance.choice(rows("SELECT number FROM controls_auditseal"))
    tamper("DELETE FROM controls_auditseal WHERE number = %s", [one])
    if chance.random() < 0.5:
        # Who takes one away may number the others anew.
        tamper("UPDATE controls_auditseal SET number = -number WHERE number > %s", [one])
        tamper("UPDATE controls_auditseal SET number = -number - 1 WHERE number < 0")
    return f"seal {one}", {"missing"}


def insert_seal(chance: random.Random) -> tuple[str, set[str]]:
    ((last,),) = rows("SELECT max(number) FROM controls_auditseal")
    one = chance.randint(1, last + 1)
    tamper("UPDATE controls_auditseal SET number = -number WHERE number >= %s", [one])
    tamper("UPDATE controls_auditseal SET number = -number + 1 WHERE number < 0")
    tamper(
        "INSERT INTO controls_auditseal (number, made_at, through_xid, restored, rows, digests, before, link)"
        " VALUES (%s, now(), 5, false, '{1}', sha256('a'), sha256('b'), sha256('c'))",
        [one],
    )
    return f"seal {one}", {"added"}


def swap_seals(chance: random.Random) -> tuple[str, set[str]]:
    one, other = sorted(key for (key,) in chance.sample(rows("SELECT number FROM controls_auditseal"), 2))
    tamper("UPDATE controls_auditseal SET number = CASE number WHEN %s THEN -1 ELSE -2 END WHERE number IN (%s, %s)", [one, one, other])
    tamper("UPDATE controls_auditseal SET number = CASE number WHEN -1 THEN %s ELSE %s END WHERE number < 0", [other, one])
    # Of two neighbors, either one may have moved: the later one stands before, as if it was put in.
    return f"seal {one} {other}", {"moved"}


TRICKS = [edit_row, delete_row, insert_row, swap_rows, edit_seal, delete_seal, insert_seal, swap_seals]


@pytest.mark.django_db(transaction=True)
def test_each_of_a_hundred_tamperings_is_found_and_named():
    """By the owner of the tables with the guards off; each of rows and of seals, somewhere in the log."""
    for number in range(12):
        for _ in range(number % 3 + 1):
            act(*[f"prp_{letter * 26}" for letter in "abcdef"[: number % 4 + 1]])
        seal()
    assert verify().findings == []
    keep = {table: f"CREATE TEMPORARY TABLE kept_{table} AS SELECT * FROM controls_{table}" for table in ("auditrow", "auditseal")}
    with as_owner():
        for statement in keep.values():
            execute(statement)
    wrong = []
    for number in range(100):
        chance = random.Random(number)
        trick = TRICKS[number % len(TRICKS)]
        which, kinds = trick(chance)
        found = verify().findings
        what, *keys = which.split()
        named = bool(found) and found[0].what == what and found[0].which in keys and found[0].kind in kinds
        if not named:
            wrong.append((number, trick.__name__, which, [str(one) for one in found]))
        for table in keep:
            tamper(f"DELETE FROM controls_{table}")
            tamper(f"INSERT INTO controls_{table} SELECT * FROM kept_{table}")
    with as_owner():
        for table in keep:
            execute(f"DROP TABLE kept_{table}")
    assert wrong == []
    assert verify().findings == []


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_added_to_the_past_and_sealed_once_more_is_found():
    """By the owner, who sets the end of the chain back, so that the next seal takes in what was written in between."""
    for name in "abc":
        act(f"prp_{name * 26}")
        seal()
    which, _kinds = insert_row(random.Random(1))
    tamper("UPDATE controls_audithead SET through_xid = 0")
    assert [(one.kind, one.what) for one in verify().findings] == [("altered", "seal")]
    assert seal() == 4
    found = verify(most=9).findings
    assert {(one.kind, one.what) for one in found} == {("added", "row")}
    assert which in {f"row {one.which}" for one in found}


@pytest.mark.django_db(transaction=True)
def test_the_command_names_the_first_fault(capsys):
    act(PROPOSAL)
    seal()
    call_command("audit", "verify")
    assert "1 rows in 1 seals are as they were sealed." in capsys.readouterr().out
    ((one,),) = rows("SELECT id FROM controls_auditrow")
    tamper("UPDATE controls_auditrow SET actor = 'nobody'")
    with pytest.raises(Exception, match="not as it was sealed"):
        call_command("audit", "verify")
    assert f"altered row {one}" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_an_export_is_checked_without_the_database(tmp_path, capsys):
    act(PROPOSAL, "prp_" + "b" * 26)
    key, file = tmp_path / "key", tmp_path / "log.jsonl"
    today = datetime.now(UTC).date().isoformat()
    call_command("audit", "keys", str(key))
    call_command("audit", "export", "--from", today, "--to", today, "--key", str(key), str(file))
    call_command("audit", "check", str(file), "--key", f"{key}.pub")
    assert "2 rows from" in capsys.readouterr().out
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    for forged in (
        whole.replace(b"prp_b", b"prp_c"),
        lines[1] + lines[0] + lines[2],
        lines[0] + lines[2],
        b"".join(lines[:2]),
        b"",
        b"[]\n",
    ):
        file.write_bytes(forged)
        with pytest.raises(CommandError, match="not as it was exported"):
            call_command("audit", "check", str(file), "--key", f"{key}.pub")


@pytest.mark.django_db(transaction=True)
def test_an_anchor_kept_elsewhere_shows_a_chain_that_was_written_anew(tmp_path):
    act(PROPOSAL)
    seal()
    tamper("UPDATE controls_auditseal SET made_at = made_at - interval '1 day'")
    with as_owner():
        execute("SELECT public.audit_anchor()")
    call_command("audit", "anchors", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [f"audit-anchor-{rows('SELECT day FROM controls_auditanchor')[0][0]}.json"]
    # Who owns the database takes everything away, and writes another chain.
    for table in ("auditrow", "auditseal", "audithead", "auditanchor"):
        tamper(f"DELETE FROM controls_{table}")
    act("prp_" + "c" * 26)
    seal()
    assert verify().findings == []
    assert [(one.kind, one.what) for one in verify(kept=read_anchors(tmp_path)).findings] == [("altered", "anchor")]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_names_nobody_has_the_actor_of_its_transaction():
    """`accounts_user` has no column for an actor. What was told since a savepoint is undone with it, and told again."""

    def make(who: str) -> tuple[str, str]:
        with acting(who, f"req_{who}"):
            User.objects.create_user(f"{uuid7()}@kvart.example", None)
        row = AuditRow.objects.filter(act="accounts.user_made").latest("pk")
        return row.actor, row.source

    assert make("key:100%'\\") == ("key:100%'\\", "req_key:100%'\\")
    with unit():
        assert [make(who)[0] for who in ("a", "a", "b")] == ["a", "a", "b"]
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            assert make("c")[0] == "c"
            1 / 0  # noqa: B018
        assert [make(who)[0] for who in ("b", "c")] == ["b", "c"]
    with connection.connection.cursor() as raw:
        raw.execute("UPDATE accounts_user SET password = 'x' WHERE id = (SELECT id FROM accounts_user LIMIT 1) RETURNING session_user")
        ((role,),) = raw.fetchall()
    assert AuditRow.objects.get(act="accounts.password_changed").actor == f"role:{role}"
