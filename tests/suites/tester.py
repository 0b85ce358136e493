"""Runs every check of scim2-tester against a server: `tester.py URL TOKEN`. Prints the results as
scim-sanity does, one JSON object. Needs the virtual environment that `run` makes.
"""

import json
import sys

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

STATUS = {
    Status.SUCCESS: "pass",
    Status.COMPLIANT: "pass",
    Status.ACCEPTABLE: "pass",
    Status.SKIPPED: "skip",
    Status.DEVIATION: "warn",
    Status.ERROR: "fail",
    Status.CRITICAL: "fail",
}


def plain(value):
    """Values that the suite compared, as JSON has them."""
    if hasattr(value, "model_dump"):
        return value.model_dump()
    return str(value)


def main(url, token):
    headers = {"Authorization": f"Bearer {token}"}
    results = []
    with httpx2.Client(base_url=url, headers=headers, timeout=30) as client:
        for result in check_server(SyncSCIMClient(client)):
            data = result.data if isinstance(result.data, dict) else {}
            names = (result.resource_type, result.title, data.get("urn"))
            results.append({
                "name": " ".join(name for name in names if name),
                "status": STATUS[result.status],
                "message": result.reason,
                "expected": data.get("expected"),
                "actual": data.get("actual", data.get("modify_actual")),
            })
    print(json.dumps({"results": results}, default=plain))


main(*sys.argv[1:])
