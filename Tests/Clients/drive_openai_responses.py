"""The openai package asks the built-in test model over the Responses API: answers, streams, tools, formats, errors, and a
caller that leaves."""

import asyncio
import json

import openai
import pydantic

import checks

SAID = "Alula's test model repeats: Hello there"
ASKED = {"model": "alula/echo", "input": "Hello there"}
WEATHER = {
    "type": "function", "name": "weather", "strict": False,
    "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
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


def strictly(held: checks.Checks, what: str, answer: object) -> None:
    """Notes whether an answer is what the package's own types say. The package itself reads more leniently."""
    try:
        type(answer).model_validate(json.loads(answer.model_dump_json(by_alias=True, exclude_unset=True)), strict=False)
        held.holds(what, True)
    except pydantic.ValidationError as error:
        held.holds(what, False, error)


def answers(held: checks.Checks, client: openai.OpenAI) -> None:
    """Answers in one piece."""
    raw = client.responses.with_raw_response.create(**ASKED)
    answer = raw.parse()
    held.holds("an answer", answer.output_text == SAID and answer.status == "completed", answer)
    strictly(held, "an answer in the package's types", answer)
    held.holds("its usage", (answer.usage.input_tokens, answer.usage.output_tokens) == (3, 6), answer.usage)
    held.holds("the caller's spelling of the model", answer.model == "alula/echo" and answer.id.startswith("resp_"))
    wanted = {"x-alula-provider": "alula", "x-alula-model": "alula/echo", "x-alula-attempts": "1"}
    held.holds("who answered", all(raw.headers.get(key) == value for key, value in wanted.items()), raw.headers)
    items = client.responses.create(
        model="alula/echo", instructions="Be brief.", metadata={"a": "b"}, input=[
            {"role": "user", "content": [{"type": "input_text", "text": "Hello there"}]}], store=False)
    held.holds("items in place of a text", items.output_text == SAID, items)
    held.holds("what was asked", items.instructions == "Be brief." and items.metadata == {"a": "b"}, items)
    short = client.responses.create(**ASKED, max_output_tokens=2)
    held.holds(
        "a limit of tokens", short.status == "incomplete" and short.incomplete_details.reason == "max_output_tokens",
        short)
    thoughts = client.responses.create(model="alula/echo?think", input="Hello there").output[0]
    held.holds("thoughts", thoughts.type == "reasoning" and thoughts.summary[0].text.startswith("The caller"), thoughts)
    refusal = client.responses.create(**ASKED, extra_body={"echo": {"refuse": True}}).output[0]
    held.holds("a refusal", refusal.content[0].type == "refusal" and refusal.content[0].refusal, refusal)


def streams(held: checks.Checks, client: openai.OpenAI) -> None:
    """Answers piece by piece."""
    events = list(client.responses.create(**ASKED, stream=True))
    kinds = [event.type for event in events]
    held.holds("a stream's beginning", kinds[:3] == [
        "response.created", "response.in_progress", "response.output_item.added"], kinds)
    held.holds("a stream's end", kinds[-4:] == [
        "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed"])
    held.holds("its numbers", [event.sequence_number for event in events] == list(range(len(events))))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    held.holds("its text", text == SAID and kinds.count("response.output_text.delta") > 3, text)
    held.holds("its usage", events[-1].response.usage.total_tokens == 9, events[-1])
    held.holds("its whole answer", events[-1].response.output_text == SAID, events[-1])
    for event in {event.type: event for event in events}.values():
        strictly(held, f"{event.type} in the package's types", event)
    with client.responses.stream(model="alula/echo?think", input="Hello there") as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    held.holds("thoughts in a stream", "response.reasoning_summary_text.delta" in kinds, kinds)
    held.holds("an answer after them", final.output_text == SAID and final.output[0].type == "reasoning", final)
    with client.responses.stream(model="alula/echo?words=500", input="x") as stream:
        held.holds("a long stream", stream.get_final_response().output_text.split()[-1] == "word500")
    short = list(client.responses.create(**ASKED, max_output_tokens=2, stream=True))[-1]
    held.holds("a limit of tokens in a stream", short.type == "response.incomplete", short)


def tools(held: checks.Checks, client: openai.OpenAI) -> None:
    """Calls of tools, and answers after them."""
    options = {**ASKED, "tools": [WEATHER], "tool_choice": "required"}
    answer = client.responses.create(**options)
    call = answer.output[-1]
    held.holds("a call of a tool", call.type == "function_call" and call.name == "weather", answer)
    held.holds("its arguments", json.loads(call.arguments) == {"city": "echo", "days": 1}, call)
    with client.responses.stream(**options) as stream:
        streamed = stream.get_final_response().output[-1]
    held.holds("a call in a stream", streamed.arguments == call.arguments, streamed)
    several = client.responses.create(
        model="alula/echo?tools=3&think", input="Hello there", tools=[WEATHER, {**WEATHER, "name": "clock"}])
    calls = [item for item in several.output if item.type == "function_call"]
    held.holds("several calls", len(calls) > 1 and len({item.call_id for item in calls}) == len(calls), several)
    after = client.responses.create(model="alula/echo", tools=[WEATHER], input=[
        {"role": "user", "content": "Hello there"},
        *[item.model_dump(exclude_none=True) for item in several.output],
        *[{"type": "function_call_output", "call_id": item.call_id, "output": "Rain."} for item in calls],
    ])
    held.holds("an answer after the tools", after.output_text.endswith("Rain."), after)
    parsed = client.responses.parse(**ASKED, text_format=Plan)
    plan = parsed.output_parsed
    held.holds("a format", isinstance(plan, Plan) and plan.steps[0].done is True, parsed)
    with client.responses.stream(**ASKED, text_format=Plan) as stream:
        held.holds("a format in a stream", isinstance(stream.get_final_response().output_parsed, Plan))
    free = client.responses.create(**ASKED, text={"format": {"type": "json_object"}})
    held.holds("any object", json.loads(free.output_text)["echo"] == "Hello there", free)


def errors(held: checks.Checks, client: openai.OpenAI) -> None:
    """What the package makes of what goes wrong."""
    bad = openai.BadRequestError
    cases = [
        ("a model that is not there", {"model": "fake/none"}, openai.NotFoundError, "model_not_found", "model"),
        ("no input", {"input": []}, bad, None, "input"),
        ("an earlier answer", {"previous_response_id": "resp_1"}, bad, None, "previous_response_id"),
        ("a conversation", {"conversation": "conv_1"}, bad, None, "conversation"),
        ("a background", {"background": True}, bad, None, "background"),
        ("a tool of the provider", {"tools": [{"type": "web_search"}]}, bad, None, "tools[0].type"),
        ("an item that is kept", {"input": [{"type": "item_reference", "id": "msg_1"}]}, bad, None, "input[0]"),
        ("too many requests", {"model": "alula/echo?fail=429"}, openai.RateLimitError, "rate_limit_exceeded", None),
        ("a provider that is down", {"model": "alula/echo?fail=500"}, openai.InternalServerError, "timeout", None),
        ("no beginning", {"model": "alula/echo?break=0"}, openai.InternalServerError, None, None),
    ]
    for what, options, kind, code, parameter in cases:
        for streamed in [False, True]:
            try:
                client.responses.create(**{**ASKED, "stream": streamed, **options})
                held.holds(f"{what}, streamed={streamed}", False, "an answer")
            except openai.APIStatusError as error:
                right = isinstance(error, kind) and (code is None or error.code == code) and error.param == parameter
                held.holds(f"{what}, streamed={streamed}", right, f"{type(error)} {error}")
    try:
        make_client().with_options(api_key="fake-wrong-token").responses.create(**ASKED)
        held.holds("a wrong key", False, "an answer")
    except openai.AuthenticationError as error:
        held.holds("a wrong key", error.code == "invalid_api_key", error)
    try:
        client.responses.retrieve("resp_1")
        held.holds("an answer that is not kept", False, "an answer")
    except openai.NotFoundError as error:
        held.holds("an answer that is not kept", error.code == "not_found", error)
    events = list(client.responses.create(model="alula/echo?break=3", input="Hello there", stream=True))
    said = [event.delta for event in events if event.type == "response.output_text.delta"]
    held.holds(
        "an answer that breaks off",
        events[-1].type == "response.failed" and "break its answer off" in events[-1].response.error.message
        and len(said) == 3, events[-1])
    strictly(held, "its end in the package's types", events[-1])


def leaving(held: checks.Checks) -> None:
    """Callers that lose patience, close a stream, or are cancelled."""
    hasty = make_client().with_options(timeout=0.5)
    try:
        hasty.responses.create(model="alula/echo?wait=600000", input="x")
        held.holds("a caller without patience", False, "an answer")
    except openai.APITimeoutError:
        held.holds("a caller without patience", True)
    answer = make_client().responses.create(model="alula/echo?stall=2", input="x", stream=True)
    next(iter(answer))
    answer.close()

    async def cancel() -> bool:
        async with openai.AsyncOpenAI(base_url=f"{checks.HTTP}/v1", api_key=checks.TOKEN, max_retries=0) as client:
            return await checks.cancels(held, client.responses.create(model="alula/echo?stall=0", input="x"))

    checks.wait_until_none_is_open(held, "callers that left end the work")
    held.holds("a cancelled caller", asyncio.run(cancel()))
    checks.wait_until_none_is_open(held, "a cancelled caller ends the work")


def main() -> None:
    held = checks.Checks("openai-responses")
    client = make_client()
    for part in [answers, streams, tools, errors]:
        part(held, client)
    leaving(held)
    held.finish()


main()
