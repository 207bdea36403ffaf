-- Take calls with commands to send whose turn has come, or whose drainer's claim ran out.
--
-- KEYS 1 trunkline:drain:<kind>
-- ARGV 1 token prefix (the worker's name)   2 nonce   3 lease in s   4 how many   5 only this call, or ''
-- Reply list of {call, token, now, version, record, field, value, …} with the fields of its outbox
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local due
if ARGV[5] ~= '' then
  local score = redis.call('ZSCORE', KEYS[1], ARGV[5])
  due = score and tonumber(score) <= now and {ARGV[5]} or {}
else
  due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[4])
end
local out = {}
for i, call in ipairs(due) do
  local key, outbox = 'trunkline:call:' .. call, 'trunkline:outbox:' .. call
  local held = redis.call('HMGET', key, 'version', 'record')
  if redis.call('EXISTS', outbox) == 0 or not held[2] then
    redis.call('ZREM', KEYS[1], call)
    redis.call('HDEL', key, 'token', 'drain')
  else
    local token = ARGV[1] .. '/' .. ARGV[2] .. '.' .. i
    redis.call('HSET', key, 'token', token)
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), call)
    local claim = {call, token, tostring(now), tonumber(held[1]), held[2]}
    for _, field in ipairs(redis.call('HGETALL', outbox)) do claim[#claim + 1] = field end
    out[#out + 1] = claim
  end
end
return out
