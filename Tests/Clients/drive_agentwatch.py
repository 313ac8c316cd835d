"""agentwatch-cli: protocol 3, a back end with the token alone, which only chats."""

import asyncio

from agentwatch_cli.moltbot_client import MoltbotClient

import checks


async def main() -> None:
    held = checks.Checks("agentwatch-cli")
    client = MoltbotClient(checks.HTTP, checks.TOKEN, timeout=checks.PATIENCE)
    held.holds("connect", await client.connect())
    held.holds("health_check()", await client.health_check())
    if "chat.send" not in checks.SERVED:
        for attempt in ["chat.send", "chat.send again"]:
            try:
                answer = await client.chat([{"role": "user", "content": "hello"}], max_retries=1)
            except Exception as error:  # The client raises no type of its own, and quotes the whole error.
                answer = str(error)
            code = "UNAVAILABLE" if "'code': 'UNAVAILABLE'" in answer else answer
            held.unavailable(attempt, "chat.send", answer, code)
    await client.disconnect()
    wrong = MoltbotClient(checks.HTTP, "fake-wrong-token")
    held.holds("a wrong token: refused", not await wrong.connect())
    held.finish()


asyncio.run(main())
