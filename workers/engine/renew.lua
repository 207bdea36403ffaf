-- Renew, once a second, everything that this worker holds: the leases of its jobs, its claims to calls, itself.
--
-- KEYS 1 leases   2 worker hash   3 beats of the kind   4 this worker's executions   5 all of RQ's workers
--      6 RQ's workers of this queue   7 patience (see sweep.lua)
-- ARGV 1 worker   2 time as RQ writes it   3 lease in s   4 worker's lifetime in s   5 msgpack list of 'job:execution'
--      6 msgpack list of {call, token, kind}   7 'busy' | 'idle'   8 seconds without any beat that mean an outage
-- Reply 1 when RQ's tools still know this worker, else 0
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local till = now + tonumber(ARGV[3])

-- a full server refuses a script's first write where it may need memory, and none after it: so this one comes first
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 3600)
local newest = redis.call('ZREVRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2]
if not newest or now - tonumber(newest) > tonumber(ARGV[8]) then
  redis.call('SET', KEYS[7], 1, 'PX', 1000 * tonumber(ARGV[3]))
end
redis.call('ZADD', KEYS[3], now, ARGV[1])

for _, member in ipairs(cmsgpack.unpack(ARGV[5])) do
  if redis.call('ZSCORE', KEYS[1], member) then
    redis.call('ZADD', KEYS[1], 'XX', till, member)
    local id, execution = string.match(member, '^(.*):([^:]*)$')
    redis.pcall('ZADD', 'rq:executions:' .. id, 'XX', now + 60, execution)
    redis.call('HSET', 'rq:execution:' .. member, 'last_heartbeat', now)
    redis.call('EXPIRE', 'rq:execution:' .. member, 60)
  end
end
for _, claim in ipairs(cmsgpack.unpack(ARGV[6])) do
  if redis.pcall('HGET', 'trunkline:call:' .. claim[1], 'token') == claim[2] then
    redis.call('ZADD', 'trunkline:drain:' .. claim[3], 'XX', till, claim[1])
  end
end

-- its hash runs out while the server is away for a minute, and RQ's tools then forget it
if redis.call('HEXISTS', KEYS[2], 'birth') == 0 or redis.call('SISMEMBER', KEYS[5], KEYS[2]) == 0
  or redis.call('SISMEMBER', KEYS[6], KEYS[2]) == 0 then
  return 0
end
redis.call('HSET', KEYS[2], 'last_heartbeat', ARGV[2], 'state', ARGV[7])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('EXPIRE', KEYS[4], 3600)
return 1
