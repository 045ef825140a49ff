"""How often a finished page was there. `page_cache` imports nothing of ours: `config.wsgi` tells it
where to count.
"""

from wsgiref.types import WSGIEnvironment

from web.metrics import Counter
from web.metrics.shared import Slot
from web.queries import NOWHERE
from web.request_lines import ROUTE

HITS = Counter(
    "site_page_cache_hits_total", "Finished pages handed out before Django was entered.", ("route",)
)
MISSES = Counter(
    "site_page_cache_misses_total", "Pages that were made and are kept from then on.", ("route",)
)


def tally(asked: WSGIEnvironment) -> Slot:
    """Count the page that was just made for this request. Its hits are counted where this says."""
    route = asked.get(ROUTE, NOWHERE)
    MISSES.add(route)
    return HITS.slot(route)
