"""The bar on a task's own page: who has it, since when, and taking, handing on and releasing it."""

from typing import Any

from django import template
from django.template import Context

from operations.tasklist import task_of

register = template.Library()


@register.inclusion_tag("admin/_task.html", takes_context=True)
def task_bar(context: Context, kind: str, subject: object) -> dict[str, Any]:
    """Show who has a task; nothing where it is not open, or not of the reader's role."""
    request = context["request"]
    return {"request": request, "csrf_token": context.get("csrf_token"), **task_of(request.user, kind, str(subject))}
