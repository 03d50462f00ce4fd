"""How sure a check has to be, and how many rows may break one."""

from dataclasses import dataclass
from typing import Annotated

from worker.options.setting import setting

__all__ = ["JudgingOptions"]


@dataclass(frozen=True, kw_only=True)
class JudgingOptions:
    """The options of the judging room, all of them settings."""

    confidence: Annotated[
        float,
        setting(
            "DQX_WORKER_CONFIDENCE",
            "Least confidence of a suggestion if `DQX_WORKER_SUGGESTIONS` is `judged`: the "
            "estimated probability that the check flags no correct row of the next load. Below it "
            "nothing is suggested.",
            ge=0,
            le=1,
        ),
    ] = 0.9
    findings: Annotated[
        float,
        setting(
            "DQX_WORKER_FINDINGS",
            "Largest share of the rows that may break a rule for it to be suggested as a finding; "
            "0 suggests no findings.",
            ge=0,
            le=1,
        ),
    ] = 0.03
