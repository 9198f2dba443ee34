"""What can be wrong with a SQL file."""


class SqlFileError(ValueError):
    """A SQL file breaks a rule of the folder; the message names the file, the rule and the way out."""
