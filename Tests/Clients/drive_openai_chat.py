"""The openai package asks the built-in test model: chat, streams, tools, formats, errors, and a caller that leaves."""

import asyncio
import json

import openai
import pydantic

import checks

HELLO = [{"role": "user", "content": "Hello there"}]
SAID = "Alula's test model repeats: Hello there"
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather", "parameters": {
            "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
        },
    },
}


class Step(pydantic.BaseModel):
    """A part of a format that the package makes a schema of."""

    text: str
    done: bool


class Plan(pydantic.BaseModel):
    title: str
    steps: list[Step]


def make_client(**options: object) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{checks.HTTP}/v1", api_key=checks.TOKEN, max_retries=0, timeout=checks.PATIENCE, **options)


def chat(held: checks.Checks, client: openai.OpenAI) -> None:
    """Answers in one piece."""
    raw = client.chat.completions.with_raw_response.create(model="alula/echo", messages=HELLO)
    answer = raw.parse()
    held.holds("an answer", answer.choices[0].message.content == SAID, answer)
    held.holds("its end", answer.choices[0].finish_reason == "stop", answer)
    held.holds("its usage", (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (3, 6), answer.usage)
    held.holds("the caller's spelling of the model", answer.model == "alula/echo" and answer.id.startswith("chatcmpl"))
    wanted = {"x-alula-provider": "alula", "x-alula-model": "alula/echo", "x-alula-attempts": "1"}
    held.holds("who answered", all(raw.headers.get(key) == value for key, value in wanted.items()), raw.headers)
    again = client.chat.completions.create(model="alula/echo", messages=HELLO)
    held.holds("the same again", again.choices == answer.choices and again.usage == answer.usage)
    short = client.chat.completions.create(model="alula/echo", messages=HELLO, max_completion_tokens=2)
    held.holds("a limit of tokens", short.choices[0].finish_reason == "length" and short.usage.completion_tokens == 2)
    stopped = client.chat.completions.create(model="alula/echo", messages=HELLO, stop=[" there"])
    held.holds("a stop sequence", stopped.choices[0].message.content == "Alula's test model repeats: Hello", stopped)
    thoughts = client.chat.completions.create(model="alula/echo?think", messages=HELLO).choices[0].message
    held.holds("thoughts", getattr(thoughts, "reasoning_content", "").startswith("The caller"), thoughts)
    refusal = client.chat.completions.create(
        model="alula/echo", messages=HELLO, extra_body={"echo": {"refuse": True}}).choices[0].message
    held.holds("a refusal", refusal.refusal and refusal.content is None, refusal)


def stream(held: checks.Checks, client: openai.OpenAI) -> None:
    """Answers piece by piece."""
    chunks = list(client.chat.completions.create(
        model="alula/echo", messages=HELLO, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    held.holds("a stream", text == SAID and len(chunks) > 6, text)
    held.holds("a stream's end", [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop")
    held.holds("a stream's usage, last", not chunks[-1].choices and chunks[-1].usage.total_tokens == 9, chunks[-1])
    unasked = list(client.chat.completions.create(model="alula/echo", messages=HELLO, stream=True))
    held.holds("no usage unasked", all(chunk.usage is None for chunk in unasked))
    with client.chat.completions.stream(model="alula/echo?words=500", messages=HELLO) as events:
        final = events.get_final_completion()
    held.holds("a long stream", final.choices[0].message.content.split()[-1] == "word500")


def tools(held: checks.Checks, client: openai.OpenAI) -> None:
    """Calls of tools, and answers after them."""
    options = {"model": "alula/echo", "messages": HELLO, "tools": [WEATHER], "tool_choice": "required"}
    answer = client.chat.completions.create(**options).choices[0]
    call = answer.message.tool_calls[0]
    held.holds("a call of a tool", answer.finish_reason == "tool_calls" and call.function.name == "weather", answer)
    held.holds("its arguments", json.loads(call.function.arguments) == {"city": "echo", "days": 1}, call)
    with client.chat.completions.stream(**options) as events:
        streamed = events.get_final_completion().choices[0].message.tool_calls[0]
    held.holds("a call in a stream", streamed.function.arguments == call.function.arguments, streamed)
    after = client.chat.completions.create(model="alula/echo", tools=[WEATHER], messages=[
        *HELLO, {"role": "assistant", "tool_calls": [call.model_dump()]},
        {"role": "tool", "tool_call_id": call.id, "content": "Rain."},
    ])
    held.holds("an answer after the tool", after.choices[0].message.content.endswith("Rain."), after)
    parsed = client.chat.completions.parse(model="alula/echo", messages=HELLO, response_format=Plan)
    plan = parsed.choices[0].message.parsed
    held.holds("a format", isinstance(plan, Plan) and plan.steps[0].done is True, parsed)
    free = client.chat.completions.create(
        model="alula/echo", messages=HELLO, response_format={"type": "json_object"})
    held.holds("any object", json.loads(free.choices[0].message.content)["echo"] == "Hello there", free)


def errors(held: checks.Checks, client: openai.OpenAI) -> None:
    """What the package makes of what goes wrong."""
    cases = [
        ("a model that is not there", {"model": "fake/none"}, openai.NotFoundError, "model_not_found"),
        ("no messages", {"messages": []}, openai.BadRequestError, None),
        ("several answers", {"n": 2}, openai.BadRequestError, None),
        ("an option that is not there", {"model": "alula/echo?nonsense"}, openai.BadRequestError, None),
        ("too many requests", {"model": "alula/echo?fail=429"}, openai.RateLimitError, "rate_limit_exceeded"),
        ("no credit", {"model": "alula/echo?fail=402"}, openai.APIStatusError, "insufficient_quota"),
        ("a provider that is down", {"model": "alula/echo?fail=500"}, openai.InternalServerError, "timeout"),
        ("a login that is refused", {"model": "alula/echo?fail=401"}, openai.InternalServerError, None),
        ("no beginning", {"model": "alula/echo?break=0"}, openai.InternalServerError, None),
    ]
    for what, options, kind, code in cases:
        for streamed in [False, True]:
            try:
                client.chat.completions.create(
                    **{"model": "alula/echo", "messages": HELLO, "stream": streamed, **options})
                held.holds(f"{what}, streamed={streamed}", False, "an answer")
            except openai.APIStatusError as error:
                right = isinstance(error, kind) and (code is None or error.code == code)
                held.holds(f"{what}, streamed={streamed}", right, f"{type(error)} {error}")
    try:
        make_client().with_options(api_key="fake-wrong-token").chat.completions.create(
            model="alula/echo", messages=HELLO)
        held.holds("a wrong key", False, "an answer")
    except openai.AuthenticationError as error:
        held.holds("a wrong key", error.code == "invalid_api_key", error)
    seen = []
    try:
        for chunk in client.chat.completions.create(model="alula/echo?break=3", messages=HELLO, stream=True):
            seen += [choice.delta.content for choice in chunk.choices if choice.delta.content]
        held.holds("an answer that breaks off", False, seen)
    except openai.APIError as error:
        held.holds("an answer that breaks off", "break its answer off" in str(error) and len(seen) == 3, error)


def leaving(held: checks.Checks) -> None:
    """Callers that lose patience, close a stream, or are cancelled."""
    hasty = make_client().with_options(timeout=0.5)
    try:
        hasty.chat.completions.create(model="alula/echo?wait=600000", messages=HELLO)
        held.holds("a caller without patience", False, "an answer")
    except openai.APITimeoutError:
        held.holds("a caller without patience", True)
    answer = make_client().chat.completions.create(model="alula/echo?stall=2", messages=HELLO, stream=True)
    next(iter(answer))
    answer.close()

    async def cancel() -> bool:
        async with openai.AsyncOpenAI(base_url=f"{checks.HTTP}/v1", api_key=checks.TOKEN, max_retries=0) as client:
            return await checks.cancels(
                held, client.chat.completions.create(model="alula/echo?stall=0", messages=HELLO))

    checks.wait_until_none_is_open(held, "callers that left end the work")
    held.holds("a cancelled caller", asyncio.run(cancel()))
    checks.wait_until_none_is_open(held, "a cancelled caller ends the work")


def main() -> None:
    held = checks.Checks("openai-chat")
    client = make_client()
    held.holds("the model is listed", "alula/echo" in {model.id for model in client.models.list()})
    for part in [chat, stream, tools, errors]:
        part(held, client)
    leaving(held)
    held.finish()


main()
