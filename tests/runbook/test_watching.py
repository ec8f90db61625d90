"""Chapter 6 of the runbook for real: Prometheus asks a server of two workers, Alertmanager tells people."""

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.runbook.conftest import Installation, answers, free_port, running_server, wait_for
from tests.runbook.receivers import Received, receiving

ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus is not installed (apt-get install it)"),
    pytest.mark.skipif(ALERTMANAGER is None, reason="apt-get install prometheus-alertmanager: it is not installed"),
]

PRINTED_IN_THE_RUNBOOK = {"MAE Trend", "Training Jobs", "API Latency", "System Health"}
SECRETS = {"smtp_password": "mail-secret", "pagerduty_key": "pager-secret"}


@dataclass
class Watched:
    """A watched installation: where Prometheus answers, and what reached people."""

    installation: Installation
    server: "subprocess.Popen[bytes]"
    key: str
    prometheus: str
    received: Received

    def ask(self, query: str) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.prometheus}/api/v1/query", params={"query": query}, timeout=30).json()
        assert answer["status"] == "success", f"{query}: {answer}"
        found: list[dict[str, Any]] = answer["data"]["result"]
        return [one for one in found if one["value"][1] != "NaN"]

    def is_firing(self, alert: str) -> bool:
        return bool(self.ask(f'ALERTS{{alertname="{alert}", alertstate="firing"}}'))


def adapted(source: Path, changes: dict[str, str]) -> str:
    text = source.read_text(encoding="utf-8")
    for printed, here in changes.items():
        assert printed in text, f"{source.name} no longer says {printed!r}"
        text = text.replace(printed, here)
    return text


@contextmanager
def running(folder: Path, url: str, *command: str) -> Iterator[None]:
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder.parent, stdout=output, stderr=output)
    try:
        wait_for(lambda: answers(f"{url}/-/ready") or process.poll() is not None, command[0])
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def prepare(installation: Installation) -> str:
    """Let nobody in without a key; evaluate, and make a figure of the evaluation so bad that HighMAE has to fire."""
    with (installation.root / "config/iter_training.yaml").open("a") as config:
        config.write('security:\n  local_trust: "off"\n')
    done = installation.bash("set -e; routing-ml evaluate; routing-ml backup create; routing-ml keys add prometheus")
    assert done.returncode == 0, done.stdout
    with closing(sqlite3.connect(installation.root / "data/state.db")) as state, state:
        state.execute("UPDATE quality_cycles SET mae = 12.5")
    return done.stdout.split()[-1]


def write_files(shipped: Path, folder: Path, ports: dict[str, int], received: Received) -> None:
    """Copy deploy/prometheus, with this machine's ports, without waiting, and with receivers on this machine."""
    impatient = {"'localhost:8000'": f"'127.0.0.1:{ports['server']}'", "localhost:9093": f"127.0.0.1:{ports['alerts']}"}
    scrape = adapted(shipped / "prometheus.yml", impatient | {"_interval: 15s": "_interval: 500ms"})
    (folder / "prometheus.yml").write_text(scrape)
    rules = (shipped / "routing-ml-rules.yml").read_text(encoding="utf-8")
    (folder / "routing-ml-rules.yml").write_text(re.sub(r"for: \d+[mhd]", "for: 0s", rules))
    here = f"http://127.0.0.1:{received.http_port}"
    local = {
        "global:\n": f"global:\n  pagerduty_url: {here}/pagerduty\n  smtp_require_tls: false\n",
        "mail.company.com:587": f"127.0.0.1:{received.smtp_port}",
        "/etc/prometheus/": f"{folder}/",
        "group_wait: 30s": "group_wait: 1s",
    }
    (folder / "alertmanager.yml").write_text(adapted(shipped / "alertmanager.yml", local))
    for name, secret in (SECRETS | {"slack_url": f"{here}/slack"}).items():
        (folder / f"routing_ml_{name}").write_text(secret)


@pytest.fixture(scope="module")
def watched(template: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    installation = template.copy(tmp_path_factory.mktemp("watching") / "checkout")
    folder = tmp_path_factory.mktemp("etc-prometheus")
    ports = {"server": installation.ports["8000"], "prometheus": free_port(), "alerts": free_port()}
    with ExitStack() as stack:
        received = stack.enter_context(receiving())
        key = prepare(installation)
        write_files(installation.root / "deploy/prometheus", folder, ports, received)
        (folder / "routing_ml_key").write_text(f"{key}\n")
        serve = ("routing-ml", "serve", "--port", str(ports["server"]), "--workers", "2")
        server = stack.enter_context(running_server(installation, *serve))
        prometheus, alerts = (f"127.0.0.1:{ports[name]}" for name in ("prometheus", "alerts"))
        listen = f"--web.listen-address={alerts}", "--cluster.listen-address=", f"--storage.path={folder}/alerts"
        config = f"--config.file={folder}/alertmanager.yml"
        stack.enter_context(running(folder, f"http://{alerts}", str(ALERTMANAGER), config, *listen))
        options = f"--web.listen-address={prometheus}", f"--storage.tsdb.path={folder}/tsdb"
        config = f"--config.file={folder}/prometheus.yml"
        stack.enter_context(running(folder, f"http://{prometheus}", "prometheus", config, *options))
        yield Watched(installation, server, key, f"http://{prometheus}", received)


def test_every_panel_of_the_dashboard_has_an_answer(watched: Watched) -> None:
    file = watched.installation.root / "deliverables/grafana/routing-ml-dashboard.json"  # where the runbook uploads it
    panels = json.loads(file.read_text(encoding="utf-8"))["panels"]
    queries = [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]
    planner = watched.installation.bash("routing-ml keys add planner --role planner").stdout.split()[-1]

    def empty() -> list[tuple[str, str]]:
        body = {"item_codes": ["ITEM001"]}
        headers = {"Authorization": f"Bearer {planner}"}
        httpx.post(f"{watched.installation.url}/api/predict", json=body, headers=headers, timeout=30).raise_for_status()
        return [(title, query) for title, query in queries if not watched.ask(query)]

    wait_for(lambda: not empty(), f"an answer to all of {queries}")
    assert {panel["title"] for panel in panels} >= PRINTED_IN_THE_RUNBOOK


def test_both_workers_tell_the_counts_of_both(watched: Watched) -> None:
    client = httpx.Client(headers={"Authorization": f"Bearer {watched.key}", "Connection": "close"}, timeout=30)
    with client:
        asked = [client.get(f"{watched.installation.url}/api/models") for _ in range(20)]
        told = [client.get(f"{watched.installation.url}/metrics").text for _ in range(20)]
    counted = 'routing_ml_api_request_duration_seconds_count{method="GET",route="/api/models",status="2xx"} 20.0'

    assert all(answer.is_success for answer in asked)
    assert [text for text in told if counted not in text] == []


def test_a_bad_figure_reaches_slack_the_mail_and_the_pager_and_stands_when_the_server_dies(watched: Watched) -> None:
    received = watched.received
    wait_for(lambda: bool(received.mails and {"/slack", "/pagerduty"} <= received.posts.keys()), "the three messages")
    slack = json.dumps(received.posts["/slack"])
    assert "HighMAE" in slack
    assert "Current MAE: 12.5 minutes" in slack
    assert received.posts["/slack"][0]["channel"] == "#routing-ml-alerts"
    assert {post["routing_key"] for post in received.posts["/pagerduty"]} == {"pager-secret"}
    assert "ops-team@company.com" in received.mails[0]
    assert received.logins[0].endswith("\0mail-secret")
    assert "Watchdog" not in slack

    watched.server.terminate()
    wait_for(lambda: watched.is_firing("BackendDown"), "BackendDown")
    assert watched.ask("routing_ml_quality_mae_minutes") == []
    assert watched.is_firing("HighMAE")
    wait_for(lambda: "Routing ML backend is down" in json.dumps(received.posts["/pagerduty"]), "the pager")
