"""One poll of one partner: fetch, record, save, judge, publish a snapshot."""
