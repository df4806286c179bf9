"""Errors while the stack starts; every text says what to do."""


class StackError(Exception):
    """The stack cannot start or continue; the text is for the person at the terminal."""


class AlreadyRunning(StackError):
    """Another supervisor holds the folder."""


class PortBusy(StackError):
    """Another process listens on a port that the stack needs."""


class ProgramFailed(StackError):
    """A program ended, or did not start in time; the text holds the end of its log."""


class StopRequested(Exception):
    """Ctrl-C or a signal: stop the current work, then stop everything in order."""
