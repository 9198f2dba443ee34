"""A refresh that tells others of itself: the summary as JSON to a webhook or a command. The command line and Dagster both run this."""

import json
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import requests

from pipelines.errors import PlumblineError
from pipelines.refresh import Progress, Refreshed, last_full_month, refresh
from pipelines.settings import Hook
from pipelines.workspace import Workspace

SECONDS = 30


def refresh_and_tell(folder: Path, month: str | None = None, as_known_on: date | None = None, progress: Progress = lambda _: None) -> tuple[Refreshed, list[str]]:
    """Refresh a month and call the hooks; the result, and what to say of hooks that failed.

    Raises what `refresh` raises; what to say of hooks is then in the error's notes.
    """
    settings = Workspace(folder.resolve()).settings
    month = month or last_full_month(settings.timezone)
    try:
        done = refresh(folder, month, as_known_on, progress)
    except Exception as error:  # a busy workspace or a fault of ours too: nobody who is told of failures may miss one
        exit_code = getattr(error, "exit_code", PlumblineError.exit_code)
        for note in tell(settings.on_failure, {"month": month, "status": "failed", "exit_code": exit_code, "error": str(error)}):
            error.add_note(note)
        raise
    return done, tell(settings.on_success, done.summary())


def tell(hook: Hook, summary: Mapping[str, object]) -> list[str]:
    """Post the summary and give it to the command's standard input; what went wrong, in words without secrets.

    A hook that fails never changes what was published.
    """
    wrong = []
    text = json.dumps(summary, ensure_ascii=False, default=str)
    if hook.webhook:
        host = urlsplit(hook.webhook).hostname
        try:
            answer = requests.post(hook.webhook, data=text.encode(), headers={"Content-Type": "application/json"}, timeout=SECONDS, allow_redirects=False)
            if not answer.ok:
                wrong.append(f"The webhook at {host} answered {answer.status_code}.")
        except requests.RequestException as error:
            wrong.append(f"The webhook at {host} could not be reached: {type(error).__name__}.")
    if hook.command:
        try:
            done = subprocess.run(hook.command, input=text, text=True, capture_output=True, timeout=SECONDS, check=False)
            if done.returncode:
                wrong.append(f"The command {hook.command[0]} ended with {done.returncode}.")
        except (OSError, subprocess.TimeoutExpired) as error:
            wrong.append(f"The command {hook.command[0]} could not be run: {type(error).__name__}.")
    return wrong
