"""Tariffs, prices, transactions, receipts, wallets and settlement."""
