"""The phone: every SMS of the sandbox."""

from sandbox.world import Company

from . import texts

PHONE = Company(
    name="phone",
    routes=[
        ("GET", "/phone/api/messages", texts.api_list),
        ("GET", "/phone/", texts.phone),
        ("GET", "/phone", texts.phone),
    ],
)
