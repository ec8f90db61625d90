"""The moves from one manifest to the next: pure values, no files."""

from typing import Any, Final

from backend.domain.models import VersionKind
from backend.errors import NoPreviousVersionError, UnknownVersionError
from backend.registry.manifest import LastChange, Manifest, VersionEntry, generation_of

FEWEST_KEPT: Final = 3
"""Active, previous and the one before: with fewer, promoting and rolling back would lose the previous one."""


def promoted(manifest: Manifest, name: str, entry: VersionEntry, change: LastChange) -> Manifest:
    """Return the next generation with a new version active and the present one on the undo stack.

    Of a line of refreshes only the last stays on the stack: a month of them must not push off what was before.
    """
    history = _pushed(manifest)
    if len(history) > 1 and _is_refresh_of(manifest, history[-1], history[-2]):
        history = (*history[:-2], history[-1])
    return _next(
        manifest,
        change,
        active_version=name,
        history=history,
        versions=manifest.versions | {name: entry},
        removing=tuple(gone for gone in manifest.removing if gone != name),
    )


def activated(manifest: Manifest, name: str, change: LastChange) -> Manifest:
    """Return the next generation with a known version active; raises UnknownVersionError."""
    if name not in manifest.versions:
        raise UnknownVersionError(name)
    return _next(manifest, change, active_version=name, history=_pushed(manifest))


def rolled_back(manifest: Manifest, change: LastChange) -> Manifest:
    """Return the next generation with the last change of version undone; raises NoPreviousVersionError."""
    if not manifest.history:
        raise NoPreviousVersionError(manifest.active_version)
    return _next(manifest, change, active_version=manifest.history[-1], history=manifest.history[:-1])


def retained(manifest: Manifest, keep_versions: int) -> Manifest:
    """Return the same generation with only the last versions kept: active, then undo stack, then newest.

    Next to the active version stand the training that it is a refresh of, which later trainings are compared with,
    and the version that this replaced, which the watch goes back to.
    """
    limit = max(keep_versions, FEWEST_KEPT)
    kept: list[str] = []
    newest_first = sorted(manifest.versions, key=generation_of, reverse=True)
    trained = manifest.active.record.trained_version if manifest.active else None
    base = manifest.versions.get(trained or manifest.active_version or "")
    replaced = base.record.replaced if base else None
    for name in (manifest.active_version, trained, replaced, *reversed(manifest.history), *newest_first):
        if name in manifest.versions and name not in kept and len(kept) < limit:
            kept.append(name)
    history = manifest.history[-limit:]
    while any(name not in kept for name in history):
        history = history[1:]
    dropped = [name for name in manifest.versions if name not in kept]
    return _changed(
        manifest,
        history=history,
        previous_version=history[-1] if history else None,
        versions={name: entry for name, entry in manifest.versions.items() if name in kept},
        removing=(*manifest.removing, *dropped),
    )


def _is_refresh_of(manifest: Manifest, name: str, parent: str) -> bool:
    """Tell whether a version is a refresh of another refresh."""
    records = {each: entry.record for each, entry in manifest.versions.items()}
    both = all(records[each].kind is VersionKind.REFRESH for each in (name, parent))
    return both and records[name].parent == parent


def _pushed(manifest: Manifest) -> tuple[str, ...]:
    return (*manifest.history, manifest.active_version) if manifest.active_version else manifest.history


def _next(manifest: Manifest, change: LastChange, *, history: tuple[str, ...], **values: Any) -> Manifest:
    return _changed(
        manifest,
        generation=manifest.generation + 1,
        history=history,
        previous_version=history[-1] if history else None,
        last_change=change,
        **values,
    )


def _changed(manifest: Manifest, **values: Any) -> Manifest:
    """Return a changed copy, validated like one read from the disk."""
    fields = {name: getattr(manifest, name) for name in Manifest.model_fields if name != "manifest_schema"}
    return Manifest(**(fields | values))
