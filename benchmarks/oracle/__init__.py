"""The best possible predictor of a demo plant: it knows every rule and parameter of the generator.

At the level `Knowledge.RECORDS` it must infer what is hidden (habits, inclinations, machine preferences, effects of
families and items) from the rows that the model may see; at `Knowledge.EVERYTHING` it knows that too.
Nothing under backend/ may import it: a model that could see the truth would not be measured.

Where it is simplified, it is so in its own favour, save where a figure says otherwise:
- Attributes are known without gaps, dirt or units: size, material, seal, repair.
- Every item's true family is known, whatever its code.
- Rows that dirt took from the ERP's tables are still seen, and outliers and stale standards are recognised as such.
- An item counts as seen, with its whole sequence, as soon as one of its rows was finished or it has a standard routing.
- How many lots of an item came before the judged one is known.
- Against itself: that a machine preference of 3 % of the rows is the same in-house and outside is not used.
"""

from benchmarks.oracle.oracle import Knowledge, Oracle, learn

__all__ = ["Knowledge", "Oracle", "learn"]
