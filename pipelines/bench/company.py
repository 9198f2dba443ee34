"""A company for the benchmark: as many spend lines as asked for, with tools, capabilities and priorities to allocate them to."""

import csv
import random
from collections.abc import Sequence
from pathlib import Path

from pipelines.workspace import init_workspace

MONTH = "2026-10"
TOOLS = 40
VENDORS = 60
CAPABILITIES = 24
HEADER = (
    "document_id", "line_id", "document_type", "posted_on", "vendor_name", "description", "tool_name", "amount", "tax_amount", "currency",
    "gl_account", "cost_center",
)  # fmt: skip


def write_company(folder: Path, lines: int, seed: int = 1) -> Path:
    """Write a workspace whose one source has this many lines, a third of them in another currency; the CSV file."""
    init_workspace(folder, "Benchmark", "EUR")
    rng = random.Random(seed)
    strategy, decisions = folder / "strategy", folder / "decisions"
    priorities = [f"p{n}" for n in range(4)]
    capabilities = [f"c{n:02d}" for n in range(CAPABILITIES)]
    table(strategy / "priorities.csv", "priority_id,name,theme,weight", [(p, f"Priority {p}", "growth", 1 + n) for n, p in enumerate(priorities)])
    table(strategy / "capabilities.csv", "capability_id,name", [(c, f"Capability {c}") for c in capabilities])
    links = [(priorities[(n + k) % 4], c, "0.8", 1 + k) for n, c in enumerate(capabilities[:-4]) for k in range(1 + n % 2)]
    table(strategy / "priority_capabilities.csv", "priority_id,capability_id,required_level,weight", links)
    mapping = [("tool", f"Tool {n:02d}", capabilities[(n + k) % CAPABILITIES], 1 + k, "leading", "0.7", "bench", "2026-01-01")
               for n in range(TOOLS - 4) for k in range(1 + n % 2)]  # fmt: skip
    table(decisions / "mapping.csv", "subject_kind,subject,capability_id,weight,role,fit,author,decided_on", mapping)
    days = [f"{year}-{month:02d}-{day:02d}" for year in (2025, 2026) for month in range(1, 13) for day in range(1, 29)][: 22 * 28]
    table(strategy / "fx_rates.csv", "rate_on,currency,rate,rate_source", [(day, "USD", f"1.{rng.randint(500, 1500):04d}", "bench") for day in days])
    path = folder / "exports" / "erp" / "spend.csv"
    path.parent.mkdir()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for n in range(lines):
            tool = rng.randrange(TOOLS)
            writer.writerow((
                f"INV-{n // 3:08d}", n % 3 + 1, "invoice", days[rng.randrange(len(days))], f"Vendor {tool % VENDORS:02d} GmbH", f"Subscription {tool}",
                f"Tool {tool:02d}", f"{rng.randint(-50_000, 500_000) / 100:.2f}", f"{rng.randint(0, 50_000) / 100:.2f}",
                "USD" if n % 3 == 0 else "EUR", f"6{rng.randint(100, 120)}", f"CC{rng.randint(1, 30)}",
            ))  # fmt: skip
    return path


def table(path: Path, header: str, rows: Sequence[Sequence[object]]) -> None:
    """Write a CSV file that people would edit."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
