"""What runs the network: one module a back end, chosen by device."""
