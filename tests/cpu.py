"""What work costs. CPU time grows, too, on a machine whose cores and caches others use."""

import time

TRIES = 4


def costs_more(work, seconds):
    """How many CPU seconds the work takes if that is more than these, at each try; else 0.

    Tried again only where the others may be to blame: what takes twice as long is said at once.
    """
    for _ in range(TRIES):
        began = time.process_time()
        work()
        cost = time.process_time() - began
        if cost <= seconds:
            return 0
        if cost > 2 * seconds:
            break
    return round(cost, 2)
