-- Mark a job before it runs alone in its process: should its lease be lost now, it is the job that ends its workers.
--
-- KEYS 1 leases   2 job hash
-- ARGV 1 job:execution
-- Reply 1, or 0 when the lease is not ours any more
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[2], 'alone', 1)
return 1
