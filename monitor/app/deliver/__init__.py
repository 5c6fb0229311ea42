"""From the outbox to Slack: claim, post, mark; and when an answer is lost, look before sending again.

One sender per channel. A claim is committed before the request leaves; a definite yes or no is
committed after it. Everything else is a doubt: it waits until a late acceptance would show, then the
channel's history decides between `sent` and another try. So an alert is neither lost nor sent twice,
whatever crashes.
"""

from monitor.app.deliver.loop import Deliverer
from monitor.app.deliver.office import ROUTE, UNCERTAIN, Door, Manner, Notice, Render, Waits
from monitor.app.deliver.writing import short

__all__ = ["ROUTE", "UNCERTAIN", "Deliverer", "Door", "Manner", "Notice", "Render", "Waits", "short"]
