"""An account and a Verify service, as they are looked at to see that keys are right."""

from sandbox.message import Answer, Request, json_answer
from sandbox.world import World

from .protocol import account_of, error


def account(world: World, request: Request) -> Answer:
    """Show the account of the keys; another one is not found."""
    sid = account_of(request)
    if request.params["account"].removesuffix(".json") != sid:
        return error(404, 20404, f"The requested resource {request.path} was not found")
    return json_answer({"sid": sid, "friendly_name": "Sandbox", "status": "active", "type": "Full"})


def service(world: World, request: Request) -> Answer:
    """Show a Verify service."""
    sid = account_of(request)
    return json_answer({"sid": request.params["service"], "account_sid": sid, "friendly_name": "Sandbox", "code_length": 6})
