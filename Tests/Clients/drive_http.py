"""The openai package and curl: what the port answers over plain HTTP."""

import json
import subprocess

import openai

import checks


def curl(path: str, *options: str) -> tuple[int, str, str]:
    """Status, type and body of one answer."""
    mark = "\n%{http_code} %{content_type}"
    ended = subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", str(checks.PATIENCE), "--write-out", mark, *options,
         f"{checks.HTTP}{path}"], capture_output=True, text=True, check=True)
    body, _, last = ended.stdout.rpartition("\n")
    status, _, kind = last.partition(" ")
    return int(status), kind, body


def use_openai(held: checks.Checks) -> None:
    """The package as anybody sets it up."""
    client = openai.OpenAI(
        base_url=f"{checks.HTTP}/v1", api_key=checks.TOKEN, max_retries=0, timeout=checks.PATIENCE)
    models = client.models.list()
    rows = {model.id: model for model in models}
    ours = rows.get("fake/echo-1")
    held.holds("openai: models.list()",
               models.object == "list" and ours and ours.object == "model" and ours.owned_by == "fake", rows)
    held.holds("openai: models.retrieve()", client.models.retrieve("fake/echo-1") == ours)
    try:
        client.models.retrieve("fake/none")
        held.holds("openai: a model that is not there", False, "an answer")
    except openai.NotFoundError as error:
        held.holds("openai: a model that is not there", "Model 'fake/none' not found." in str(error), error)
    try:
        openai.OpenAI(base_url=f"{checks.HTTP}/v1", api_key="fake-wrong-token", max_retries=0).models.list()
        held.holds("openai: a wrong key", False, "an answer")
    except openai.AuthenticationError as error:
        held.holds("openai: a wrong key", error.status_code == 401, error)
    held.holds("openai: models.list() after the refusals", {model.id for model in client.models.list()} == set(rows))


def use_curl(held: checks.Checks) -> None:
    """Probes, measurements and models, as scripts ask for them."""
    bearer = ["--header", f"Authorization: Bearer {checks.TOKEN}"]
    for path in ["/healthz", "/health"]:
        status, kind, body = curl(path)
        held.holds(f"curl {path}", status == 200 and kind.startswith("application/json"), (status, kind))
        held.shape(f"curl {path}: the body", json.loads(body), {"ok": True, "status": "live"})
    for path in ["/readyz", "/ready"]:
        status, kind, body = curl(path)
        held.holds(f"curl {path}", status == 200 and kind.startswith("application/json"), (status, kind))
        held.shape(f"curl {path}: the body", json.loads(body), {"ready": True, "failing": [], "uptimeMs": int})
    status, kind, body = curl("/metrics", *bearer)
    held.holds("curl /metrics", status == 200 and kind.startswith("text/plain; version=0.0.4"), (status, kind))
    wrong = [line for line in body.splitlines() if not line.startswith("#") and not is_sample(line)]
    held.holds("curl /metrics: samples, each a name and a number", body.count("# TYPE ") > 3 and not wrong, wrong)
    held.holds("curl /metrics: no secret", checks.TOKEN not in body)
    status, kind, body = curl("/v1/models", *bearer)
    held.holds("curl /v1/models", status == 200 and kind.startswith("application/json"), (status, kind))
    held.shape("curl /v1/models: the body", json.loads(body), {
        "object": "list", "data": [{
            "id": str, "object": "model", "created": int, "owned_by": str, "permission": [],
        }],
    })
    status, kind, body = curl("/v1/models")
    held.holds("curl /v1/models without the token", status == 401 and "error" in json.loads(body), (status, body))
    status, _, _ = curl("/v1/models", "--request", "POST", *bearer)
    held.holds("curl: POST where only GET is", status == 405, status)
    status, _, _ = curl("/healthz", "--head")
    held.holds("curl: HEAD", status == 200, status)
    status, _, _ = curl("/nothing/here", *bearer)
    held.holds("curl: nothing there", status == 404, status)


def is_sample(line: str) -> bool:
    """Whether `line` is a measurement: a name with perhaps labels, and a number."""
    name, _, number = line.rpartition(" ")
    try:
        float(number)
    except ValueError:
        return False
    return bool(name) and (name[0].isalpha() or name[0] == "_")


def main() -> None:
    held = checks.Checks("http")
    use_openai(held)
    use_curl(held)
    held.finish()


main()
