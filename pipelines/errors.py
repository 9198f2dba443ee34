"""What can go wrong, each with the exit code that is published for it."""


class PlumblineError(Exception):
    """A failure with a text for people: what happened, where, why, what to do."""

    exit_code = 70


class UsageError(PlumblineError):
    """The command was given words that make no sense."""

    exit_code = 2


class ConfigError(PlumblineError):
    """A file that people edit says something that can't be, or a secret is missing."""

    exit_code = 3


class SourceIncomplete(PlumblineError):
    """Published, but a source was refused, late or missing."""

    exit_code = 6


class DataRejected(PlumblineError):
    """The data break a rule that blocks publishing; the last published month stays."""

    exit_code = 7


class Interrupted(PlumblineError):
    """Stopped from outside; nothing was published."""

    exit_code = 130
