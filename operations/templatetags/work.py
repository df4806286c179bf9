"""The bar on a task's page: the assignee, since when, and the buttons to take, give or release the task."""

from typing import Any

from django import template
from django.template import Context

from accounts.models import Consumer
from operations.late.links import Links, links_of
from operations.tasklist import task_of

register = template.Library()


@register.inclusion_tag("admin/_task.html", takes_context=True)
def task_bar(context: Context, kind: str, subject: object) -> dict[str, Any]:
    """Show the bar of a task; nothing if the task is closed or not for the operator's role."""
    request = context["request"]
    return {"request": request, "csrf_token": context.get("csrf_token"), **task_of(request.user, kind, str(subject))}


@register.simple_tag(takes_context=True)
def late_links(context: Context, person: Consumer, kind: str) -> Links:
    """Return where a person's request leads: to their case, and to offers of relief."""
    return links_of(person, kind, context["request"].user)
