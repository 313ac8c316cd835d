"""Starts the built gateway in a directory of its own, lets each client program drive it, and stops it again.

Usage: run.py GATEWAY [CLIENT ...], where GATEWAY is the built program. Without clients, all of them run.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

import websockets.sync.client

HERE = Path(__file__).resolve().parent
TOKEN = "fake-token-of-the-client-tests"
PATIENCE = 120.0

CONFIGURATION = """{
    // A comment that every change has to keep.
    gateway: { mode: "local", auth: { mode: "token", token: "${FAKE_GATEWAY_TOKEN}" } },
    models: {
        providers: {
            fake: {
                baseUrl: "http://127.0.0.1:9/v1", apiKey: "${FAKE_PROVIDER_KEY}", api: "openai-completions",
                models: [{
                    id: "echo-1", name: "Echo One", reasoning: false, input: ["text"],
                    contextWindow: 32000, maxTokens: 4096,
                }],
            },
        },
    },
    agents: { defaults: { model: { primary: "fake/echo-1" } } },
}
"""


class Gateway:
    """A gateway that runs as a process of its own, with the home directory that the clients share with it."""

    def __init__(self, program: str, home: Path) -> None:
        self.home = home
        self.log = home / "gateway.log"
        self.port = free_port()
        state = home / ".openclaw"
        state.mkdir(mode=0o700)
        configuration = state / "openclaw.json"
        configuration.write_text(CONFIGURATION)
        configuration.chmod(0o600)
        self.variables = {
            "HOME": str(home), "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "TMPDIR": str(home), "NO_COLOR": "1",
            "ALULA_LOG_DIR": str(home / "logs"), "FAKE_GATEWAY_TOKEN": TOKEN,
            "FAKE_PROVIDER_KEY": "fake-provider-key",
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [program, "gateway", "run", "--port", str(self.port)], cwd=home, env=self.variables,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)

    def wait_until_ready(self) -> None:
        """Returns once the gateway has said what it can use, which is the last that it prints before it only serves."""
        watchdog = threading.Timer(PATIENCE, self.process.kill)
        watchdog.start()
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith("More: "):
                break
        watchdog.cancel()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=PATIENCE) as answer:
                if json.load(answer)["ready"]:
                    return
        except OSError:
            pass
        raise SystemExit("The gateway was not ready in time:\n" + "".join(said) + self.log.read_text(errors="replace"))

    def served_methods(self) -> list[str]:
        """What the gateway itself says that it serves."""
        with websockets.sync.client.connect(f"ws://127.0.0.1:{self.port}/") as connection:
            connection.recv(timeout=PATIENCE)
            connection.send(json.dumps({"type": "req", "id": "1", "method": "connect", "params": {
                "minProtocol": 4, "maxProtocol": 4, "role": "operator", "scopes": ["operator.read"],
                "client": {"id": "test", "version": "1", "platform": "linux", "mode": "test"},
                "auth": {"token": TOKEN},
            }}))
            hello = json.loads(connection.recv(timeout=PATIENCE))
        if not hello.get("ok"):
            raise SystemExit(f"The gateway let nobody in: {hello}")
        return hello["payload"]["features"]["methods"]

    def stop(self) -> None:
        """Ends the process that was started here, gently and then for certain."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def drive(gateway: Gateway, program: Path, served: list[str]) -> bool:
    """Runs one client program to its end. Its output is the report."""
    print(f"{program.stem.removeprefix('drive_').replace('_', '-')}:", flush=True)
    variables = {
        **gateway.variables, "OPENCLAW_GATEWAY_PORT": str(gateway.port), "OPENCLAW_GATEWAY_TOKEN": TOKEN,
        "ALULA_SERVED_METHODS": " ".join(served), "ALULA_CLIENT_HOME": str(gateway.home),
        "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1",
    }
    noise = gateway.home / f"{program.stem}.log"
    with noise.open("wb") as errors:
        try:
            ended = subprocess.run(
                [sys.executable, str(program)], cwd=gateway.home, env=variables, stdin=subprocess.DEVNULL,
                stderr=errors, timeout=4 * PATIENCE)
        except subprocess.TimeoutExpired:
            print("  WRONG the program did not end in time", flush=True)
            ended = None
    if ended is not None and ended.returncode == 0:
        return True
    print(f"What {program.name} and its client printed besides:")
    print(noise.read_text(errors="replace")[-4000:], flush=True)
    return False


def main() -> int:
    """Runs all clients, or those that are named."""
    program = str(Path(sys.argv[1]).resolve())
    wanted = set(sys.argv[2:])
    programs = sorted(HERE.glob("drive_*.py"))
    if wanted:
        programs = [path for path in programs if path.stem.removeprefix("drive_").replace("_", "-") in wanted]
    if not programs:
        raise SystemExit("There is no such client.")
    home = Path(tempfile.mkdtemp(prefix="alula-clients-"))
    gateway = None
    failed = []
    try:
        gateway = Gateway(program, home)
        gateway.wait_until_ready()
        served = gateway.served_methods()
        failed = [path.stem for path in programs if not drive(gateway, path, served)]
        if gateway.process.poll() is not None:
            failed.append("the gateway itself, which ended")
        if failed:
            print(f"The gateway's output:\n{gateway.log.read_text(errors='replace')[-4000:]}")
    finally:
        if gateway is not None:
            gateway.stop()
        shutil.rmtree(home, ignore_errors=True)
    if failed:
        print(f"These did not hold: {', '.join(failed)}")
        return 1
    print(f"All {len(programs)} clients got the right answers.")
    return 0


if __name__ == "__main__":
    # The stop of whoever started this reaches the gateway too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
