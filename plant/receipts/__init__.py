"""Warehouse receipts: what the accounts (1C) say was taken into the warehouse, to be set beside the counters.

::

    CSV, XLSX ──▶ plant.tables ──▶ table: checked against the model ──▶ Receipt ──▶ plant.summary.reconciliation
"""
