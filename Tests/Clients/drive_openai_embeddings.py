"""The openai package asks the built-in test model for vectors: as it does by itself, and in every form that the API has."""

import asyncio
import base64
import struct

import openai

import checks


def make_client(**options: object) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{checks.HTTP}/v1", api_key=checks.TOKEN, max_retries=0, timeout=checks.PATIENCE, **options)


def nearness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def vectors(held: checks.Checks, client: openai.OpenAI) -> None:
    """What is asked for as the package does it, which is in base 64, and in numbers."""
    raw = client.embeddings.with_raw_response.create(model="alula/echo", input=["Hello there", "hello THERE", "Goodbye"])
    answer = raw.parse()
    made = [list(entry.embedding) for entry in answer.data]
    held.holds("vectors", [len(vector) for vector in made] == [64, 64, 64], made)
    held.holds("their order", [entry.index for entry in answer.data] == [0, 1, 2])
    held.holds("the same words, the same vector", made[0] == made[1] != made[2])
    held.holds("a length of 1", all(abs(nearness(vector, vector) - 1) < 1e-4 for vector in made))
    held.holds("usage", answer.usage.prompt_tokens == answer.usage.total_tokens == 8, answer.usage)
    held.holds("the caller's spelling of the model", answer.model == "alula/echo")
    wanted = {"x-alula-provider": "alula", "x-alula-model": "alula/echo", "x-alula-attempts": "1"}
    held.holds("who answered", all(raw.headers.get(key) == value for key, value in wanted.items()), raw.headers)
    numbers = client.embeddings.create(model="alula/echo", input="Hello there", encoding_format="float")
    # As text a number has the fewest digits that tell it from its neighbours among those of 32 bits.
    held.holds(
        "the same in numbers", struct.pack("<64f", *numbers.data[0].embedding) == struct.pack("<64f", *made[0]))
    packed = client.embeddings.create(model="alula/echo", input="Hello there", encoding_format="base64")
    text = packed.data[0].embedding
    held.holds(
        "the same in base 64",
        isinstance(text, str) and list(struct.unpack("<64f", base64.b64decode(text, validate=True))) == made[0], text)
    longer = client.embeddings.create(model="alula/echo", input="Hello there", dimensions=1536)
    held.holds("a wanted length", len(longer.data[0].embedding) == 1536)
    tokens = client.embeddings.create(model="alula/echo", input=[[1, 2, 3], [4]])
    held.holds("numbers of tokens", len(tokens.data) == 2 and tokens.usage.prompt_tokens == 4, tokens.usage)
    many = client.embeddings.create(model="alula/echo", input=[f"text {number}" for number in range(2048)])
    held.holds("2,048 inputs", len({tuple(entry.embedding) for entry in many.data}) > 2000)


def errors(held: checks.Checks, client: openai.OpenAI) -> None:
    """Every error has its class and names what is wrong."""
    cases = [
        ("no input", {"input": []}, openai.BadRequestError, "input"),
        ("too many inputs", {"input": ["x"] * 2049}, openai.BadRequestError, "input"),
        ("a mixed input", {"input": ["x", 1]}, openai.BadRequestError, "input[1]"),
        ("an odd encoding", {"encoding_format": "int8"}, openai.BadRequestError, "encoding_format"),
        ("no length", {"dimensions": 0}, openai.BadRequestError, "dimensions"),
        ("too long", {"dimensions": 5000}, openai.BadRequestError, "dimensions"),
        ("a model that does not exist", {"model": "nobody/none"}, openai.NotFoundError, "model"),
        ("a limit", {"model": "alula/echo?fail=429"}, openai.RateLimitError, None),
        ("no credit", {"model": "alula/echo?fail=402"}, openai.APIStatusError, None),
    ]
    for what, options, kind, place in cases:
        try:
            client.embeddings.create(**{"model": "alula/echo", "input": "Hello", **options})
            held.holds(what, False, "an answer")
        except openai.APIStatusError as error:
            held.holds(what, isinstance(error, kind) and error.param == place, f"{type(error)} {error.param} {error}")
    try:
        make_client().with_options(api_key="fake-wrong-token").embeddings.create(model="alula/echo", input="Hello")
        held.holds("a wrong key", False, "an answer")
    except openai.AuthenticationError as error:
        held.holds("a wrong key", error.code == "invalid_api_key", error)


def leaving(held: checks.Checks) -> None:
    async def cancel() -> bool:
        async with openai.AsyncOpenAI(base_url=f"{checks.HTTP}/v1", api_key=checks.TOKEN, max_retries=0) as client:
            return await checks.cancels(
                held, client.embeddings.create(model="alula/echo?wait=600000", input="Hello"))

    held.holds("a cancelled caller", asyncio.run(cancel()))
    checks.wait_until_none_is_open(held, "a cancelled caller ends the work")


def main() -> None:
    held = checks.Checks("openai-embeddings")
    client = make_client()
    vectors(held, client)
    errors(held, client)
    leaving(held)
    held.finish()


main()
