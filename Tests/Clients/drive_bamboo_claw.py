"""bamboo-claw: protocol 3, as a control UI with an Origin and a device, which keeps the device's token."""

import asyncio
import json
import os
from pathlib import Path

from bamboo_claw_client.gateway import GatewayClient

import checks

DATA = Path(os.environ["HOME"]) / "bamboo"


async def main() -> None:
    held = checks.Checks("bamboo-claw")
    client = GatewayClient(checks.WEB_SOCKET, checks.TOKEN, data_dir=str(DATA))
    hello = await client.connect()
    held.shape("connect", hello, {"type": "res", "ok": True, "payload": {
        "type": "hello-ok", "protocol": 3, "server": {"version": str, "connId": str},
        "features": {"methods": [str], "events": [str]},
        "snapshot": {"presence": [checks.PRESENCE], "health": dict, "stateVersion": {"presence": int, "health": int},
                     "uptimeMs": int, "sessionDefaults?": {"defaultAgentId": "main", "mainKey": "main"}},
        "auth": {"deviceToken": str, "role": "operator", "scopes": [str]},
        "policy": {"maxPayload": 26_214_400, "maxBufferedBytes": 52_428_800, "tickIntervalMs": 30_000},
    }})
    granted = hello["payload"].get("auth", {}).get("scopes", [])
    held.holds("connect: every scope that it asked for", set(client.SCOPES) <= set(granted), granted)
    stored = json.loads((DATA / "device-tokens.json").read_text())
    held.holds("connect: it keeps the device's token", len(stored) == 1, list(stored))

    history = await client.get_chat_history("agent:main:main")
    held.shape("chat.history", history, {"session_key": "agent:main:main", "messages": []})
    if "chat.send" not in checks.SERVED:
        try:
            await client.send_chat_message("hello", session_key="agent:main:main")
            held.holds("chat.send: unavailable", False, "an answer")
        except Exception as error:  # The client raises no type of its own.
            held.unavailable("chat.send", "chat.send", error)
    history = await client.get_chat_history("agent:main:main", limit=5)
    held.shape("chat.history after the refusal", history, {"messages": []})
    await client.disconnect()

    # Another process of the same installation, without the shared token: the device's own opens the gateway.
    later = GatewayClient(checks.WEB_SOCKET, "", data_dir=str(DATA))
    held.shape("connect with the device's token alone", await later.connect(), {"ok": True})
    await later.disconnect()

    try:
        await GatewayClient(checks.WEB_SOCKET, "fake-wrong-token", data_dir=str(DATA / "other")).connect()
        held.holds("a wrong token: refused", False, "let in")
    except Exception as error:
        held.holds("a wrong token: refused", "unauthorized" in str(error), error)
    held.finish()


asyncio.run(main())
