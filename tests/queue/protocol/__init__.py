"""The protocol of the queue, stepped statement by statement in orders that hypothesis makes up.

`steps` are what an example consists of, `gates` stop a transaction before each statement, `theatre`
plays an example, `scripts` are what its actors do, `state` is what the database holds, and `rules`
are what may become of it.
"""
