"""The child of backend.registry.canary: FOLDER and check as arguments, expected digests as JSON on stdin."""

import json
import sys
from pathlib import Path

from backend.domain.models import BundleParts
from backend.domain.prediction import PredictionQuery
from backend.registry.bundle import FileDigest, read_bundle


def check_by_predicting(parts: BundleParts) -> None:
    """Build the model and predict one item that it knows; raises where that fails."""
    from backend.ml.model import RoutingModel  # noqa: PLC0415 - loading alone must not cost the model's libraries

    model = RoutingModel.from_parts(parts)
    code = next(iter(model.known_codes), None)
    query = PredictionQuery(item_code=code) if code is not None else PredictionQuery(attributes={})
    answers = model.predict([query], candidates=1, evidence=True)
    if len(answers) != 1:
        raise ValueError(f"{len(answers)} answers to one query")


def main() -> int:
    """Read the digests, load the bundle, check it."""
    digests = {name: FileDigest(**entry) for name, entry in json.load(sys.stdin).items()}
    parts, _record = read_bundle(Path(sys.argv[1]), digests)
    if sys.argv[2] == "predict":
        check_by_predicting(parts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
