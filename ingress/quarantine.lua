-- Keep one event that was signed but is not for us, or that nobody can read; the newest ones stay.
--
-- KEYS 1 trunkline:quarantine   2 trunkline:stats
-- ARGV 1 the entry   2 how many are kept   3 ttl in s
-- Reply 1

-- The counter comes first: it fails when it is of a wrong type, and then nothing may have been written.
redis.call('HINCRBY', KEYS[2], 'quarantined', 1)
local done, reason = pcall(redis.call, 'LPUSH', KEYS[1], ARGV[1])
if not done then
  redis.call('HINCRBY', KEYS[2], 'quarantined', -1)
  return redis.error_reply(type(reason) == 'table' and reason.err or tostring(reason))
end
redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
