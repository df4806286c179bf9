"""The whole API against its own description: no 500, only described answers, whatever is sent."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from bnpl.wsgi import application
from checkout.models import Order
from portals.developers.docs import describe
from tests.api.conftest import Api
from tests.shops import basket, make_key, open_shop

load_all_checks()
# Values that a description cannot tell apart (an amount that does not add up, another market's currency) are refused although they fit it.
LEFT_OUT = ("positive_data_acceptance", "use_after_free", "ensure_resource_availability", "missing_required_header")
checks = [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in LEFT_OUT]

pytestmark = [pytest.mark.usefixtures("sandbox_world")]


# The call that moves time has its own test.
schema = schemathesis.openapi.from_dict(describe()).exclude(operation_id="move_sandbox_clock")
schema.app = application


@pytest.fixture
def known(db):
    """Give a key, and ids of objects that exist, so that calls get past the 404."""
    key = make_key(open_shop())
    api = Api(key)
    checkouts = [api.post("checkouts", basket(items=[], merchant_reference=f"S-{n}")).json()["id"] for n in range(2)]
    person = {"email": "sam+approve@example.com", "product": "pay_in_4", "card": "4242424242424242"}
    order = api.post(f"sandbox/checkouts/{checkouts[0]}/complete", person).json()["order"]["id"]
    endpoint = api.post("webhook_endpoints", {"url": "http://127.0.0.1:9/"}).json()["id"]
    # Keep the test's connection through whole WSGI calls; Django's own client does the same, and undoes it after each call.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield {"key": key, "checkout_id": checkouts[1], "order_id": order, "endpoint_id": endpoint}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_described(case, known):
    for name, value in known.items():
        if name in (case.path_parameters or {}):
            case.path_parameters[name] = value
    case.call_and_validate(headers={"Authorization": f"Bearer {known['key']}"}, checks=checks)
    assert Order.objects.count() <= 2
