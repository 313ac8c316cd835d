"""xsafeclaw: protocol 4 only, with a device whose signature covers its platform; finds the gateway by its file."""

import asyncio

from xsafeclaw.gateway_client import GatewayClient

import checks


async def main() -> None:
    held = checks.Checks("xsafeclaw")
    client = GatewayClient(checks.WEB_SOCKET, checks.TOKEN)
    events: asyncio.Queue = asyncio.Queue()
    client._event_handlers.append(events.put_nowait)
    await client.connect()
    held.holds("connect: by its device, without falling back to the token", client._device is not None)
    health = None
    while health is None:
        event = await asyncio.wait_for(events.get(), checks.PATIENCE)
        health = event if event["event"] == "health" else None
    held.shape("event health", health, {
        "type": "event", "event": "health", "payload": checks.HEALTH, "seq": int,
        "stateVersion": {"presence": int, "health": int},
    })

    models = await client.list_models()
    held.shape("models.list", models, {"models": [checks.MODEL]})
    held.holds("models.list: the configured model as it is configured", checks.has_our_models(models["models"]), models)
    held.holds("chat.history", await client.load_history("agent:main:main") == [])
    if "sessions.patch" not in checks.SERVED:
        try:
            await client.patch_session("agent:main:main", model="fake/echo-1")
            held.holds("sessions.patch: unavailable", False, "an answer")
        except Exception as error:  # The client raises no type of its own.
            held.unavailable("sessions.patch", "sessions.patch", error)
        await client.enable_verbose("agent:main:main")
        held.holds("enable_verbose: it goes on without", True)
    if "chat.send" not in checks.SERVED:
        answer = await client_answer(client)
        held.unavailable("chat.send", "chat.send", answer)
        parts = [part async for part in client.stream_chat("agent:main:main", "hello")]
        held.holds("stream_chat: one part, the error", [part["type"] for part in parts] == ["error"], parts)
    held.holds("models.list after the refusals", checks.has_our_models((await client.list_models())["models"]))
    await client.disconnect()

    again = GatewayClient(checks.WEB_SOCKET, checks.TOKEN)
    await again.connect()
    held.holds("connect again with the same device", again._device is not None)
    await again.disconnect()
    held.finish()


async def client_answer(client: GatewayClient) -> object:
    """What `chat.send` was refused with."""
    try:
        return await client.send_chat("agent:main:main", "hello")
    except Exception as error:
        return error


asyncio.run(main())
