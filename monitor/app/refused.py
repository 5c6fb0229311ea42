"""The one error of the commands: a person asked for something that is not there."""


class Refused(Exception):  # noqa: N818 - it says what happened
    """str() is one clear sentence that says what to do."""
