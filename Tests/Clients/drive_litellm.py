"""The litellm package asks the built-in test model through two of its routes, OpenAI's and Anthropic's: chat, streams, tools,
formats, responses, errors, retries and a caller that leaves."""

import asyncio
import json
import os

# Else it asks the internet what models cost.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

import checks

HELLO = [{"role": "user", "content": "Hello there"}]
SAID = "Alula's test model repeats: Hello there"
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather", "description": "How the weather will be.",
        "parameters": {
            "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
        },
    },
}
DAY = {
    "type": "json_schema",
    "json_schema": {
        "name": "day", "strict": True,
        "schema": {
            "type": "object", "properties": {"title": {"type": "string"}, "isDry": {"type": "boolean"}},
            "required": ["title", "isDry"], "additionalProperties": False,
        },
    },
}
# The package's word for a route, and where it looks for the address.
ROUTES = {"openai": f"{checks.HTTP}/v1", "anthropic": checks.HTTP}


def options(route: str, **more: object) -> dict[str, object]:
    model = more.pop("model", "alula/echo")
    return {
        "model": f"{route}/{model}", "api_base": ROUTES[route], "api_key": checks.TOKEN, "messages": HELLO,
        "max_tokens": 1000, "num_retries": 0, "max_retries": 0, "timeout": checks.PATIENCE, **more}


def chat(held: checks.Checks, route: str) -> None:
    """Answers in one piece and piece by piece."""
    answer = litellm.completion(**options(route))
    held.holds(f"{route}: an answer", answer.choices[0].message.content == SAID, answer)
    held.holds(f"{route}: its end", answer.choices[0].finish_reason == "stop", answer)
    held.holds(f"{route}: its usage", (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (3, 6), answer)
    short = litellm.completion(**options(route, max_tokens=2))
    held.holds(f"{route}: a limit of tokens", short.choices[0].finish_reason == "length", short)
    pieces = list(litellm.completion(**options(route, stream=True, stream_options={"include_usage": True})))
    text = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
    held.holds(f"{route}: a stream", text == SAID, text)
    usage = [piece.usage for piece in pieces if getattr(piece, "usage", None)]
    held.holds(f"{route}: a stream's usage", bool(usage) and usage[-1].completion_tokens == 6, usage)


def tools(held: checks.Checks, route: str) -> None:
    """Calls of tools and their results, and answers in a format."""
    wanted = options(route, tools=[WEATHER], tool_choice="required")
    answer = litellm.completion(**wanted).choices[0].message
    calls = answer.tool_calls or []
    held.holds(f"{route}: a call", [call.function.name for call in calls] == ["weather"], answer)
    arguments = json.loads(calls[0].function.arguments) if calls else {}
    held.holds(f"{route}: its arguments", set(arguments) == {"city", "days"}, arguments)
    if calls:
        turns = HELLO + [
            answer.model_dump(), {"role": "tool", "tool_call_id": calls[0].id, "content": "It will rain."}]
        last = litellm.completion(**options(route, tools=[WEATHER], messages=turns)).choices[0]
        held.holds(f"{route}: after its result", last.finish_reason == "stop" and last.message.content, last)
    pieces = list(litellm.completion(**wanted, stream=True))
    whole = litellm.stream_chunk_builder(pieces).choices[0].message.tool_calls or []
    held.holds(f"{route}: a call in a stream", len(whole) == 1 and json.loads(whole[0].function.arguments), whole)
    day = litellm.completion(**options(route, response_format=DAY)).choices[0].message.content
    held.holds(f"{route}: a format", set(json.loads(day or "{}")) == {"title", "isDry"}, day)


def errors(held: checks.Checks, route: str) -> None:
    """Errors arrive as the package's own kinds."""
    cases = [
        ("a wrong key", {"api_key": "fake-wrong"}, litellm.AuthenticationError),
        ("a model that is not there", {"model": "nobody/none"}, litellm.NotFoundError),
        ("too many requests", {"model": "alula/echo?fail=429"}, litellm.RateLimitError),
        ("a provider that is down", {"model": "alula/echo?fail=500"}, litellm.Timeout),
    ]
    for what, change, kind in cases:
        try:
            litellm.completion(**options(route, **change))
            held.holds(f"{route}: {what}", False, "an answer")
        except Exception as error:
            held.holds(f"{route}: {what}", isinstance(error, kind), repr(error))


def responses(held: checks.Checks) -> None:
    """The Responses API by the package's own call."""
    answer = litellm.responses(
        model="openai/alula/echo", input="Hello there", api_base=ROUTES["openai"], api_key=checks.TOKEN)
    held.holds("responses: an answer", answer.output[0].content[0].text == SAID, answer)


async def leaving(held: checks.Checks) -> None:
    """A caller that leaves."""
    call = litellm.acompletion(**options("openai", model="alula/echo?wait=600000"))
    held.holds("a caller that leaves", await checks.cancels(held, call))
    checks.wait_until_none_is_open(held, "its work ends")


def main() -> None:
    held = checks.Checks("litellm")
    for route in ROUTES:
        chat(held, route)
        tools(held, route)
        errors(held, route)
    responses(held)
    asyncio.run(leaving(held))
    held.finish()


main()
