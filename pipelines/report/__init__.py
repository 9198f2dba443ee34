"""The CFO pack: a page in which every figure shows its rows, and the same figures as a workbook, on paper and for the data engineer.

    figures, marks   what report.* says, read once for all formats, and a printed number with the rows that prove it (page, marks)
    rows, packing    what stands behind the figures, carried in the page and in the workbook
    lacking          which figures a missing delivery feeds
    words, charts    how numbers are written, and figures drawn
    cells, sheets    the workbook: cells that can do no harm, and its sheets (workbook, annex)
    pdf, quality     the page on paper; the page of what came and what did not
    deck, boards     six slides for a board, what stands on each, and the parts they are made of (slides)
    case, arguments  what is known of one vendor, tool or initiative, and said of it (justification)
    proof            what the page's dialog says, for the command line
    pack             the files of one month, written together
    shelf, landing   where reports are found, and the first page of all months (summary)
    preview          message, six figures and files, for Dagster
"""
