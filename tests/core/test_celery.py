"""Workers' connections: kept from task to task, opened anew where they broke."""

import pytest
from celery.fixups.django import DjangoWorkerFixup
from celery.signals import task_prerun
from django.db import connection

from bnpl.celery import app
from core.db import rows
from core.tasks import sweep_outbox

pytestmark = pytest.mark.django_db(transaction=True)
WHO = "SELECT pg_backend_pid()"


def next_task() -> None:
    """Do what Celery's own part for Django does after a task, and what a worker does before the next."""
    DjangoWorkerFixup(app).on_task_postrun(sender=sweep_outbox)
    task_prerun.send(sender=sweep_outbox)


def test_a_task_keeps_the_connection_of_the_one_before():
    before = rows(WHO)
    next_task()
    assert rows(WHO) == before


def test_a_connection_that_broke_between_tasks_is_opened_anew():
    before = rows(WHO)[0][0]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
        assert cursor.fetchone() == (True,)
    other.close()
    next_task()
    assert rows(WHO)[0][0] != before
