"""clawmetry: protocols 3 to 4, the token alone; one thread that listens, and calls for its pages."""

import os
import platform
import queue
import sys
import threading
import types
import urllib.request
import uuid

import checks

# Its calls reach for three things of its dashboard, a web server that is not wanted here.
sys.modules["dashboard"] = types.SimpleNamespace(
    _load_gw_config=lambda: {"url": checks.HTTP, "token": checks.TOKEN}, __version__="0.12.937",
    _CURRENT_PLATFORM=platform.system().lower(), _uuid=uuid, _urllib_req=urllib.request)

from clawmetry.gateway_tap import GatewayTap  # noqa: E402
from helpers import gateway as calls  # noqa: E402


def listen(held: checks.Checks) -> None:
    """The listener connects, subscribes and gets events."""
    connected, seen, lost = threading.Event(), queue.Queue(), []
    tap = GatewayTap(
        checks.WEB_SOCKET, checks.TOKEN, store=None, node_id="test", on_connect=connected.set,
        on_disconnect=lost.append, on_event=seen.put)
    tap.start()
    held.holds("the listener connects and has its subscriptions", connected.wait(checks.PATIENCE), tap.last_error)
    try:
        while (event := seen.get(timeout=checks.PATIENCE)).get("event") != "tick":
            held.shape(f"event {event.get('event')}", event, {"type": "event", "event": str, "payload": dict})
        held.shape("event tick", event, {"type": "event", "event": "tick", "payload": {"ts": int}, "seq": int})
    except queue.Empty:
        held.holds("event tick arrives", False)
    held.holds("the listener stays connected", tap.connected and not lost, lost or tap.last_error)


def call(held: checks.Checks) -> None:
    """Its calls, and that one which is refused does not end them."""
    held.shape("sessions.list", calls._gw_ws_rpc("sessions.list", {"limit": 50}), {
        **checks.SESSIONS, "totalCount": 0, "hasMore": False,
    })
    held.shape("cron.list", calls._gw_ws_rpc("cron.list", {"includeDisabled": True}), checks.JOBS)
    held.shape("status", calls._gw_ws_rpc("status"), {"sessions": {"count": 0}})
    if "chat.send" not in checks.SERVED:
        held.holds("chat.send: nothing, as for all refusals", calls._gw_ws_rpc("chat.send", {}) is None)
    held.shape("health after the refusal", calls._gw_ws_rpc("health"), checks.HEALTH)
    held.holds("/tools/invoke: nothing while there are no tools", calls._gw_invoke("sessions_list") is None)


def main() -> None:
    held = checks.Checks("clawmetry")
    os.environ["CLAWMETRY_OPENCLAW_DIR"] = os.path.join(os.environ["HOME"], ".openclaw")
    call(held)
    listen(held)
    held.finish()


main()
