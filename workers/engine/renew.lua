-- Renew, once a second, everything that this worker holds: the leases of its jobs, its claims to calls, itself.
--
-- KEYS 1 leases   2 worker hash   3 beats of the kind   4 this worker's executions
-- ARGV 1 worker   2 time as RQ writes it   3 lease in s   4 worker's lifetime in s   5 msgpack list of 'job:execution'
--      6 msgpack list of {call, token, kind}   7 'busy' | 'idle'
-- Reply how many job leases were still ours
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local till = now + tonumber(ARGV[3])
local ours = 0
for _, member in ipairs(cmsgpack.unpack(ARGV[5])) do
  if redis.call('ZSCORE', KEYS[1], member) then
    ours = ours + 1
    redis.call('ZADD', KEYS[1], 'XX', till, member)
    redis.call('HSET', 'rq:execution:' .. member, 'last_heartbeat', now)
    redis.call('EXPIRE', 'rq:execution:' .. member, 60)
  end
end
for _, claim in ipairs(cmsgpack.unpack(ARGV[6])) do
  if redis.call('HGET', 'trunkline:call:' .. claim[1], 'token') == claim[2] then
    redis.call('ZADD', 'trunkline:drain:' .. claim[3], 'XX', till, claim[1])
  end
end
redis.call('HSET', KEYS[2], 'last_heartbeat', ARGV[2], 'state', ARGV[7])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('EXPIRE', KEYS[4], 3600)
redis.call('ZADD', KEYS[3], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 3600)
return ours
