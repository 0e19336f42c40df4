"""Sending requests to NBA.com through the package ``nba_api``, at our pace and with our checks."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from analytics_assets.raw.fetch.fetch_plan import PlannedRequest
from analytics_assets.raw.fetch.polite_http import FetchError, Pace, PoliteClient, json_problem

SOURCE = "nba-com"
BASE_URL_VARIABLE = "NBA_COM_URL"


def nba_com_client(
    pace: Pace, sleep: Callable[[float], None], now: Callable[[], datetime], **others: Any
) -> PoliteClient:
    """A polite client that also knows how NBA.com tells of errors in an answer with status 200."""
    return PoliteClient(SOURCE, pace, sleep=sleep, now=now, content_problem=_content_problem, **others)


def _content_problem(content: bytes) -> str | None:
    if b'{"Message":"An error has occurred."}' in content:
        return "the message that an error has occurred"
    return json_problem(content)


def stated_base_url(environment: Mapping[str, str] | None = None) -> str | None:
    """Address to ask in place of NBA.com's, from ``NBA_COM_URL``: a mirror's, or a local server's."""
    return (os.environ if environment is None else environment).get(BASE_URL_VARIABLE) or None


class NbaComSender:
    """Sends planned requests: endpoint and parameters as ``nba_api`` names them."""

    def __init__(self, client: PoliteClient, base_url: str | None = None) -> None:
        """Send through a client.

        Args:
            client: Paces, repeats and judges.
            base_url: Address in place of ``https://stats.nba.com/stats``, the endpoint's name not included.
        """
        # Imported only where NBA.com is asked: the package is no part of building tables.
        from nba_api.stats.library.http import NBAStatsHTTP

        class Http(NBAStatsHTTP):
            """A class of its own, because ``nba_api`` keeps sessions and addresses on classes that others use."""

        Http.set_session(client)
        if base_url is not None:
            Http.base_url = f"{base_url.rstrip('/')}/{{endpoint}}"
        self._http = Http()
        # The host belongs to the address; and only these codings are understood without further packages.
        named = {name: value for name, value in NBAStatsHTTP.headers.items() if name != "Host"}
        self._headers = named | {"Accept-Encoding": "gzip, deflate"}

    def __call__(self, request: PlannedRequest) -> Any:
        """The answer's value.

        Raises:
            FetchError: Nothing usable came.
        """
        answer = self._http.send_api_request(
            endpoint=request.endpoint, parameters=dict(request.parameters), headers=self._headers
        )
        try:
            return answer.get_dict()
        except ValueError:
            raise FetchError(f"{SOURCE}: {request.key}: the answer is no JSON; run the same command again") from None
