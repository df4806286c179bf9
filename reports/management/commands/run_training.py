"""`manage.py run_training KEY CLAIM`: do one training of the laboratory; the worker starts it, nobody else needs to."""

import os
import resource
import threading
import uuid
from argparse import ArgumentParser
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from core import clock
from core.acting import acting
from core.adjusting import value_of
from learning.settable import MOST_TRAINING_GB, MOST_TRAINING_MINUTES
from reports.laboratory import carry_out_training, stay_within

EVERY_S = 2.0
NICENESS = 15


class Command(BaseCommand):
    """Bounds this process in memory and time, and does the training."""

    help = "Do one training of the laboratory. The workers start this by themselves."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the training's key and its claim."""
        parser.add_argument("key", type=uuid.UUID)
        parser.add_argument("claim", type=uuid.UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        """Train, with a thread beside that ends this process when it must."""
        parent, at = os.getppid(), clock.now()
        _give_way()
        about: dict[str, Any] = {"key": options["key"], "claim": options["claim"], "at": at}
        bounds = {"longest": timedelta(minutes=value_of(MOST_TRAINING_MINUTES)), "parent": parent, "every_s": EVERY_S}
        threading.Thread(target=stay_within, kwargs=about | bounds, daemon=True).start()
        with acting("worker", f"training:{options['key']}"):
            carry_out_training(**about)


def _give_way() -> None:
    """Let what people wait for go first, bound the memory, and be the first process to go where the machine has none left."""
    os.nice(NICENESS)
    most = value_of(MOST_TRAINING_GB) << 30
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
