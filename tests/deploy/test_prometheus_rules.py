"""The files of deploy/prometheus, as Prometheus' and Alertmanager's own tools judge them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from backend.settings import SOURCE_ROOT

SHIPPED = SOURCE_ROOT / "deploy/prometheus"
HERE = SOURCE_ROOT / "tests/deploy"
NEEDS_PROMTOOL = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (apt-get install prometheus)"
)
NEEDS_AMTOOL = pytest.mark.skipif(
    shutil.which("amtool") is None, reason="amtool is not installed (apt-get install prometheus-alertmanager)"
)


def judged(*command: str) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def alert_names() -> set[str]:
    groups = YAML(typ="safe").load(SHIPPED / "routing-ml-rules.yml")["groups"]
    return {rule["alert"] for group in groups for rule in group["rules"]}


@NEEDS_PROMTOOL
def test_prometheus_accepts_its_files_once_the_key_is_beside_them(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "etc")
    (tmp_path / "etc/routing_ml_key").write_text("rml_key")

    judged("promtool", "check", "config", str(tmp_path / "etc/prometheus.yml"))


@NEEDS_PROMTOOL
@pytest.mark.parametrize("name", ["routing_ml_rules_test.yml", "routing_ml_rules_days_test.yml"])
def test_alerts_fire_when_they_should_and_else_are_quiet(name: str) -> None:
    judged("promtool", "test", "rules", str(HERE / name))


def test_each_alert_is_seen_firing_in_one_of_these_tests() -> None:
    expected = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("routing_ml_rules_*.yml"))

    assert [name for name in sorted(alert_names()) if f'{{alertname="{name}"' not in expected] == []


@NEEDS_AMTOOL
def test_alertmanager_accepts_its_file_and_tells_the_right_people() -> None:
    config = str(SHIPPED / "alertmanager.yml")
    routes = ("amtool", "config", "routes", "test", f"--config.file={config}")

    judged("amtool", "check-config", config)
    judged(*routes, "--verify.receivers=on_call,team", "alertname=HighMAE", "severity=critical")
    judged(*routes, "--verify.receivers=team", "alertname=BackupOld", "severity=warning")
    judged(*routes, "--verify.receivers=dead_mans_switch", "alertname=Watchdog", "severity=none")
