-- Let go of a call whose commands have to wait, and keep what is known of their tries.
--
-- KEYS 1 trunkline:call:<id>   2 trunkline:outbox:<id>   3 trunkline:drain:<kind>
-- ARGV 1 token   2 call   3 seconds until the next try   4… row, tries, uncertain 0|1, seconds until its next try
-- Reply 1, or 0 when the claim was lost
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
for i = 4, #ARGV, 4 do
  local row = ARGV[i]
  if redis.call('HEXISTS', KEYS[2], row) == 1 then
    redis.call('HSET', KEYS[2], row .. '.tries', ARGV[i + 1], row .. '.uncertain', ARGV[i + 2],
      row .. '.next', now + tonumber(ARGV[i + 3]))
  end
end
redis.call('HDEL', KEYS[1], 'token')
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[3]), ARGV[2])
return 1
