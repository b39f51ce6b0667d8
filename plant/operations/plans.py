"""Plans of lines in the operations database: the newest of each, so that it outlives the broker's memory."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from plant.messages import OrdersMessage, decode_orders, encode
from plant.operations.database import Operations
from plant.operations.schema import LINE_PLAN
from plant.operations.statements import dialect


class PlanStore:
    """Keeps plans; blocks, so not for an event loop.

    Args:
        operations: An open database with its tables.
    """

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def keep(self, plans: Mapping[str, OrdersMessage]) -> None:
        """Keep plans by line (``site/line``), unless what is kept was made later."""
        rows = [
            {"line": line, "made": plan.time, "orders": encode(plan).decode()} for line, plan in sorted(plans.items())
        ]
        if not rows:
            return
        with self._operations.writing() as connection:
            new = dialect(connection).insert(LINE_PLAN)
            values = {"made": new.excluded.made, "orders": new.excluded.orders}
            newer = LINE_PLAN.c.made <= new.excluded.made
            connection.execute(new.on_conflict_do_update(index_elements=["line"], set_=values, where=newer), rows)

    def plans(self) -> dict[str, OrdersMessage]:
        """The newest plan of each line, by ``site/line``."""
        with self._operations.reading() as connection:
            rows = connection.execute(select(LINE_PLAN.c.line, LINE_PLAN.c.orders).order_by(LINE_PLAN.c.line))
            return {line: decode_orders(orders.encode()) for line, orders in rows}
