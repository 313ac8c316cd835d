"""openclaw-sdk: protocol 3, the cli client with a device that proves itself, and a wrapper for nearly every method."""

import asyncio
import hashlib
import json
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from openclaw_sdk.core.exceptions import GatewayError
from openclaw_sdk.gateway.protocol import ProtocolGateway

import checks

SCOPES = ["operator.admin", "operator.approvals", "operator.pairing", "operator.read", "operator.write"]
IDENTITY = Path(os.environ["HOME"]) / ".openclaw" / "identity"
URL = f"{checks.WEB_SOCKET}/gateway"

# Wrapped methods that a gateway without conversations, jobs, tools and nodes can't serve. One that comes to be served
# is left out until its answer is checked above.
LATER = {
    "chat.abort": lambda gateway: gateway.chat_abort("main"),
    "chat.inject": lambda gateway: gateway.chat_inject("main", "hello"),
    "agent.wait": lambda gateway: gateway.agent_wait("no-such-run"),
    "sessions.patch": lambda gateway: gateway.sessions_patch("main", {"label": "x"}),
    "sessions.reset": lambda gateway: gateway.sessions_reset("main"),
    "sessions.delete": lambda gateway: gateway.sessions_delete("agent:main:none"),
    "sessions.compact": lambda gateway: gateway.sessions_compact("main"),
    "sessions.usage": lambda gateway: gateway.sessions_usage(),
    "exec.approval.resolve": lambda gateway: gateway.resolve_approval("none", "deny"),
    "exec.approval.request": lambda gateway: gateway.exec_approval_request("true"),
    "exec.approval.waitDecision": lambda gateway: gateway.exec_approval_wait_decision("none"),
    "exec.approvals.get": lambda gateway: gateway.exec_approvals_get(),
    "exec.approvals.node.get": lambda gateway: gateway.exec_approvals_node_get("none"),
    "node.list": lambda gateway: gateway.node_list(),
    "node.describe": lambda gateway: gateway.node_describe("none"),
    "node.rename": lambda gateway: gateway.node_rename("none", "x"),
    "node.pair.request": lambda gateway: gateway.node_pair_request("none"),
    "node.pair.list": lambda gateway: gateway.node_pair_list(),
    "node.pair.approve": lambda gateway: gateway.node_pair_approve("none"),
    "node.pair.reject": lambda gateway: gateway.node_pair_reject("none"),
    "node.pair.verify": lambda gateway: gateway.node_pair_verify("none", "fake"),
    "usage.cost": lambda gateway: gateway.usage_cost(),
    "tools.catalog": lambda gateway: gateway.tools_catalog(),
    "doctor.memory.status": lambda gateway: gateway.doctor_memory_status(),
    "skills.status": lambda gateway: gateway.skills_status(),
    "skills.install": lambda gateway: gateway.skills_install("none", "none"),
    "skills.update": lambda gateway: gateway.skills_update("none"),
    "agents.create": lambda gateway: gateway.agents_create("x", "/tmp/none"),
    "agents.update": lambda gateway: gateway.agents_update("main", name="x"),
    "agents.delete": lambda gateway: gateway.agents_delete("none"),
    "agents.files.list": lambda gateway: gateway.agents_files_list("main"),
    "agents.files.get": lambda gateway: gateway.agents_files_get("main", "AGENTS.md"),
    "agents.files.set": lambda gateway: gateway.agents_files_set("main", "AGENTS.md", "x"),
    "tts.enable": lambda gateway: gateway.tts_enable(),
    "tts.disable": lambda gateway: gateway.tts_disable(),
    "tts.convert": lambda gateway: gateway.tts_convert("x"),
    "tts.setProvider": lambda gateway: gateway.tts_set_provider("none"),
    "tts.status": lambda gateway: gateway.tts_status(),
    "tts.providers": lambda gateway: gateway.tts_providers(),
    "wizard.start": lambda gateway: gateway.wizard_start(),
    "wizard.next": lambda gateway: gateway.wizard_next("none"),
    "wizard.cancel": lambda gateway: gateway.wizard_cancel("none"),
    "wizard.status": lambda gateway: gateway.wizard_status("none"),
    "voicewake.get": lambda gateway: gateway.voicewake_get(),
    "voicewake.set": lambda gateway: gateway.voicewake_set(["x"]),
    "send": lambda gateway: gateway.send_message("none", "key-1"),
    "browser.request": lambda gateway: gateway.browser_request("GET", "/"),
    "set-heartbeats": lambda gateway: gateway.set_heartbeats(False),
    "cron.add": lambda gateway: gateway.call("cron.add", {"name": "x"}),
    "chat.send": lambda gateway: gateway.call(
        "chat.send", {"sessionKey": "main", "message": "hello"}, idempotency_key="key-2"),
}

# What only nodes may call; this client is an operator.
OF_NODES = {
    "skills.bins": lambda gateway: gateway.skills_bins(),
    "node.event": lambda gateway: gateway.node_event(event="x"),
    "node.invoke.result": lambda gateway: gateway.node_invoke_result(id="x"),
}


def write_identity() -> str:
    """Makes the device that this client reads from its home, and returns its id."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key()
    device = hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()
    IDENTITY.mkdir(parents=True, exist_ok=True)
    (IDENTITY / "device.json").write_text(json.dumps({
        "version": 1, "deviceId": device,
        "publicKeyPem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "privateKeyPem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    }))
    write_token(device, checks.TOKEN)
    return device


def write_token(device: str, token: str) -> None:
    """What the client logs in with from now on."""
    (IDENTITY / "device-auth.json").write_text(json.dumps({
        "version": 1, "deviceId": device,
        "tokens": {"operator": {"token": token, "role": "operator", "scopes": SCOPES}},
    }))


async def refusal(call) -> GatewayError | None:
    """What `call` was refused with, or nothing when it was answered."""
    try:
        await call
    except GatewayError as error:
        return error
    return None


async def read_state(gateway: ProtocolGateway, held: checks.Checks) -> None:
    """The state of the gateway, and what it says there is."""
    health = await gateway.health()
    held.holds("health()", health.healthy and health.latency_ms is not None, health)
    held.shape("health", await gateway.call("health", {}), checks.HEALTH)
    status = await gateway.system_status()
    held.shape("status", status, {
        "runtimeVersion?": str, "heartbeat": {"defaultAgentId": "main", "agents": [{"agentId": str, "enabled": bool}]},
        "channelSummary": [], "queuedSystemEvents": [str],
        "sessions": {"paths": list, "count": 0, "defaults": {"model": str, "contextTokens": 32000}, "recent": []},
    })
    presence = (await gateway.system_presence()).get("data")
    held.shape("system-presence", presence, [checks.PRESENCE])
    held.holds("system-presence: the gateway first, then the clients",
               bool(presence) and presence[0].get("reason") == "self" and len(presence) > 1, presence)
    models = await gateway.models_list()
    held.shape("models.list", models, {"models": [checks.MODEL]})
    held.holds("models.list: the configured model as it is configured", checks.has_our_models(models["models"]), models)
    agents = await gateway.agents_list()
    held.shape("agents.list", agents, {
        "defaultId": "main", "mainKey": "main", "scope": str, "agents": [{"id": str, "name?": str}],
    })
    held.holds("agents.list: the one agent", [row["id"] for row in agents["agents"]] == ["main"], agents)
    held.shape("agent.identity.get", await gateway.agent_identity_get(), {"agentId": "main", "name": str})
    held.shape("usage.status", await gateway.usage_status(), {"updatedAt": int, "providers": list})
    held.shape("secrets.reload", await gateway.secrets_reload(), {"ok": True, "warningCount": int})
    held.shape("channels.status", await gateway.call("channels.status", {}), {
        "ts": int, "channelOrder": [], "channelLabels": {}, "channels": {}, "channelAccounts": {},
    })


async def read_conversations(gateway: ProtocolGateway, held: checks.Checks) -> None:
    """Conversations and jobs, of which there are none."""
    held.shape("sessions.list", await gateway.call("sessions.list", {}), checks.SESSIONS)
    held.holds("sessions_list()", await gateway.sessions_list() == [])
    held.shape("sessions.preview", await gateway.sessions_preview(["agent:main:none"]), {
        "ts": int, "previews": [{"key": "agent:main:none", "status": "missing", "items": []}],
    })
    missing = await refusal(gateway.sessions_resolve("agent:main:none"))
    held.holds("sessions.resolve of none: refused", missing and missing.code == "INVALID_REQUEST", missing)
    held.holds("usage_summary()", (await gateway.usage_summary())["sessionCount"] == 0)
    held.holds("chat_history()", await gateway.chat_history("main") == [])
    held.shape("cron.list", await gateway.call("cron.list", {"includeDisabled": True}), checks.JOBS)
    held.shape("cron.status", await gateway.call("cron.status", {}), {
        "enabled": bool, "storePath": str, "jobs": 0, "nextWakeAtMs": type(None),
    })
    held.holds("last-heartbeat: null", await gateway.last_heartbeat() == {})
    logs = await gateway.logs_tail()
    held.shape("logs.tail", logs, {
        "file": str, "cursor": int, "size": int, "lines": [str], "truncated": False, "reset": bool,
    })
    held.holds("logs.tail: lines, and the token in none", logs["lines"] and checks.TOKEN not in str(logs), logs)


async def change_configuration(gateway: ProtocolGateway, held: checks.Checks) -> None:
    """The configuration: read without secrets, changed only over what was read, comments and references kept."""
    before = await gateway.config_get()
    held.shape("config.get", before, {
        "path": str, "exists": True, "raw": str, "parsed": dict, "resolved": dict, "valid": True, "config": dict,
        "hash": str, "issues": [], "warnings": list, "legacyIssues": list,
    })
    held.shape("config.schema", await gateway.config_schema(), {
        "schema": dict, "uiHints": dict, "version": str, "generatedAt": str,
    })
    held.holds("config.get: no secret in it",
               checks.TOKEN not in str(before) and "fake-provider-key" not in str(before))
    change = json.dumps({"agents": {"defaults": {"thinkingDefault": "low"}}})
    blind = await refusal(gateway.config_patch(change))
    held.holds("config.patch without a hash: refused",
               blind and blind.code == "INVALID_REQUEST" and "config base hash required" in str(blind), blind)
    stale = await refusal(gateway.config_patch(change, base_hash="0" * 64))
    held.holds("config.patch over another file: refused",
               stale and stale.code == "INVALID_REQUEST" and "config changed since last load" in str(stale), stale)
    held.shape("config.patch", await gateway.config_patch(change, base_hash=before["hash"]), {
        "ok": True, "path": before["path"], "config": dict,
    })
    after = await gateway.config_get()
    held.holds("config.get: the change is there",
               after["parsed"].get("agents", {}).get("defaults", {}).get("thinkingDefault") == "low", after["raw"])
    file = Path(before["path"]).read_text()
    held.holds("the file keeps its comment and its references",
               all(text in file for text in ["// A comment that every change", "${FAKE_GATEWAY_TOKEN}",
                                             "${FAKE_PROVIDER_KEY}"]) and checks.TOKEN not in file, file)


async def watch_events(gateway: ProtocolGateway, held: checks.Checks) -> None:
    """What the gateway says by itself: who is there, that a provider can answer now, and that the clock ticks."""
    shapes = {
        "presence": {"presence": [checks.PRESENCE]}, "health": checks.HEALTH, "tick": {"ts": int},
        "models.auth.changed": {"changes": lambda changes: [row["provider"] for row in changes] == ["second"]},
    }
    events = await gateway.subscribe(list(shapes))
    held.shape("system-event", await gateway.system_event("The client tests look around."), {"ok": True})
    second = {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "fake-second-key", "api": "openai-completions",
              "models": [{"id": "echo-2", "name": "Echo Two"}]}
    change = json.dumps({"models": {"providers": {"second": second}}})
    before = await gateway.config_get()
    held.shape("config.patch: a second provider", await gateway.config_patch(change, base_hash=before["hash"]),
               {"ok": True})
    seen: dict[str, object] = {}

    async def collect() -> None:
        async for event in events:
            seen.setdefault(event.data["event"], event.data["payload"])
            if len(seen) == len(shapes):
                return

    try:
        await asyncio.wait_for(collect(), checks.PATIENCE)
    except asyncio.TimeoutError:
        pass
    for name, shape in shapes.items():
        if held.holds(f"event {name} arrives", name in seen, list(seen)):
            held.shape(f"event {name}", seen[name], shape)
    held.holds("config.get: the new key is not in it", "fake-second-key" not in str(await gateway.config_get()))
    providers = {row["provider"] for row in (await gateway.models_list())["models"]}
    held.holds("models.list: the second provider's model", "second" in providers, providers)


async def use_devices(gateway: ProtocolGateway, held: checks.Checks, device: str) -> None:
    """The device was paired by itself, since it is on this machine and knew the token; its tokens come and go."""
    devices = await gateway.device_pair_list()
    held.shape("device.pair.list", devices, {
        "pending": [], "paired": [{
            "deviceId": str, "publicKey": str, "platform?": str, "clientId": str, "clientMode": str, "role?": str,
            "roles": [str], "scopes?": [str], "createdAtMs": int, "approvedAtMs": int,
            "tokens": [{"role": str, "scopes": [str], "createdAtMs": int}],
        }],
    })
    mine = [row for row in devices["paired"] if row["deviceId"] == device]
    held.holds("device.pair.list: this device, as cli", len(mine) == 1 and mine[0]["clientId"] == "cli", devices)
    none = await refusal(gateway.device_pair_approve("no-such-request"))
    held.holds("device.pair.approve of none: refused", none and none.code == "INVALID_REQUEST", none)
    none = await refusal(gateway.device_pair_reject("no-such-request"))
    held.holds("device.pair.reject of none: refused", none and none.code == "INVALID_REQUEST", none)
    rotated = await gateway.device_token_rotate(device, "operator")
    held.shape("device.token.rotate", rotated, {
        "deviceId": device, "role": "operator", "token": str, "scopes": [str], "rotatedAtMs": int,
    })
    await gateway.close()
    write_token(device, rotated.get("token", ""))

    again = ProtocolGateway(URL, connect_timeout=checks.PATIENCE)
    await again.connect()
    held.shape("connect with the device's token alone", await again.call("health", {}), {"ok": True})
    revoked = await again.device_token_revoke(device, "operator")
    held.shape("device.token.revoke", revoked, {"deviceId": device, "role": "operator", "revokedAtMs": int})
    await again.close()

    late = ProtocolGateway(URL, connect_timeout=checks.PATIENCE)
    await late.connect()
    refused = await refusal(late.call("status", {}))
    held.holds("the revoked token opens nothing", refused is not None, refused)
    await late.close()


async def main() -> None:
    held = checks.Checks("openclaw-sdk")
    device = write_identity()
    gateway = ProtocolGateway(URL, checks.TOKEN, connect_timeout=checks.PATIENCE, default_timeout=checks.PATIENCE)
    await gateway.connect()
    await read_state(gateway, held)
    await read_conversations(gateway, held)
    await change_configuration(gateway, held)
    for method, call in LATER.items():
        if method in checks.SERVED:
            checks.note(f"  note  {method} is served now, and what it answers is not checked here")
            continue
        error = await refusal(call(gateway))
        held.unavailable(method, method, error, getattr(error, "code", None))
    for method, call in OF_NODES.items():
        error = await refusal(call(gateway))
        held.holds(f"{method}: refused to an operator",
                   error and error.code == "INVALID_REQUEST" and "unauthorized role: operator" in str(error), error)
    unknown = await refusal(gateway.call("no.such.method", {}))
    held.holds("an unknown method: refused by its name", "unknown method: no.such.method" in str(unknown), unknown)
    held.shape("health after all refusals", await gateway.call("health", {}), {"ok": True})
    await watch_events(gateway, held)
    await use_devices(gateway, held, device)
    held.finish()


asyncio.run(main())
