"""Settings: the runbook's keys are honoured, anything else is refused in plain words."""

import re
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from pydantic import BaseModel

from backend.config_keys import IterTrainingConfig
from backend.errors import SettingError
from backend.settings import CONFIG_FILE, EXAMPLE_FILE, SOURCE_ROOT, Environment, load_settings, read_config

RUNBOOK_ENV = """\
DATABASE_SERVER=K3-DB
DATABASE_NAME=KsmErp
DATABASE_DRIVER=ODBC Driver 17 for SQL Server
DATABASE_TRUSTED_CONNECTION=yes
MODEL_PATH=models/default
LOG_PATH=logs/performance
API_HOST=0.0.0.0
API_PORT=8000
ENABLE_TRAINING=true
ENABLE_QUALITY_MONITORING=true
"""

RUNBOOK_YAML = """\
sampling:
  sample_size: 250  # Adjust based on data size
  strategy: "stratified"
thresholds:
  mae_threshold: 4.0  # minutes
  cv_threshold: 0.25
  process_match_threshold: 0.9  # 80%
queue:
  max_size: 2
  cooldown_hours: 12
logging:
  level: "DEBUG"
  file: "logs/performance/other.log"
"""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in Environment.model_fields:
        monkeypatch.delenv(key, raising=False)


def write_config(root: Path, text: str) -> None:
    (root / CONFIG_FILE).parent.mkdir(exist_ok=True)
    (root / CONFIG_FILE).write_text(text, encoding="utf-8")


def test_no_files_mean_defaults_on_the_embedded_plant(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)

    assert settings.config == IterTrainingConfig()
    assert settings.env == Environment()
    assert settings.env.DATABASE_SERVER is None
    assert settings.plant_database_path == tmp_path / "data" / "plant.db"


def test_every_env_key_of_the_runbook_is_honoured(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(RUNBOOK_ENV, encoding="utf-8")

    env = load_settings(tmp_path).env

    assert env == Environment(
        DATABASE_SERVER="K3-DB",
        DATABASE_NAME="KsmErp",
        DATABASE_DRIVER="ODBC Driver 17 for SQL Server",
        DATABASE_TRUSTED_CONNECTION=True,
    )


def test_every_yaml_key_of_the_runbook_is_honoured(tmp_path: Path) -> None:
    write_config(tmp_path, RUNBOOK_YAML)

    config = load_settings(tmp_path).config

    assert (config.sampling.sample_size, config.sampling.strategy) == (250, "stratified")
    assert config.thresholds.model_dump() == {
        "mae_threshold": 4.0,
        "cv_threshold": 0.25,
        "process_match_threshold": 0.9,
    }
    assert (config.queue.max_size, config.queue.cooldown_hours) == (2, 12)
    assert (config.logging.level, config.logging.file) == ("DEBUG", Path("logs/performance/other.log"))


def test_the_process_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("API_PORT=8000\n", encoding="utf-8")
    monkeypatch.setenv("API_PORT", "8123")

    assert load_settings(tmp_path).env.API_PORT == 8123


@pytest.mark.parametrize(
    ("text", "key", "value", "allowed"),
    [
        ("sampling: {sample_size: 0}", "sampling.sample_size", "0", "at least 1 and at most 1000000"),
        ("sampling: {strategy: newest}", "sampling.strategy", "'newest'", "'random', 'stratified', 'recent_bias'"),
        ("thresholds: {process_match_threshold: 80}", "thresholds.process_match_threshold", "80", "at most 1"),
        ("thresholds: {mae_treshold: 5}", "thresholds.mae_treshold", "5", "mae_threshold, cv_threshold"),
        ("thresholds: {mae_threshold: .nan}", "thresholds.mae_threshold", "nan", "more than 0"),
        ("queue: {max_size: many}", "queue.max_size", "'many'", "at least 1 and at most 100"),
        ("queues: {max_size: 3}", "queues", "{'max_size': 3}", "sampling, thresholds, queue, logging"),
        ("gate: {significance: 0.5}", "gate.significance", "0.5", "less than 0.5"),
        ("gate: {max_bundle_megabytes: .inf}", "gate.max_bundle_megabytes", "inf", "more than 0"),
        ("schedule: {refresh: 'R R * * *'}", "schedule.refresh", "R R * * *", "cron expression"),
        ("logging: {level: LOUD}", "logging.level", "'LOUD'", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("training: {families: [mlp]}", "training.families.0", "'mlp'", "'boosted_trees' or 'nearest_neighbour'"),
        ("sampling: [", "(file)", "line 1, column 12: while parsing a flow node", "valid YAML"),
        ("queue:\n\tmax_size: 2\n", "(file)", "line 2, column 1: a tab indents; use spaces", "valid YAML"),
        ("queue:\n  max_size: 2\t\n\tcooldown_hours: 3", "(file)", "use spaces", "valid YAML"),
        (
            "queue: {}\n\ngate: {}\nqueue: {}\n",
            "(file)",
            "section 'queue' was there before (line 1)",
            "",
        ),
        (
            "queue:\n  max_size: 2\n  max_size: 3\n",
            "(file)",
            "key 'max_size' was there before (line 2)",
            "",
        ),
        ("queue: {max_size: 2, max_size: 3}\n", "(file)", "line 1, column 22: key 'max_size' was there before", ""),
        ("queue:\n  max_size: 2\n   seed: 3\n", "(file)", "line 3, column 8: mapping values are not allowed", ""),
        ("queue:\n  max_size: \x01\n", "(file)", "line 2: the character number 1 is not allowed", ""),
        ("[1, 2]", "(file)", "list", "a mapping of sections"),
    ],
)
def test_a_bad_yaml_value_is_refused_with_key_value_and_allowed(
    tmp_path: Path, text: str, key: str, value: str, allowed: str
) -> None:
    write_config(tmp_path, text)

    with pytest.raises(SettingError) as refusal:
        load_settings(tmp_path)

    assert refusal.value.key == key
    for part in (CONFIG_FILE.name, key.removeprefix("(file)"), value, allowed):
        assert part in str(refusal.value)


@pytest.mark.parametrize(
    ("line", "value", "allowed"),
    [
        ("API_PORT=70000", "70000", "at least 1 and at most 65535"),
        ("ENABLE_TRAINING=perhaps", "perhaps", "boolean"),
        ("API_PROT=8000", "8000", "API_PORT"),
    ],
)
def test_a_bad_env_value_is_refused_with_key_value_and_allowed(
    tmp_path: Path, line: str, value: str, allowed: str
) -> None:
    (tmp_path / ".env").write_text(line, encoding="utf-8")

    with pytest.raises(SettingError) as refusal:
        load_settings(tmp_path)

    for part in (".env", line.partition("=")[0], value, allowed):
        assert part in str(refusal.value)


@pytest.mark.parametrize("key", ["DATABASE_PASSWRD", "DATABSE_URL", "BUNDLE_HMAC_KY", "API_TOKEN", "DB_PWD"])
def test_a_misspelt_secret_is_refused_without_showing_it(tmp_path: Path, key: str) -> None:
    (tmp_path / ".env").write_text(f"{key}=correct-horse", encoding="utf-8")

    with pytest.raises(SettingError) as refusal:
        load_settings(tmp_path)

    assert key in str(refusal.value)
    assert "correct-horse" not in str(refusal.value)
    assert "correct-horse" not in str(refusal.value.__cause__), "a traceback would print it"


def test_secrets_are_not_part_of_the_printed_settings(tmp_path: Path) -> None:
    secrets = "DATABASE_PASSWORD=s3cret\nDATABASE_URL=x://u:s3cret@h\nSTATE_DATABASE_URL=s3cret\nBUNDLE_HMAC_KEY=s3cret"
    (tmp_path / ".env").write_text(secrets, encoding="utf-8")

    assert "s3cret" not in repr(load_settings(tmp_path))


def test_an_emptied_section_means_its_defaults(tmp_path: Path) -> None:
    write_config(tmp_path, "queue:\n  # max_size: 9\n")

    assert load_settings(tmp_path).config == IterTrainingConfig()


def test_the_example_configuration_is_the_defaults() -> None:
    assert read_config(SOURCE_ROOT / EXAMPLE_FILE) == IterTrainingConfig()


def test_the_example_configuration_has_every_key_with_a_comment() -> None:
    lines = (SOURCE_ROOT / EXAMPLE_FILE).read_text(encoding="utf-8").splitlines()
    commented = {match[1] for line in lines if (match := re.match(r"  (\w+): .+ # \S+", line))}
    sections = {match[1] for line in lines if (match := re.match(r"(\w+):", line))}

    defaults: dict[str, Any] = IterTrainingConfig().model_dump()
    assert sections == set(defaults)
    assert commented == {key for section in defaults.values() for key in section}


def test_the_example_env_is_the_defaults_and_names_every_key(tmp_path: Path) -> None:
    text = (SOURCE_ROOT / ".env.example").read_text(encoding="utf-8")
    (tmp_path / ".env").write_text(text, encoding="utf-8")

    assert load_settings(tmp_path).env == Environment()
    assert set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", text, flags=re.MULTILINE)) == set(Environment.model_fields)
    assert dotenv_values(tmp_path / ".env")["API_PORT"] == "8000"


def test_every_section_is_frozen(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    models: list[BaseModel] = [settings, settings.env, settings.config]
    models += [getattr(settings.config, name) for name in IterTrainingConfig.model_fields]

    assert all(model.model_config.get("frozen") for model in models)


def test_the_directories_of_the_runbook_are_made(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)

    settings.make_directories()

    for folder in ("logs/performance", "deliverables/quality_reports", "models/default", "data/training_jobs", "old"):
        assert (tmp_path / folder).is_dir()
