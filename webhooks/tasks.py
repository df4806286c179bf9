"""The Celery task of webhooks; the rows say what is due."""

from celery import shared_task

from core import clock
from webhooks.services import send_webhooks


@shared_task(ignore_result=True)
def send_webhooks_task() -> int:
    """Send the webhooks that are due."""
    return send_webhooks(at=clock.now())
