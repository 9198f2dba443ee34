"""The CFO pack: one HTML file in which every figure shows its rows.

    figures  what the figures say, read from report.*           rows    what stands behind them, carried in the page
    marks    a printed number and the rows that prove it        words   how numbers and days are written
    charts   figures as drawings                                page    all of it, put into the templates
"""

from pipelines.report.page import FILE, FOLDER, facts_of, render, write

__all__ = ["FILE", "FOLDER", "facts_of", "render", "write"]
