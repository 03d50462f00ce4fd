"""The contenders of the bench. To add one, write a function and name it here."""

from functools import partial

from tests.bench_suggestions.contenders.contender import Contender
from tests.bench_suggestions.contenders.stock import stock, version_of_stock
from tests.bench_suggestions.contenders.worker import as_stock, judged, version_of_worker

__all__ = ["CONTENDERS", "ITSELF", "QUICK", "Contender"]

CONTENDERS = {
    one.name: one
    for one in (
        Contender("stock, default", stock, version_of_stock),
        Contender("default, registry", partial(stock, registry=True), version_of_stock),
        Contender("stock, strongest", partial(stock, strongest=True), version_of_stock),
        Contender(
            "strongest, registry", partial(stock, strongest=True, registry=True), version_of_stock
        ),
        Contender("this worker, as stock", as_stock, version_of_worker),
        Contender("this worker", judged, version_of_worker),
    )
}
QUICK = ("stock, default", "stock, strongest", "this worker")
"""Those of a quick run."""
ITSELF = {
    one.name: one
    for one in (
        Contender("DQX, default", partial(stock, itself=True), version_of_stock),
        Contender("DQX, strongest", partial(stock, strongest=True, itself=True), version_of_stock),
    )
}
"""Stock DQX with counts of its own: ten times as slow, with the same rules."""
