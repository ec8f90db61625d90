"""Signing a manifest that its operator trusts: `python -m backend.registry.sign` after setting BUNDLE_HMAC_KEY."""

import sys

from backend.domain.clock import utc_now
from backend.errors import BundleError, RoutingMLError
from backend.registry.bundle import read_files
from backend.registry.committing import commit
from backend.registry.layout import Layout
from backend.registry.manifest import LastChange, Manifest, read_manifest
from backend.settings import Settings, load_settings
from backend.state.command_actor import command_actor


def sign_manifest(settings: Settings, actor: str) -> Manifest:
    """Check every version's digests, then sign the manifest as a new generation; raises BundleError."""
    layout = Layout(settings.models_dir, settings.default_model_dir)
    key = settings.env.BUNDLE_HMAC_KEY
    if not key:
        raise BundleError("registry", "there is no key to sign with", "Set BUNDLE_HMAC_KEY in .env")
    with layout.commit_lock():
        manifest = read_manifest(layout.models_dir, key=None)
        if manifest is None:
            raise BundleError("registry", "there is no manifest to sign", "Run 'routing-ml train'; it signs by itself")
        for name, entry in manifest.versions.items():
            read_files(layout.version_dir(name), entry.digests)
        change = LastChange(action="sign", actor=actor, reason="trusted by the operator", at=utc_now())
        moved = manifest.model_copy(update={"generation": manifest.generation + 1, "last_change": change})
        return commit(layout, moved, key)


def main() -> int:
    """Sign the installation's manifest."""
    try:
        manifest = sign_manifest(load_settings(), actor=command_actor())
    except RoutingMLError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"signed generation {manifest.generation}, active version {manifest.active_version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
