"""Handing a plan to a running Dagster deployment through its GraphQL, and following it to its end."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from analytics_assets.backfill.plan import PlannedRun, contiguous_blocks
from analytics_assets.run_mode import BACKFILL_MODE_TAG

POLL_SECONDS = 2.0
_BACKFILL_ID_TAG = "nba/backfill_id"
_UNFINISHED = ("REQUESTED", "CANCELING", "FAILING")
_LAUNCH = """
mutation Launch($parameters: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $parameters) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on Error { message }
  }
}
"""
_FOLLOW = """
query Follow($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    __typename
    ... on PartitionBackfill {
      status
      assetBackfillData {
        assetBackfillStatuses {
          ... on AssetPartitionsStatusCounts { numPartitionsMaterialized numPartitionsFailed }
        }
      }
    }
    ... on Error { message }
  }
}
"""


class DeploymentError(RuntimeError):
    """The deployment cannot be reached or refuses the backfill; the message says why."""


def submit(url: str, run: PlannedRun, backfill_id: str) -> str:
    """Launch a backfill of exactly the planned dates of each table.

    The deployment gives each block of consecutive dates a run of its own.

    Args:
        url: Address of the webserver, such as ``http://127.0.0.1:3000``.
        run: Tables and dates.
        backfill_id: Our name of the backfill, which its runs carry as a tag.

    Returns:
        Dagster's id of the backfill.

    Raises:
        DeploymentError: The deployment cannot be reached or refuses.
    """
    assets = [
        {
            "assetKey": {"path": [name]},
            "partitions": {
                "ranges": [
                    {"start": start.isoformat(), "end": end.isoformat()} for start, end in contiguous_blocks(dates)
                ]
            },
        }
        for name, dates in run.dates_by_table.items()
    ]
    tags = [{"key": BACKFILL_MODE_TAG, "value": "true"}, {"key": _BACKFILL_ID_TAG, "value": backfill_id}]
    answer = _ask(url, _LAUNCH, {"parameters": {"partitionsByAssets": assets, "tags": tags}})
    launched = answer["launchPartitionBackfill"]
    if launched["__typename"] != "LaunchBackfillSuccess":
        raise DeploymentError(f"{url} refused the backfill: {launched.get('message', launched['__typename'])}")
    return str(launched["backfillId"])


def follow(url: str, dagster_id: str, told: Callable[[int], None], wait: Callable[[float], None] = time.sleep) -> str:
    """Wait until a backfill has ended.

    Args:
        url: Address of the webserver.
        dagster_id: Dagster's id of the backfill.
        told: Called with the number of tables and dates that are materialized or failed.
        wait: Waits so many seconds.

    Returns:
        Dagster's final status.

    Raises:
        DeploymentError: The deployment cannot be reached or does not know the backfill.
    """
    while True:
        found = _ask(url, _FOLLOW, {"id": dagster_id})["partitionBackfillOrError"]
        if found["__typename"] != "PartitionBackfill":
            raise DeploymentError(f"{url} does not know backfill {dagster_id}: {found.get('message', '')}")
        data = found["assetBackfillData"] or {"assetBackfillStatuses": []}
        counts = [status for status in data["assetBackfillStatuses"] if status]
        told(sum(count["numPartitionsMaterialized"] + count["numPartitionsFailed"] for count in counts))
        if found["status"] not in _UNFINISHED:
            return str(found["status"])
        wait(POLL_SECONDS)


def _ask(url: str, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    address = f"{url.rstrip('/')}/graphql"
    if not address.startswith(("http://", "https://")):
        raise DeploymentError(f"{url!r} is no web address; write http://HOST:PORT")
    body = json.dumps({"query": query, "variables": dict(variables)}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = json.load(answer)
    except urllib.error.HTTPError as error:
        raise DeploymentError(
            f"{address} answered {error.code}: {error.read().decode(errors='replace')[:300]}"
        ) from error
    except (OSError, ValueError) as error:
        raise DeploymentError(f"{address} cannot be asked: {error}") from error
    if content.get("errors"):
        raise DeploymentError(f"{address}: {content['errors'][0].get('message')}")
    return content["data"]
