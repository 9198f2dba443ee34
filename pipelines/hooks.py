"""Telling others of a refresh: the summary as JSON to a webhook or a command."""

import json
import subprocess
from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

from pipelines.settings import Hook

SECONDS = 30


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
