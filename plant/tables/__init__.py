"""Tables that offices send as CSV or XLSX: rows of cells, what cells mean, and every mistake by its row.

::

    CSV, XLSX ──▶ sheet: rows of cells ──▶ form: columns by their headings ──▶ plant.orders, plant.receipts
                                             └── cells: what each means, or what is wrong with it
"""
