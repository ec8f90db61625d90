"""The demo plant: a synthetic ERP that looks like the reference plant and knows its own truth.

Nothing outside the command line may import this package; what learns must not see the truth.
"""

from backend.erp.demo.advancing import advance_demo_plant
from backend.erp.demo.options import DemoOptions, DemoSummary, DriftScenario
from backend.erp.demo.writing import write_demo_plant

__all__ = ["DemoOptions", "DemoSummary", "DriftScenario", "advance_demo_plant", "write_demo_plant"]
