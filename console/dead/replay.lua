-- Put one dead letter back into its queue, and its event back among those that are accepted and neither applied nor
-- parked: all of it at once, so that the account adds up at any moment.
--
-- KEYS 1 failed registry   2 job hash   3 queue   4 pending   5 stats   6 RQ's set of queues
-- ARGV 1 job id   2 time as RQ writes it   3 retries_left of a new job
-- Reply 'replayed', 'gone' (it is no dead letter any more) or 'broken'
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 'gone' end
if redis.call('TYPE', KEYS[2]).ok ~= 'hash' or redis.call('HEXISTS', KEYS[2], 'data') == 0 then return 'broken' end
local held = redis.call('HMGET', KEYS[2], 'status', 'accepted_at')
if held[1] ~= 'failed' then return 'gone' end -- another copy of its id was taken, and runs

-- A script is not rolled back: what is of a wrong type has to fail before the first write.
redis.call('LLEN', KEYS[3])
redis.call('ZCARD', KEYS[4])
redis.call('HLEN', KEYS[5])
redis.call('SCARD', KEYS[6])

redis.call('HSET', KEYS[2], 'status', 'queued', 'enqueued_at', ARGV[2], 'worker_name', '', 'retries_left', ARGV[3])
redis.call('HDEL', KEYS[2], 'ended_at', 'exc_info', 'exceptions', 'lost_leases', 'alone', 'accepted_at', 'parked_tries',
  'parked_lost')
redis.call('PERSIST', KEYS[2])
redis.call('ZREM', KEYS[1], ARGV[1])
-- written by whatever parked it, where it had an account
if held[2] and redis.call('ZADD', KEYS[4], 'NX', held[2], ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[5], 'parked', -1)
end
redis.call('SADD', KEYS[6], KEYS[3])
redis.call('RPUSH', KEYS[3], ARGV[1])
return 'replayed'
