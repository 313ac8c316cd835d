"""The anthropic package asks the built-in test model: chat, streams, tools, formats, errors, counts, and a caller that leaves."""

import asyncio
import json

import anthropic

import checks

HELLO = [{"role": "user", "content": "Hello there"}]
SAID = "Alula's test model repeats: Hello there"
WEATHER = {
    "name": "weather", "description": "How the weather will be.",
    "input_schema": {
        "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    },
}
DAY = {
    "type": "object", "properties": {"title": {"type": "string"}, "isDry": {"type": "boolean"}},
    "required": ["title", "isDry"], "additionalProperties": False,
}
# Whole errors by their words, for the table below.
KINDS = {
    "rate_limit_error": anthropic.RateLimitError, "not_found_error": anthropic.NotFoundError,
    "invalid_request_error": anthropic.BadRequestError, "authentication_error": anthropic.AuthenticationError,
}


def make_client(**options: object) -> anthropic.Anthropic:
    return anthropic.Anthropic(**{
        "base_url": checks.HTTP, "api_key": checks.TOKEN, "max_retries": 0, "timeout": checks.PATIENCE, **options})


def ask(client: anthropic.Anthropic, **options: object) -> anthropic.types.Message:
    return client.messages.create(**{"model": "alula/echo", "max_tokens": 1000, "messages": HELLO, **options})


def kinds(message: anthropic.types.Message) -> list[str]:
    return [block.type for block in message.content]


def chat(held: checks.Checks, client: anthropic.Anthropic) -> None:
    """Answers in one piece."""
    raw = client.messages.with_raw_response.create(model="alula/echo", max_tokens=1000, messages=HELLO)
    answer = raw.parse()
    held.holds("an answer", kinds(answer) == ["text"] and answer.content[0].text == SAID, answer)
    held.holds("its end", (answer.stop_reason, answer.stop_sequence) == ("end_turn", None), answer)
    held.holds("its usage", (answer.usage.input_tokens, answer.usage.output_tokens) == (3, 6), answer.usage)
    held.holds("the caller's spelling of the model", answer.model == "alula/echo" and answer.id.startswith("msg_"))
    held.holds("whom to ask about it", (raw.headers.get("request-id") or "").startswith("req_"), raw.headers)
    wanted = {"x-alula-provider": "alula", "x-alula-model": "alula/echo", "x-alula-attempts": "1"}
    held.holds("who answered", all(raw.headers.get(key) == value for key, value in wanted.items()), raw.headers)
    again = ask(client)
    held.holds("the same again", again.content == answer.content and again.usage == answer.usage)
    short = ask(client, max_tokens=2)
    held.holds("a limit of tokens", short.stop_reason == "max_tokens" and short.usage.output_tokens == 2, short)
    stopped = ask(client, stop_sequences=[" there"])
    held.holds("a stop sequence", (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", " there"), stopped)
    thoughts = ask(client, model="alula/echo?think", thinking={"type": "adaptive"})
    held.holds("thoughts", kinds(thoughts) == ["thinking", "text"], thoughts)
    held.holds("their text", thoughts.content[0].thinking.startswith("The caller"), thoughts)
    refusal = ask(client, extra_body={"echo": {"refuse": True}})
    held.holds("a refusal", refusal.stop_reason == "refusal" and "refuse" in refusal.content[0].text, refusal)
    system = ask(client, system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}])
    held.holds("instructions", system.content[0].text == SAID and system.usage.input_tokens == 5, system)
    tokens = make_client(api_key=None, auth_token=checks.TOKEN)
    held.holds("a token in place of a key", ask(tokens).content[0].text == SAID)
    key = make_client(api_key=None, default_headers={"x-api-key": checks.TOKEN, "authorization": ""})
    held.holds("a key in its own header", ask(key).content[0].text == SAID)


def stream(held: checks.Checks, client: anthropic.Anthropic) -> None:
    """Answers piece by piece."""
    options = {"model": "alula/echo", "max_tokens": 5000, "messages": HELLO}
    events = list(client.messages.create(**options, stream=True))
    names = [event.type for event in events]
    held.holds("a stream's order", names[:2] == ["message_start", "content_block_start"]
               and names[-3:] == ["content_block_stop", "message_delta", "message_stop"], names)
    with client.messages.stream(**options) as running:
        text = "".join(running.text_stream)
        final = running.get_final_message()
    held.holds("a stream", text == SAID and final.content[0].text == SAID, final)
    held.holds("a stream's end", final.stop_reason == "end_turn", final)
    held.holds("a stream's usage", (final.usage.input_tokens, final.usage.output_tokens) == (3, 6), final.usage)
    with client.messages.stream(**{**options, "model": "alula/echo?words=500&think"}) as running:
        final = running.get_final_message()
    held.holds("a long stream", kinds(final) == ["thinking", "text"] and final.content[1].text.endswith(" word500"))
    with client.messages.stream(**options, stop_sequences=[" there"]) as running:
        final = running.get_final_message()
    held.holds("a stop sequence in a stream", final.stop_sequence == " there", final)


def tools(held: checks.Checks, client: anthropic.Anthropic) -> None:
    """Calls of tools, and answers after them."""
    other = {**WEATHER, "name": "tides"}
    options = {
        "model": "alula/echo?tools=2", "max_tokens": 1000, "messages": HELLO, "tools": [WEATHER, other],
        "tool_choice": {"type": "any"},
    }
    answer = client.messages.create(**options)
    held.holds("calls of tools", answer.stop_reason == "tool_use" and kinds(answer) == ["tool_use"] * 2, answer)
    call = answer.content[0]
    held.holds("their arguments", call.name == "weather" and call.input == {"city": "echo", "days": 1}, call)
    with client.messages.stream(**options) as running:
        streamed = running.get_final_message()
    held.holds("calls in a stream", [b.input for b in streamed.content] == [b.input for b in answer.content], streamed)
    one = client.messages.create(**{**options, "tool_choice": {"type": "tool", "name": "tides"}})
    held.holds("a certain tool", [block.name for block in one.content] == ["tides"], one)
    none = client.messages.create(**{**options, "tool_choice": {"type": "none"}})
    held.holds("no tool", kinds(none) == ["text"], none)
    results = [{"type": "tool_result", "tool_use_id": block.id, "content": "Rain."} for block in answer.content]
    after = client.messages.create(
        model="alula/echo", max_tokens=1000, tools=[WEATHER, other],
        messages=[*HELLO, answer.to_param(), {"role": "user", "content": results}])
    held.holds("an answer after the tools", after.content[0].text.endswith("Rain."), after)
    formatted = ask(client, output_config={"format": {"type": "json_schema", "schema": DAY}})
    held.holds("a format", json.loads(formatted.content[0].text) == {"title": "echo", "isDry": True}, formatted)


def counts(held: checks.Checks, client: anthropic.Anthropic) -> None:
    """Numbers of tokens without an answer."""
    raw = client.messages.with_raw_response.count_tokens(model="alula/echo", messages=HELLO)
    held.holds("a count", raw.parse().input_tokens == 3, raw.parse())
    held.holds("that it is a guess", raw.headers.get("x-alula-estimate") == "true", raw.headers)
    more = client.messages.count_tokens(model="alula/echo", messages=HELLO, tools=[WEATHER], system="Be brief.")
    held.holds("a count with tools", more.input_tokens > 30, more)
    try:
        client.messages.count_tokens(model="fake/none", messages=HELLO)
        held.holds("a count for no model", False, "a count")
    except anthropic.NotFoundError as error:
        held.holds("a count for no model", error.body["error"]["type"] == "not_found_error", error)


def errors(held: checks.Checks, client: anthropic.Anthropic) -> None:
    """What the package makes of what goes wrong."""
    cases = [
        ("a model that is not there", {"model": "fake/none"}, 404, "not_found_error"),
        ("no messages", {"messages": []}, 400, "invalid_request_error"),
        ("a tool of the provider's", {"tools": [{"type": "bash_20250124", "name": "bash"}]}, 400,
         "invalid_request_error"),
        ("an option that is not there", {"model": "alula/echo?nonsense"}, 400, "invalid_request_error"),
        ("too many requests", {"model": "alula/echo?fail=429"}, 429, "rate_limit_error"),
        ("no credit", {"model": "alula/echo?fail=402"}, 402, "billing_error"),
        ("a provider that is down", {"model": "alula/echo?fail=500"}, 504, "timeout_error"),
        ("a provider that is too busy", {"model": "alula/echo?fail=529"}, 529, "overloaded_error"),
        ("a login that is refused", {"model": "alula/echo?fail=401"}, 502, "api_error"),
        ("no beginning", {"model": "alula/echo?break=0"}, 502, "api_error"),
    ]
    for what, options, status, word in cases:
        for streamed in [False, True]:
            try:
                ask(client, **{"stream": streamed, **options})
                held.holds(f"{what}, streamed={streamed}", False, "an answer")
            except anthropic.APIStatusError as error:
                right = error.status_code == status and error.body["error"]["type"] == word
                right = right and isinstance(error, KINDS.get(word, anthropic.APIStatusError))
                held.holds(f"{what}, streamed={streamed}", right, f"{type(error)} {error}")
    try:
        ask(make_client(api_key="fake-wrong-token"))
        held.holds("a wrong key", False, "an answer")
    except anthropic.AuthenticationError as error:
        held.holds("a wrong key", error.body["error"]["type"] == "authentication_error", error)
    seen = []
    try:
        for event in ask(client, model="alula/echo?break=3", stream=True):
            seen += [event.delta.text] if event.type == "content_block_delta" else []
        held.holds("an answer that breaks off", False, seen)
    except anthropic.APIStatusError as error:
        held.holds("an answer that breaks off", "break its answer off" in str(error) and len(seen) == 3, error)


def leaving(held: checks.Checks) -> None:
    """Callers that lose patience, close a stream, or are cancelled."""
    try:
        ask(make_client(timeout=0.5), model="alula/echo?wait=600000")
        held.holds("a caller without patience", False, "an answer")
    except anthropic.APITimeoutError:
        held.holds("a caller without patience", True)
    answer = ask(make_client(), model="alula/echo?stall=2", stream=True)
    next(iter(answer))
    answer.close()
    checks.wait_until_none_is_open(held, "callers that left end the work")

    async def cancel() -> bool:
        async with anthropic.AsyncAnthropic(base_url=checks.HTTP, api_key=checks.TOKEN, max_retries=0) as client:
            return await checks.cancels(
                held, client.messages.create(model="alula/echo?stall=0", max_tokens=10, messages=HELLO))

    held.holds("a cancelled caller", asyncio.run(cancel()))
    checks.wait_until_none_is_open(held, "a cancelled caller ends the work")


def main() -> None:
    held = checks.Checks("anthropic")
    client = make_client()
    for part in [chat, stream, tools, counts, errors]:
        part(held, client)
    leaving(held)
    held.finish()


main()
