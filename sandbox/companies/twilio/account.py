"""An account and a Verify service, read by clients to test their keys."""

from sandbox.message import Answer, Request, json_answer
from sandbox.world import World

from .protocol import account_of, error


def account(world: World, request: Request) -> Answer:
    """Show the account of the credentials; any other account is not found."""
    sid = account_of(request)
    if request.params["account"].removesuffix(".json") != sid:
        return error(404, 20404, f"The requested resource {request.path} was not found")
    return json_answer({"sid": sid, "friendly_name": "Sandbox", "status": "active", "type": "Full"})


def service(world: World, request: Request) -> Answer:
    """Show a Verify service."""
    sid = account_of(request)
    return json_answer({"sid": request.params["service"], "account_sid": sid, "friendly_name": "Sandbox", "code_length": 6})
