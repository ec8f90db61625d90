"""All distinct routings of a plant, each stored once: op sequences, and variants with work centres."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.ml.common.arrays import Flags, Ints, Ragged, occurrences, smallest_ints
from backend.ml.common.string_table import StringTable


@dataclass(frozen=True, slots=True)
class RoutingBook:
    """Operations, steps (operation at a work centre, in-house or not), variants and sequences.

    A variant is a row of steps; a sequence is a row of operations. Many variants share a sequence.
    """

    operations: StringTable
    operation_names: StringTable
    centres: StringTable
    step_operation: Ints
    step_centre: Ints
    step_in_house: Flags
    variants: Ragged
    variant_sequence: Ints
    sequences: Ragged

    def operation_codes(self, sequence: int) -> tuple[str, ...]:
        """Return the operation codes of one sequence."""
        return tuple(self.operations[i] for i in self.sequences[sequence].tolist())

    def occurrences(self) -> Ints:
        """Return, for every value of `sequences`, how often its operation came before in the row."""
        rows, values = self.sequences.row_of_values(), self.sequences.values
        key = rows.astype(np.int64) * max(len(self.operations), 1) + values
        return occurrences(key)

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays and bytes."""
        return {
            "operations": self.operations.to_parts(),
            "operation_names": self.operation_names.to_parts(),
            "centres": self.centres.to_parts(),
            "step_operation": smallest_ints(self.step_operation),
            "step_centre": smallest_ints(self.step_centre),
            "step_in_house": self.step_in_house,
            "variants": Ragged(self.variants.offsets, smallest_ints(self.variants.values)).to_parts(),
            "variant_sequence": smallest_ints(self.variant_sequence),
            "sequences": Ragged(self.sequences.offsets, smallest_ints(self.sequences.values)).to_parts(),
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "RoutingBook":
        """Read what to_parts wrote."""
        return cls(
            StringTable.from_parts(parts["operations"]),
            StringTable.from_parts(parts["operation_names"]),
            StringTable.from_parts(parts["centres"]),
            parts["step_operation"].astype(np.int64),  # few, and reckoned with
            parts["step_centre"].astype(np.int64),
            parts["step_in_house"],
            Ragged.from_parts(parts["variants"]),
            parts["variant_sequence"],
            Ragged.from_parts(parts["sequences"]),
        )
