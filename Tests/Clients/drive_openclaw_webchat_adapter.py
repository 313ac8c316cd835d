"""openclaw-webchat-adapter: protocol 3 or 4 by choice, as web chat with a device, over a blocking socket."""

import dataclasses

from openclaw_webchat_adapter.config import AdapterSettings
from openclaw_webchat_adapter.exceptions import RequestFailedError
from openclaw_webchat_adapter.ws_adapter import DeviceIdentity, OpenClawChatWsAdapter

import checks


def converse(held: checks.Checks, settings: AdapterSettings, device: DeviceIdentity) -> None:
    """Everything that the adapter can do, in one version of the protocol."""
    version = settings.protocol_version
    adapter = OpenClawChatWsAdapter(settings=settings, device=device)
    hello = adapter.start(timeout_s=checks.PATIENCE)
    held.shape(f"connect, protocol {version}", hello, {
        "type": "hello-ok", "protocol": version, "server": {"version": str, "connId": str},
        "auth": {"role": "operator", "scopes": [str], "deviceToken": str},
    })
    if "sessions.patch" not in checks.SERVED:
        try:
            adapter.ensure_session("main")
            held.holds("sessions.patch: unavailable", False, "an answer")
        except RequestFailedError as error:
            held.unavailable("sessions.patch, with which it begins", "sessions.patch", error)
    history = adapter.get_chat_history("agent:main:main")
    held.holds("chat.history", history.session_key == "agent:main:main" and history.messages == [], history)
    if "chat.send" not in checks.SERVED:
        try:
            adapter.chat("hello", timeout_s=checks.PATIENCE)
            held.holds("chat.send: unavailable", False, "an answer")
        except Exception as error:
            held.unavailable("chat.send", "chat.send", error)
    held.shape("health", adapter.request("health"), checks.HEALTH)
    held.holds("models.list", checks.has_our_models(adapter.request("models.list").get("models")))
    held.shape("sessions.list", adapter.request("sessions.list"), checks.SESSIONS)
    presence = adapter.request("system-presence").get("payload")
    held.holds("system-presence: itself among the others",
               any(row.get("deviceId") == device.device_id for row in presence), presence)
    adapter.stop()


def main() -> None:
    held = checks.Checks("openclaw-webchat-adapter")
    device = DeviceIdentity.generate()
    settings = AdapterSettings(url=checks.WEB_SOCKET, token=checks.TOKEN)
    for version in [3, 4]:
        converse(held, dataclasses.replace(settings, protocol_version=version), device)
    wrong = OpenClawChatWsAdapter(
        settings=dataclasses.replace(settings, token="fake-wrong-token"), device=DeviceIdentity.generate())
    try:
        wrong.start(timeout_s=checks.PATIENCE)
        held.holds("a wrong token: refused", False, "let in")
    except Exception as error:
        held.holds("a wrong token: refused", "unauthorized" in str(error), error)
    held.finish()


main()
