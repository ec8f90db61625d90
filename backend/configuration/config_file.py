"""config/iter_training.yaml as a file that several people and processes change: read, compare, set, audit."""

import hashlib
import json
import logging
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from filelock import FileLock, Timeout
from ruamel.yaml.error import YAMLError
from sqlalchemy import Engine

from backend.config_keys import IterTrainingConfig
from backend.configuration.keys import checked_changes, value_of
from backend.configuration.yaml_edit import with_value
from backend.domain.clock import Clock, utc_now
from backend.errors import (
    WHOLE_FILE,
    ConfigBusyError,
    SettingError,
    StaleConfigError,
    UneditableConfigError,
    UnwritableConfigError,
)
from backend.registry.durable_files import TEMPORARY_PREFIX, NotSyncedError, remove_quietly, replace_durable
from backend.settings import CONFIG_FILE, EXAMPLE_FILE, SOURCE_ROOT, Settings, parse_config
from backend.state.audit import add_audit

CHANGE_ACTION: Final = "config.change"
RESTORE_ACTION: Final = "config.restore"
_LOCK_SECONDS: Final = 10.0
_BOM: Final = "\ufeff"

_log = logging.getLogger("routing_ml.configuration")


@dataclass(frozen=True, slots=True)
class ConfigText:
    """The file at one moment; where there is none yet, the example that a first change starts from."""

    data: bytes
    exists: bool

    @property
    def etag(self) -> str:
        """Name these very bytes; a file that is not there yet has a name of its own."""
        return hashlib.sha256(self.data).hexdigest() if self.exists else "no-file"

    @property
    def config(self) -> IterTrainingConfig:
        """Return what it means; raises SettingError where it cannot be honoured."""
        return parse_config(self.data, CONFIG_FILE.name)

    @property
    def text(self) -> str:
        """Return it as a person reads it; raises SettingError where it is not UTF-8."""
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise SettingError(CONFIG_FILE.name, WHOLE_FILE, "bytes that are not UTF-8", "UTF-8 text") from error

    def changed(self, changes: Mapping[str, Any]) -> "ConfigText":
        """Return the file with these keys set and all else as it was; raises UneditableConfigError."""
        text = self.text.removeprefix(_BOM)
        mark = _BOM if text != self.text else ""
        try:
            for dotted, value in changes.items():
                section, key = dotted.split(".")
                text = with_value(text, section, key, value)
            after = ConfigText((mark + text).encode("utf-8"), exists=True)
            if after.config == _with(self.config, changes):
                return after
        except (SettingError, YAMLError):  # said below: the text was sound before
            pass
        raise UneditableConfigError(", ".join(changes))


@dataclass(frozen=True, slots=True)
class Change:
    """A change that somebody asks for: dotted keys with their new values, and who, why and on what ground."""

    values: Mapping[str, Any]
    etags: frozenset[str]
    """Versions of the file that it may be made on; any other means that somebody else was faster."""
    actor: str
    reason: str | None = None
    restored_audit_id: int | None = None
    """The change that this one takes back, if so."""


class ConfigFile:
    """The file of one installation."""

    def __init__(self, settings: Settings, clock: Clock = utc_now) -> None:
        self._path = settings.root / CONFIG_FILE
        self._lock_path = settings.data_dir / ".config_file.lock"
        self._clock = clock

    def read(self) -> ConfigText:
        """Return the file as it is now."""
        try:
            return ConfigText(self._path.read_bytes(), exists=True)
        except FileNotFoundError:
            return ConfigText((SOURCE_ROOT / EXAMPLE_FILE).read_bytes(), exists=False)

    def change(self, engine: Engine, change: Change) -> ConfigText:
        """Set the keys, in the file and in the audit trail, and return the file; nothing new changes nothing.

        Raises RefusedChangesError, StaleConfigError, UneditableConfigError, ConfigBusyError, UnwritableConfigError.
        The audit row is written first and committed last, so that a change is never lost to the audit by an error;
        where the process is killed between the file and the commit, the file is changed as if by hand.
        """
        wanted = checked_changes(change.values)
        with self._lock():
            now = self.read()
            config = now.config
            if now.etag not in change.etags:
                raise _stale(now, wanted)
            new = {dotted: value for dotted, value in wanted.items() if value_of(config, dotted) != value}
            if not new:
                return now
            after = now.changed(new)
            with engine.begin() as connection:
                details = _details(config, new, change)
                action = CHANGE_ACTION if change.restored_audit_id is None else RESTORE_ACTION
                subject = CONFIG_FILE.name
                add_audit(
                    connection, actor=change.actor, action=action, subject=subject, details=details, clock=self._clock
                )
                if (newest := self.read()).etag != now.etag:  # an editor does not know our lock
                    raise _stale(newest, wanted)
                self._replace(after.data)
        _log.info("settings changed by %s: %s", change.actor, ", ".join(sorted(new)))
        return after

    def _replace(self, data: bytes) -> None:
        target = self._path.resolve()  # a link stays a link
        target.parent.mkdir(parents=True, exist_ok=True)
        for left_over in target.parent.glob(f"{TEMPORARY_PREFIX}{target.name}-*"):  # of a process that was killed
            remove_quietly(left_over)
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        try:
            replace_durable(target, data)
        except NotSyncedError:
            _log.warning("the settings are changed, but a power cut may still undo it", exc_info=True)
        except OSError as error:
            raise UnwritableConfigError(error.strerror or type(error).__name__) from error
        if mode is not None:
            target.chmod(mode)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(
            self._lock_path, timeout=_LOCK_SECONDS, thread_local=False, poll_interval=0.02,
            fallback_to_soft=False, preserve_lock_file=True,
        )  # fmt: skip
        try:
            lock.acquire()
        except Timeout as error:
            raise ConfigBusyError(_LOCK_SECONDS) from error
        try:
            yield
        finally:
            lock.release()


def _stale(now: ConfigText, wanted: Mapping[str, Any]) -> StaleConfigError:
    differing = tuple(dotted for dotted, value in wanted.items() if value_of(now.config, dotted) != value)
    return StaleConfigError(now.etag, now.config.model_dump(mode="json"), differing)


def _with(config: IterTrainingConfig, changes: Mapping[str, Any]) -> IterTrainingConfig:
    content = config.model_dump(mode="json")
    for dotted, value in changes.items():
        section, key = dotted.split(".")
        content[section][key] = value
    return IterTrainingConfig.model_validate_json(json.dumps(content))


def _details(before: IterTrainingConfig, new: Mapping[str, Any], change: Change) -> dict[str, Any]:
    changes = [{"key": key, "before": value_of(before, key), "after": value} for key, value in new.items()]
    details: dict[str, Any] = {"changes": changes, "reason": change.reason}
    return details if change.restored_audit_id is None else details | {"restored_audit_id": change.restored_audit_id}
