"""The European Central Bank's published history of euro reference rates."""

import requests

ADDRESS = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
"""Source: the ECB's page on euro foreign exchange reference rates; a zip of one CSV file, a row a working day since 1999."""
FILE = "eurofxref-hist.zip"
SECONDS = 30
LARGEST = 20 << 20


def fetch(address: str = ADDRESS) -> bytes:
    """The zip as published. Raises requests.RequestException, or ValueError where the answer is no zip file."""
    answer = requests.get(address, timeout=SECONDS, allow_redirects=False)
    answer.raise_for_status()
    if not answer.content.startswith(b"PK") or len(answer.content) > LARGEST:
        raise ValueError(f"{address} did not answer with a zip file of rates")
    return answer.content
