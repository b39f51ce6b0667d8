"""Production plans of simulated lines, published as an ERP would."""
