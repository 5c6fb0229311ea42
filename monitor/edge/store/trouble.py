"""What can be wrong with a database, told apart and put into one plain sentence each."""

from __future__ import annotations

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError


class StoreError(Exception):
    """The store cannot be used as asked. The text is one plain sentence without secrets."""


class SchemaNewer(StoreError):  # noqa: N818 - it says what is so
    """The database was made by a newer program than this one."""


class StoreUnreachable(StoreError):  # noqa: N818 - it says what is so
    """The database cannot be opened or reached now; later it may."""


class StoreWaits(StoreUnreachable):
    """What is in the way passes by itself or by a person's hand elsewhere: a lock, a full disk, a server that is away."""


# SQLite's primary result codes (https://www.sqlite.org/rescode.html).
_SQLITE = {
    5: "another process holds the lock of the database",
    6: "another connection holds the lock of the database",
    7: "there is no memory left for the database",
    8: "the database cannot be written: the file or its disk is read-only",
    10: "the disk that holds the database cannot be read or written",
    11: "the database file is damaged: restore a backup",
    13: "the disk that holds the database is full",
    14: "the database file cannot be opened: check that its folder exists and may be written",
    15: "the lock of the database cannot be taken",
    23: "access to the database file was refused",
    26: "the file is not a database",
}
_BUSY = (5, 6)
_PASSING = (*_BUSY, 7, 10, 13, 15)  # a start may wait for these; the others want a hand on this very file

# PostgreSQL's SQLSTATE classes that pass by themselves or by a person's hand, without a change of ours.
_POSTGRES = {
    "08": "the connection to PostgreSQL was lost",
    "57P": "PostgreSQL is restarting or ended our connection",
    "53100": "the disk of the PostgreSQL server is full",
    "53300": "PostgreSQL has no connection left for us",
    "53": "PostgreSQL has run out of a resource",
    "58": "PostgreSQL reports a fault of its disk or system",
    "40": "another transaction was in the way",
    "55P03": "another transaction holds a lock we need",
    "25006": "PostgreSQL allows reading only",
    "28": "PostgreSQL refused the user name or password",
    "3D000": "PostgreSQL does not have this database",
}
# A refused connection carries no SQLSTATE, only libpq's text.
_CONNECT = {
    "password authentication failed": "PostgreSQL refused the user name or password",
    "no password supplied": "PostgreSQL wants a password: give it as the credential store-password",
    "does not exist": "PostgreSQL does not have this database or user",
    "Connection refused": "nothing answers at the PostgreSQL address",
    "could not translate host name": "the name of the PostgreSQL server is not known",
    "resolve host": "the name of the PostgreSQL server is not known",
    "timeout expired": "PostgreSQL did not answer in time",
    "too many clients": "PostgreSQL has no connection left for us",
    "starting up": "PostgreSQL is starting up",
    "shutting down": "PostgreSQL is shutting down",
}


def sqlite_code(error: BaseException) -> int | None:
    """Return SQLite's primary result code of an error, or None if it is none of SQLite's."""
    code = getattr(_origin(error), "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def busy(error: BaseException) -> bool:
    """Whether somebody else merely holds the lock: waiting helps."""
    return sqlite_code(error) in _BUSY


def read_only(error: BaseException) -> bool:
    """Whether writing was refused to a connection that may only read."""
    return sqlite_code(error) == 8 or _state(error) == "25006"


def clash(error: BaseException) -> bool:
    """Whether two transactions collided: the same work succeeds when repeated at once."""
    return (_state(error) or "").startswith("40")


def transient(error: BaseException) -> bool:
    """Whether the trouble lies with the database, not with the statement: repeat, never drop the work."""
    if (code := sqlite_code(error)) is not None:
        return code in _SQLITE
    if (state := _state(error)) is not None:
        return any(state.startswith(known) for known in _POSTGRES)
    return type(_origin(error)).__name__ in ("OperationalError", "InterfaceError") or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )


def unreachable(error: BaseException, place: str) -> StoreUnreachable:
    """Return the error to raise, told apart by whether waiting can help."""
    code = sqlite_code(error)
    passing = transient(error) if code is None else code in _PASSING
    return (StoreWaits if passing else StoreUnreachable)(sentence(error, place))


def sentence(error: BaseException, place: str) -> str:
    """Return what is wrong, for people: `place` names the database without its password."""
    return f"{_cause(error)} ({place})"


def place(url: URL) -> str:
    """Return the database's address as it may be shown."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    shown = url.set(query={}, drivername="postgresql")
    return shown.render_as_string(hide_password=True)


def _cause(error: BaseException) -> str:
    if (code := sqlite_code(error)) is not None:
        return _SQLITE.get(code, f"SQLite reports error {code}")
    if (state := _state(error)) is not None:
        longest = max((known for known in _POSTGRES if state.startswith(known)), key=len, default=None)
        return _POSTGRES[longest] if longest else f"PostgreSQL reports error {state}"
    text = str(_origin(error))
    return next((said for part, said in _CONNECT.items() if part in text), "the connection to PostgreSQL was lost")


def _origin(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def _state(error: BaseException) -> str | None:
    state = getattr(_origin(error), "sqlstate", None)
    return None if state is None else str(state)
