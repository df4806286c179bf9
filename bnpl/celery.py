"""Celery, which only wakes workers: the work itself is stored as rows in PostgreSQL."""

import gc
import logging
import os
import sys
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, beat_init, task_postrun, task_prerun, worker_init, worker_ready, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bnpl.settings")

from django.conf import settings
from django.db import close_old_connections

from bnpl.timers import TIMERS
from core.lanes import Lane
from core.logs import Formatter

GIVING_WAY = {Lane.MONEY, Lane.FIGURES}
NICENESS = 15
"""The niceness of workers that serve only these lanes, so that other processes go first."""

app = Celery("bnpl")
app.conf.update(
    broker_url=settings.REDIS_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 600},
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    timezone="UTC",
    enable_utc=True,
    task_default_queue=Lane.DELIVER,
    task_routes={"webhooks.tasks.*": {"queue": Lane.OUTSIDE}},
    beat_schedule={
        "sweep": {"task": "core.tasks.sweep_outbox", "schedule": 5.0, "options": {"expires": 10}},
        **{
            timer.service: {
                "task": "core.tasks.run_timer",
                "args": [timer.service],
                "schedule": timer.period_s,
                "options": {"queue": timer.lane, "expires": timer.period_s * 2},
            }
            for timer in TIMERS
        },
    },
    beat_schedule_filename=str(settings.VAR_DIR / "beat-schedule"),
)
# A new connection would be the largest cost of a task, so it is kept open. Celery reads the setting only under its old name.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks(["core", "collection", "webhooks"])


@task_prerun.connect
def _check_connection(**_: object) -> None:
    """Reopen a connection that broke since this thread's last task."""
    close_old_connections()


@task_postrun.connect
def _write_figures(**_: object) -> None:
    """Write the counts of provider calls to the database."""
    from core.provider_calls import write_sometimes

    write_sometimes()


@after_setup_logger.connect
def _log_without_personal_data(logger: logging.Logger, **_: object) -> None:
    for handler in logger.handlers:
        handler.setFormatter(Formatter(settings.LOG_LINE))


@worker_init.connect
@beat_init.connect
def _require_fit(**_: object) -> None:
    """Refuse to start a worker or beat if the installation has faults."""
    from bnpl.checks import require_fit

    require_fit()


@worker_ready.connect
def _start_relay(sender: Any = None, **_: object) -> None:
    """Start the relay in workers that deliver events, as one thread per worker."""
    from core.relay import start

    # Objects loaded so far live as long as the process, so the garbage collector need not scan them.
    gc.collect()
    gc.freeze()
    lanes = set(sender.app.amqp.queues.consume_from)
    if Lane.DELIVER in lanes:
        start()
    if lanes <= GIVING_WAY:
        # A due run may compute for an hour; on a busy machine, work that people wait for goes first.
        os.nice(NICENESS)


@worker_shutting_down.connect
def _stop_relay(**_: object) -> None:
    from core.relay import stop

    stop()
