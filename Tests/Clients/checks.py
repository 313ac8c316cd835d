"""What every client program here shares: where the gateway is, and a list of what held and what did not."""

import asyncio
import collections.abc
import os
import subprocess
import sys
import time

PORT = int(os.environ["OPENCLAW_GATEWAY_PORT"])
TOKEN = os.environ["OPENCLAW_GATEWAY_TOKEN"]
SERVED = frozenset(os.environ["ALULA_SERVED_METHODS"].split())
WEB_SOCKET = f"ws://127.0.0.1:{PORT}"
HTTP = f"http://127.0.0.1:{PORT}"

# The clients print what they like. The report alone goes where the reader looks, all else with the errors.
REPORT = sys.stdout
sys.stdout = sys.stderr

# Long enough for any machine; what is waited for arrives by itself, so nobody waits this long on a good day.
PATIENCE = 120.0


class Checks:
    """Collects one line for each thing that was asked, and says at the end whether all answers were right."""

    def __init__(self, client: str) -> None:
        self.client = client
        self.count = 0
        self.failures = 0

    def holds(self, what: str, condition: object, seen: object = None) -> bool:
        """Notes whether `condition` holds; `seen` is shown when it does not."""
        self.count += 1
        if condition:
            note(f"  ok    {what}")
            return True
        self.failures += 1
        note(f"  WRONG {what}" + ("" if seen is None else f": {str(seen)[:600]}"))
        return False

    def shape(self, what: str, value: object, shape: object) -> bool:
        """Notes whether `value` has the keys and types of `shape`; further keys are allowed, as the protocol grows."""
        problem = mismatch(value, shape, "")
        return self.holds(what, problem is None, problem)

    def unavailable(self, what: str, method: str, message: object, code: object = "UNAVAILABLE") -> None:
        """Notes whether a method of the protocol that is not served yet was refused in the protocol's words."""
        right = f"{method} is not served by this gateway yet" in str(message) and code == "UNAVAILABLE"
        self.holds(f"{what}: unavailable, in the protocol's form", right, f"{code}: {message}")

    def finish(self) -> None:
        """Ends the program: 0 only if everything held."""
        note(f"  {self.client}: {self.count - self.failures} of {self.count} held")
        # Some of the clients leave threads behind that would keep the program alive.
        os._exit(1 if self.failures or not self.count else 0)


def note(line: str) -> None:
    """Adds a line to the report."""
    print(line, file=REPORT, flush=True)


def open_requests() -> int:
    """How many requests to models the gateway has under way, by its own metrics."""
    text = subprocess.run(
        ["curl", "--silent", "--max-time", str(PATIENCE), f"{HTTP}/metrics"], capture_output=True, text=True,
        check=True).stdout
    lines = [line for line in text.splitlines() if line.startswith("alula_model_requests_open")]
    return int(float(lines[0].split()[-1]))


def wait_until_none_is_open(held: Checks, what: str) -> None:
    """Notes whether all work for requests to models ends."""
    deadline = time.monotonic() + PATIENCE
    while open_requests() and time.monotonic() < deadline:
        time.sleep(0.02)
    held.holds(what, open_requests() == 0)


async def cancels(held: Checks, call: collections.abc.Coroutine) -> bool:
    """Whether a call that waits at the gateway ends as cancelled when its caller cancels it."""
    asking = asyncio.create_task(call)
    deadline = time.monotonic() + PATIENCE
    while open_requests() != 1 and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    held.holds("a call that waits is counted", open_requests() == 1)
    asking.cancel()
    try:
        await asking
    except asyncio.CancelledError:
        return True
    return False


def mismatch(value: object, shape: object, path: str) -> str | None:
    """The first place where `value` is not as `shape` says, or nothing.

    A shape is a type or several, a literal, a dictionary of shapes (a key that ends in `?` may be missing), a list of
    one shape that every element has, or a function that says whether the value is right.
    """
    place = path or "the answer"
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return f"{place} is no object but {value!r}"
        for key, inner in shape.items():
            name = key.rstrip("?")
            if name in value:
                if problem := mismatch(value[name], inner, f"{path}.{name}"):
                    return problem
            elif not key.endswith("?"):
                return f"{place} lacks {name}: {value!r}"
        return None
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{place} is no array but {value!r}"
        for index, element in enumerate(value):
            if shape and (problem := mismatch(element, shape[0], f"{path}[{index}]")):
                return problem
        return None if shape or not value else f"{place} is not empty: {value!r}"
    if isinstance(shape, (type, tuple)):
        kinds = shape if isinstance(shape, tuple) else (shape,)
        # In Python a truth value is a number; on the wire it is not.
        right = isinstance(value, shape) and (bool in kinds or not isinstance(value, bool))
    elif callable(shape):
        right = bool(shape(value))
    else:
        right = type(value) is type(shape) and value == shape
    return None if right else f"{place} is {value!r}"


MODEL = {
    "id": str, "name": str, "provider": str, "contextWindow?": int, "reasoning?": bool, "input?": [str],
    "available?": bool, "tags?": [str],
}
HEALTH = {
    "ok": True, "ts": int, "durationMs": int, "channels": {}, "channelOrder": [], "channelLabels": {},
    "heartbeatSeconds": int, "defaultAgentId": "main",
    "agents": [{
        "agentId": str, "isDefault": bool,
        "heartbeat": {
            "enabled": bool, "every": str, "everyMs": int, "prompt": str, "target": str, "ackMaxChars": int,
        },
        "sessions": {"path": str, "count": int, "recent": list},
    }],
    "sessions": {"path": str, "count": int, "recent": list},
}
PRESENCE = {
    "host?": str, "ip?": str, "version?": str, "platform?": str, "mode?": str, "reason?": str, "text": str, "ts": int,
    "deviceId?": str, "roles?": [str], "scopes?": [str], "instanceId?": str,
}
SESSIONS = {
    "ts": int, "path": str, "count": 0, "sessions": [],
    "defaults": {"modelProvider": "fake", "model": "echo-1", "contextTokens": 32000},
}
JOBS = {"jobs": [], "total": 0, "offset": 0, "limit": int, "hasMore": False, "nextOffset": type(None)}


def has_our_models(models: object) -> bool:
    """Whether the rows of `models.list` hold the model of the configuration that run.py writes, as it is there."""
    rows = [row for row in models if row.get("provider") == "fake"] if isinstance(models, list) else []
    wanted = {
        "id": "echo-1", "name": "Echo One", "contextWindow": 32000, "reasoning": False, "input": ["text"],
        "available": True,
    }
    return len(rows) == 1 and all(rows[0].get(key) == value for key, value in wanted.items())
