"""The same methods over HTTP, one request each."""

import json
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from yarl import URL

from signalling.client.errors import ABNORMAL, BadAnswer, ConnectionLost, RemoteError

ANSWER_S: Final = 30.0
PROBLEM_MEMBERS: Final = frozenset({"type", "title", "status", "code"})


class HttpClient:
    """Call methods as an app or a user does who needs no events.

    async with HttpClient("http://127.0.0.1:8080", token) as http:
        await http.call("assignment.get", assignment="…")
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = URL(url)
        self._http = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {token}"},
            timeout=aiohttp.ClientTimeout(total=ANSWER_S),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def call(self, method: str, /, **params: Any) -> dict[str, Any]:
        """Ask and return the result.

        Raise RemoteError from problem details, ConnectionLost when nobody answers (the outcome
        is then unknown), BadAnswer when something else than the server does.
        """
        return await self._post(method, json.dumps(params, allow_nan=False), "application/json")

    async def import_interpreters(self, profiles: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Put many interpreters as NDJSON; return {imported, failed, failures}."""
        lines = "".join(json.dumps(profile, ensure_ascii=False) + "\n" for profile in profiles)
        return await self._post("interpreter.import", lines, "application/x-ndjson")

    async def close(self) -> None:
        await self._http.close()

    async def _post(self, method: str, body: str, content_type: str) -> dict[str, Any]:
        url = self._url / "v1" / method
        headers = {"Content-Type": content_type}
        try:
            async with self._http.post(url, data=body.encode(), headers=headers) as response:
                return read_answer(response.status, await response.read())
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ConnectionLost(ABNORMAL, str(error) or type(error).__name__) from error


def read_answer(status: int, body: bytes) -> dict[str, Any]:
    """Return the result; raise RemoteError from problem details (RFC 9457), or BadAnswer."""
    try:
        answer = json.loads(body)
    except ValueError:
        raise BadAnswer(f"HTTP {status} without JSON") from None
    if not isinstance(answer, dict):
        raise BadAnswer(f"HTTP {status} with another JSON than an object")
    if status < 400:
        return answer
    if not isinstance(answer.get("code"), int):
        raise BadAnswer(f"HTTP {status} without an error code")
    data = {name: value for name, value in answer.items() if name not in PROBLEM_MEMBERS}
    title = str(answer.get("title", ""))
    raise RemoteError(answer["code"], str(data.get("name", "")), title, data)
