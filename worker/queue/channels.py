"""The channels of NOTIFY. What comes over them is a hint: nothing depends on its arrival."""

__all__ = ["CANCEL_CHANNEL", "REQUEST_CHANNEL"]

REQUEST_CHANNEL = "dqx_worker_request"
"""A program that inserts a request may NOTIFY this channel; the workers then look at once."""

CANCEL_CHANNEL = "dqx_worker_cancel"
"""An operator cancelled a run, or paused or resumed claiming; the workers then beat at once."""
