"""What makes drawn requests reach further: orders that can be placed, and keys that were not used before."""

import itertools
import json

import schemathesis

with open("orders.json", encoding="utf-8") as file:
    ORDERS = json.load(file)
COUNT = itertools.count()


def whole(value):
    """JSON Schema takes 3.0 for an integer; the API wants whole numbers written as such."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**64:
        return int(value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {name: whole(item) for name, item in value.items()}
    return value


# What nobody mends here: replicas that were killed would not come back.
DEADLY = ("kill", "hang")
# The one that may be switched off; ids of the others are learnt from answers, and with all of them off nobody is left to answer.
SPARE = "replica-3"


@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.body, dict) and "fault" in case.body:
        case.body["replica"] = SPARE
        if case.body["fault"] in DEADLY:
            case.body["fault"] = "none"
    if str((case.path_parameters or {}).get("id")).startswith("replica-"):
        case.path_parameters["id"] = SPARE
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    case.body = whole(case.body)
    number = next(COUNT)
    # Of two requests with the same key, one is refused; that is tried by the others.
    if "Idempotency-Key" in (case.headers or {}) and number % 4:
        case.headers["Idempotency-Key"] = f"schemathesis-{number:08}"
    if case.operation.label == "POST /api/v1/orders" and number % 2:
        case.body = ORDERS[number % len(ORDERS)]


# Without their sessions, nothing of the staff's or the operator's would be tested.
OF_SESSIONS = {"GET /api/v1/staff/orders": "staff", "PUT /api/v1/status/replicas/{id}/admin-state": "operator"}


@schemathesis.hook
def after_call(context, case, response):
    who = OF_SESSIONS.get(case.operation.label)
    if who and response.status_code == 200:
        open(f"answered-{who}", "w", encoding="utf-8").close()
