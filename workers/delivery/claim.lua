-- Take calls with commands to send whose turn has come, or whose drainer's claim ran out.
--
-- KEYS 1 trunkline:drain:<kind>   2 patience: while it is there, a claim may have run out only because nobody could renew
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
local is_patient = redis.call('EXISTS', KEYS[2]) == 1

local function claim(call, n)
  local key, outbox = 'trunkline:call:' .. call, 'trunkline:outbox:' .. call
  local held = redis.call('HMGET', key, 'record', 'token', 'version')
  if redis.call('EXISTS', outbox) == 0 or not held[1] then
    redis.call('ZREM', KEYS[1], call)
    redis.call('HDEL', key, 'token', 'drain')
    return nil
  end
  if held[2] and is_patient then return nil end
  local token = ARGV[1] .. '/' .. ARGV[2] .. '.' .. n
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), call)
  local reply = {call, token, tostring(now), held[3] or '0', held[1]}
  for _, field in ipairs(redis.call('HGETALL', outbox)) do reply[#reply + 1] = field end
  redis.call('HSET', key, 'token', token)
  return reply
end

local out = {}
for n, call in ipairs(due) do
  local ok, claimed = pcall(claim, call, n)
  if not ok then
    redis.call('ZADD', KEYS[1], now + 60, call) -- a key of a wrong type: the others must not wait for it
  elseif claimed then
    out[#out + 1] = claimed
  end
end
return out
