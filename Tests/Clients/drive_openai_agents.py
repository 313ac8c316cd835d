"""The agents SDK runs agents on the built-in test model by its default route, the Responses API."""

import asyncio

import agents
import openai
import pydantic

import checks

SAID = "Alula's test model repeats: Hello there"


class Plan(pydantic.BaseModel):
    title: str
    steps: list[str]


def client() -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=f"{checks.HTTP}/v1", api_key=checks.TOKEN, max_retries=0, timeout=checks.PATIENCE)


def model(name: str = "alula/echo") -> agents.OpenAIResponsesModel:
    return agents.OpenAIResponsesModel(model=name, openai_client=client())


asked: list[str] = []


@agents.function_tool
def weather(city: str, days: int) -> str:
    """Says what the weather will be."""
    asked.append(f"{city} {days}")
    return "Rain."


async def answers(held: checks.Checks) -> None:
    """Answers without tools."""
    agent = agents.Agent(name="lab", instructions="Be brief.", model=model())
    result = await agents.Runner.run(agent, "Hello there")
    held.holds("an answer", result.final_output == SAID, result)
    again = await agents.Runner.run(agent, [*result.to_input_list(), {"role": "user", "content": "And now?"}])
    held.holds("a second turn", again.final_output == "Alula's test model repeats: And now?", again)
    used = result.raw_responses[0].usage
    held.holds("its usage", used.output_tokens == 6 and used.total_tokens == used.input_tokens + 6, used)
    typed = await agents.Runner.run(agents.Agent(name="lab", model=model(), output_type=Plan), "Hello there")
    held.holds("a format", isinstance(typed.final_output, Plan), typed)
    settings = agents.ModelSettings(
        temperature=0.5, top_p=0.5, max_tokens=100, truncation="auto", store=False, parallel_tool_calls=True,
        metadata={"a": "b"}, include_usage=True, verbosity="low", reasoning={"effort": "low", "summary": "auto"},
        response_include=["reasoning.encrypted_content"])
    result = await agents.Runner.run(
        agents.Agent(name="lab", model=model(), model_settings=settings), "Hello there")
    held.holds("settings", result.final_output == SAID, result)


async def streams(held: checks.Checks) -> None:
    """Answers piece by piece."""
    result = agents.Runner.run_streamed(agents.Agent(name="lab", model=model("alula/echo?think")), "Hello there")
    text, kinds = "", set()
    async for event in result.stream_events():
        if event.type == "raw_response_event":
            kinds.add(event.data.type)
            if event.data.type == "response.output_text.delta":
                text += event.data.delta
    held.holds("a stream", text == SAID and result.final_output == SAID, text)
    held.holds("thoughts in it", "response.reasoning_summary_text.delta" in kinds, kinds)


async def tools(held: checks.Checks) -> None:
    """An agent that has its tool called, and answers with what it gave."""
    agent = agents.Agent(
        name="lab", model=model("alula/echo?think"), tools=[weather],
        model_settings=agents.ModelSettings(tool_choice="required"))
    result = await agents.Runner.run(agent, "Hello there")
    held.holds("a tool that was called", asked == ["echo 1"], asked)
    held.holds("an answer with it", result.final_output.endswith("Rain."), result)
    kinds = [item.type for item in result.new_items]
    held.holds(
        "the way there", kinds[:3] == ["reasoning_item", "tool_call_item", "tool_call_output_item"], kinds)
    asked.clear()
    streamed = agents.Runner.run_streamed(agent, "Hello there")
    async for _ in streamed.stream_events():
        pass
    held.holds("the same in a stream", asked == ["echo 1"] and streamed.final_output.endswith("Rain."), streamed)


async def errors(held: checks.Checks) -> None:
    """What the package makes of what goes wrong."""
    for name, kind in [("alula/echo?fail=429", openai.RateLimitError), ("fake/none", openai.NotFoundError)]:
        try:
            await agents.Runner.run(agents.Agent(name="lab", model=model(name)), "x")
            held.holds(f"{name} fails", False, "an answer")
        except openai.APIStatusError as error:
            held.holds(f"{name} fails", isinstance(error, kind), error)
    try:
        hosted = agents.Agent(name="lab", model=model(), tools=[agents.WebSearchTool()])
        await agents.Runner.run(hosted, "x")
        held.holds("a tool of the provider", False, "an answer")
    except openai.BadRequestError as error:
        held.holds("a tool of the provider", error.param == "tools[0].type", error)
    try:
        broken = agents.Runner.run_streamed(agents.Agent(name="lab", model=model("alula/echo?break=3")), "Hello there")
        async for _ in broken.stream_events():
            pass
        held.holds("an answer that breaks off", False, broken.final_output)
    except Exception as error:  # The package has several kinds for it.
        held.holds("an answer that breaks off", "break its answer off" in str(error), repr(error))


async def drive() -> None:
    held = checks.Checks("openai-agents")
    agents.set_tracing_disabled(True)
    for part in [answers, streams, tools, errors]:
        await part(held)
    held.finish()


asyncio.run(drive())
