-- Keeps one event that was signed but is not for us or not readable; the newest 1,000 stay.
--
-- KEYS: QUARANTINE, STATS.   ARGV: the entry, entries kept, TTL (s).
--
-- The counter comes first: it can fail on a wrong type, and then nothing must have been written.

redis.call('HINCRBY', KEYS[2], 'quarantined', 1)
local done, reason = pcall(redis.call, 'LPUSH', KEYS[1], ARGV[1])
if not done then
  redis.call('HINCRBY', KEYS[2], 'quarantined', -1)
  return redis.error_reply(type(reason) == 'table' and reason.err or tostring(reason))
end
redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
