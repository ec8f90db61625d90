"""The model store: which versions there are, which one is active, and every way to change that."""

import logging
from pathlib import Path
from typing import Final

from backend.domain.clock import Clock, utc_now
from backend.domain.models import BundleParts, VersionRecord
from backend.errors import BundleError, NoModelError, NoPreviousVersionError, StaleGenerationError, UnknownVersionError
from backend.registry.bundle import VERSION_FILE, read_bundle, read_files, read_version_file
from backend.registry.canary import Canary, run_canary
from backend.registry.committing import commit, follow_up
from backend.registry.layout import Layout, LoadedBundle
from backend.registry.manifest import (
    MANIFEST_FILE,
    ChangeAction,
    LastChange,
    Manifest,
    ManifestStamp,
    VersionEntry,
    generation_of,
    highest_generation,
    manifest_stamp,
    read_manifest,
)
from backend.registry.manifest_moves import activated, promoted, retained, rolled_back
from backend.registry.recovery import recover
from backend.registry.staging import StagedVersion, clear_leftovers, restage, stage, unmark
from backend.registry.verifying import BundleProblem, verify
from backend.settings import Settings

logger = logging.getLogger(__name__)

_LOAD_ATTEMPTS: Final = 5


class ModelStore:
    """The versions below models/. Safe to use from many threads and processes at once."""

    def __init__(self, settings: Settings, *, clock: Clock = utc_now, canary: Canary = run_canary) -> None:
        self.layout = Layout(settings.models_dir, settings.default_model_dir)
        self._manifest_path = str(settings.models_dir / MANIFEST_FILE)
        self._key = settings.env.BUNDLE_HMAC_KEY
        self._keep_versions = settings.config.models.keep_versions
        self._clock = clock
        self._canary = canary

    def manifest(self) -> Manifest:
        """Return the present manifest (generation 0 where there is none); raises BundleError if it is damaged."""
        return read_manifest(self.layout.models_dir, self._key) or Manifest()

    def stamp(self) -> ManifestStamp | None:
        """Return what changes whenever the manifest does, for the price of a stat; None without manifest."""
        return manifest_stamp(self._manifest_path)

    def versions(self) -> dict[str, VersionEntry]:
        """Return the versions that can be activated, newest first."""
        found = self.manifest().versions
        return {name: found[name] for name in sorted(found, key=generation_of, reverse=True)}

    def load(self, version: str) -> tuple[BundleParts, VersionRecord]:
        """Return a version's verified parts; raises UnknownVersionError or BundleError."""
        entry = self.manifest().versions.get(version)
        if entry is None:
            raise UnknownVersionError(version)
        return read_bundle(self.layout.version_dir(version), entry.digests)

    def load_active(self) -> LoadedBundle:
        """Return the active version, verified, from its folder or from default/ where that has its digests.

        Raises NoModelError, or BundleError where neither can be used.
        """
        for attempt in range(1, _LOAD_ATTEMPTS + 1):
            manifest = self.manifest()
            try:
                return self._load_active(manifest)
            except BundleError:
                moved_on = self.manifest().generation != manifest.generation
                if attempt == _LOAD_ATTEMPTS or not moved_on:
                    raise
        raise AssertionError("unreachable: the loop returns or raises")

    def promote(
        self, bundle_folder: Path, *, actor: str, reason: str, expected_generation: int | None = None
    ) -> Manifest:
        """Copy a bundle into the store and make it active; what was judged is what is stored, bit for bit.

        A bundle whose training job is already in the manifest changes nothing. Raises BundleError where
        the bundle is altered, fails its trial load or cannot be written, and StaleGenerationError where
        `expected_generation` is given and passed.
        """
        with self.layout.deploy_lock():
            base = self._cleaned_base()
            _expect(base, expected_generation)
            files = read_files(bundle_folder)
            job_id = read_version_file(files[VERSION_FILE], bundle_folder.name).record.job_id
            if job_id is not None and base.version_of_job(job_id):
                return base
            try:
                staged = stage(self.layout, files, self._clock(), base.generation + 1)
                self._canary(self.layout.version_dir(staged.name), staged.digests)
                return self._commit_staged(staged, self._change("promote", actor, reason), expected_generation)
            except BaseException as error:
                self._take_back()
                if isinstance(error, OSError):
                    remedy = "Nothing was changed. Look at the disk (df -h, dmesg) and repeat"
                    raise BundleError(bundle_folder.name, f"it could not be stored ({error})", remedy) from error
                raise

    def activate(self, version: str, *, actor: str, reason: str, expected_generation: int | None = None) -> Manifest:
        """Make a known version active again; one that is active already changes nothing.

        Raises UnknownVersionError, BundleError, StaleGenerationError.
        """
        base = self.manifest()
        if version == base.active_version:
            _expect(base, expected_generation)
            return base
        return self._move(activated(base, version, self._change("activate", actor, reason)), base, expected_generation)

    def rollback(self, *, actor: str, reason: str, expected_generation: int | None = None) -> Manifest:
        """Undo the last change of version, as a new generation.

        Raises NoPreviousVersionError, BundleError where the version before is damaged, and
        StaleGenerationError where another change came between.
        """
        base = self.manifest()
        if not base.history:
            raise NoPreviousVersionError(base.active_version)
        return self._move(rolled_back(base, self._change("rollback", actor, reason)), base, expected_generation)

    def verify(self) -> list[BundleProblem]:
        """Return what is wrong on disk, each with the exact command that repairs it; changes nothing."""
        return verify(self.layout, self._key)

    def recover(self) -> list[str]:
        """Repair what can be repaired without doubt; returns what was done, in words.

        It never deletes the only good copy of a version. What is left is in verify().
        """
        return recover(self.layout, self._key)

    def _move(self, moved: Manifest, base: Manifest, expected_generation: int | None) -> Manifest:
        """Commit a change among known versions: trial load without lock, then compare and write with it."""
        _expect(base, expected_generation)
        if moved.active is None or moved.active_version is None:
            raise NoModelError
        self._canary(self.layout.version_dir(moved.active_version), moved.active.digests)
        with self.layout.commit_lock():
            _expect(self.manifest(), base.generation)
            committed = commit(self.layout, retained(moved, self._keep_versions), self._key)
            follow_up(self.layout, self._key)
        return committed

    def _commit_staged(self, staged: StagedVersion, change: LastChange, expected_generation: int | None) -> Manifest:
        with self.layout.commit_lock():
            found = read_manifest(self.layout.models_dir, self._key)
            base = found or Manifest(generation=staged.generation - 1)
            _expect(base, expected_generation)
            if base.generation + 1 != staged.generation:
                staged = restage(self.layout, staged, self._clock(), base.generation + 1)
            new = promoted(base, staged.name, VersionEntry.of(staged.digests, staged.record), change)
            committed = commit(self.layout, retained(new, self._keep_versions), self._key)
            follow_up(self.layout, self._key)
            unmark(self.layout)
        return committed

    def _cleaned_base(self) -> Manifest:
        with self.layout.commit_lock():
            clear_leftovers(self.layout, self._key)
            return self._base()

    def _base(self) -> Manifest:
        """Return what the next generation builds on; after a lost manifest, numbers go on from the folders.

        Before the very first deployment an empty manifest is written, so that a version folder without
        any manifest always means a lost manifest and is never taken for an unfinished deployment.
        """
        found = read_manifest(self.layout.models_dir, self._key)
        if found is not None:
            return found
        generation = highest_generation(self.layout.models_dir)
        return Manifest(generation=generation) if generation else commit(self.layout, Manifest(), self._key)

    def _take_back(self) -> None:
        """Delete a staged version that was not committed; recovery does it if this cannot."""
        try:
            with self.layout.commit_lock():
                clear_leftovers(self.layout, self._key)
        except (OSError, BundleError):
            logger.exception(
                "an unfinished version folder is left; the next deployment or 'routing-ml doctor' clears it"
            )

    def _load_active(self, manifest: Manifest) -> LoadedBundle:
        version, entry = manifest.active_version, manifest.active
        if version is None or entry is None:
            raise NoModelError
        try:
            parts, record = read_bundle(self.layout.version_dir(version), entry.digests)
            return LoadedBundle(version, manifest.generation, parts, record, entry.digests)
        except BundleError as damage:
            try:
                parts, record = read_bundle(self.layout.default_dir, entry.digests)
            except BundleError:
                raise damage from None
            return LoadedBundle(version, manifest.generation, parts, record, entry.digests, damage)

    def _change(self, action: ChangeAction, actor: str, reason: str) -> LastChange:
        return LastChange(action=action, actor=actor, reason=reason, at=self._clock())


def _expect(manifest: Manifest, generation: int | None) -> None:
    if generation is not None and manifest.generation != generation:
        raise StaleGenerationError(generation, manifest.generation)
