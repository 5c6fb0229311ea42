"""The store: everything counterwatch knows, in SQLite or PostgreSQL, written by one writer."""

from monitor.edge.store.database import Store
from monitor.edge.store.lock import Busy, Lock
from monitor.edge.store.trouble import SchemaNewer, StoreError, StoreUnreachable, StoreWaits

__all__ = ["Busy", "Lock", "SchemaNewer", "Store", "StoreError", "StoreUnreachable", "StoreWaits"]
