"""The CFO pack: one HTML file in which every figure shows its rows.

    figures, marks   what report.* says, and a printed number with the rows that prove it (page, marks)
    rows             what stands behind the figures, carried in the page
    words, charts    how numbers are written, and figures drawn
    shelf            where reports are found
"""
