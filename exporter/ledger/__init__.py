"""Each call once: what one account's answers add up to, kept on disk.

A poll uses it in this order::

    store = LedgerStore(path, configured=auth_ids, now=wall)              # once; raises StoreError
    ledger = Ledger(load_state(store.load(auth_id, "ledger")))            # one for each account, if it was saved

    seen = observations(dashboard, analytics)                             # Reports -> Observations
    grown = ledger.record(*seen, today=day, at=elapsed, refused=days)
    store.save(auth_id, {"ledger": dump_state(ledger)}, now=wall)         # one transaction; durable on return
    publish(ledger.shown(), ledger.taken_back())

``ledger.missing_days(today)`` are the days to ask ``/analytics`` for, the most needed first.
"""
