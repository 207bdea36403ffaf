-- The one place where a call changes: record, outbox, timers, aliases, timeline and the account of its event, at once,
-- or not at all.
--
-- ARGV 2…  blobs: cmsgpack knows no binary type, so the map names each by its place in ARGV
-- ARGV 1   msgpack map:
--   call      its id                       version   the one that was read, nil for any; another one: decide again
--   record    blob: the new record         event     id of the webhook or request applied, or nil
--   kind      of the committing worker     token     of a claim held or to be granted; begins with the worker's name
--   settle    row whose outcome this is, or nil: then `token` must still hold the claim
--   rows      list of {row, blob, delay in s, 1 when it is sent at once if the claim is granted}
--   aliases   list of keys that lead to this call: the new ones, or all when its lifetime changes
--   lease     seconds that a granted claim lasts
--   iso       the time as RQ writes it
--   failure_ttl, retries_left  of jobs                 deadlines    of jobs in s, by kind
--   timers    list of {job id, blob, delay in s}         cancelled  list of job ids
--   download  {job id, blob} or nil                      timeline   list of blobs
--   admission {job id, blob, profile, rate, most, minute} of a call that waits for its turn, or nil; see admit.lua
--   left      profile among whose live calls, and those that wait for their turn, this one is no more, or nil
--   alive     a leg of it is up
--   told      {job id, blob} for the hook that is told the outcome, or nil
--   plan      {key, seconds} of a dialplan to keep for a call that waits long, or nil
--   turn      {group, number} of a round robin that was taken, or nil: void when another call has taken it meanwhile
--   ttl       seconds to keep the call, 0 for no end     history    seconds to keep the timeline
-- Reply {'stale'} | {'fenced'} | {'applied'} | {'ok', 0|1 the claim, now, kind of its drain, outbox field, value, …}
local c = cmsgpack.unpack(ARGV[1])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local call_key = 'trunkline:call:' .. c.call
local outbox = 'trunkline:outbox:' .. c.call
local applied = 'trunkline:applied:' .. c.call
local timeline = 'trunkline:timeline:' .. c.call

local held = redis.call('HMGET', call_key, 'version', 'token', 'drain')
local version = tonumber(held[1] or '0')
if c.version and version ~= c.version then return {'stale'} end
if c.settle and held[2] ~= c.token then return {'fenced'} end
if c.turn and tonumber(redis.call('HGET', 'trunkline:turns', c.turn[1]) or '0') ~= c.turn[2] then return {'stale'} end

-- A script is not rolled back: what is of a wrong type has to fail before the first write.
local drain = held[3] or c.kind
local drains = 'trunkline:drain:' .. drain
local due = tonumber(redis.call('ZSCORE', drains, c.call) or '0')
for command, keys in pairs({
  HLEN = {outbox, 'trunkline:stats', 'trunkline:turns'},
  LLEN = {timeline, c.download and 'rq:queue:recording', c.told and 'rq:queue:routing'},
  SCARD = {applied, 'rq:queues', c.admission and 'trunkline:outbound', c.left and 'trunkline:live:' .. c.left},
  ZCARD = {'trunkline:calls', 'trunkline:alive', c.admission and 'trunkline:waiting:' .. c.admission[3],
    c.left and 'trunkline:waiting:' .. c.left,
    'trunkline:pending:' .. c.kind, 'rq:scheduled:routing', 'rq:scheduled:recording', 'rq:scheduled:machine_detection'},
}) do
  for _, key in pairs(keys) do
    if key then redis.call(command, key) end
  end
end
for _, timer in ipairs(c.timers) do redis.call('HLEN', 'rq:job:' .. timer[1]) end
if c.download then redis.call('HLEN', 'rq:job:' .. c.download[1]) end
if c.told then redis.call('HLEN', 'rq:job:' .. c.told[1]) end
if c.admission then redis.call('HLEN', 'rq:job:' .. c.admission[1]) end
if c.admission then redis.call('HLEN', 'trunkline:outbound:' .. c.admission[3]) end

if c.event then
  local is_new = redis.call('SADD', applied, c.event) == 1
  if redis.call('ZREM', 'trunkline:pending:' .. c.kind, c.event) == 1 then
    redis.call('HINCRBY', 'trunkline:stats', 'applied', 1)
  end
  if not is_new then return {'applied'} end
end

redis.call('HSET', call_key, 'version', version + 1, 'record', ARGV[c.record])
if c.turn then redis.call('HINCRBY', 'trunkline:turns', c.turn[1], 1) end
if redis.call('ZADD', 'trunkline:calls', 'NX', now, c.call) == 1 then
  redis.call('ZREMRANGEBYSCORE', 'trunkline:calls', '-inf', now - c.history) -- with their timelines
end
if c.alive then
  redis.call('ZADD', 'trunkline:alive', 'NX', now, c.call)
else
  redis.call('ZREM', 'trunkline:alive', c.call)
end
for _, key in ipairs(c.aliases) do
  if c.ttl > 0 then redis.call('SET', key, c.call, 'EX', c.ttl) else redis.call('SET', key, c.call) end
end
for _, entry in ipairs(c.timeline) do redis.call('RPUSH', timeline, ARGV[entry]) end

local function job(id, func, data, status, kind)
  redis.call('HSET', 'rq:job:' .. id, 'created_at', c.iso, 'enqueued_at', c.iso, 'data', ARGV[data], 'origin', kind,
    'description', func, 'timeout', c.deadlines[kind], 'result_ttl', 0, 'failure_ttl', c.failure_ttl,
    'retries_left', c.retries_left, 'status', status)
end

for _, timer in ipairs(c.timers) do
  job(timer[1], 'timer', timer[2], 'scheduled', c.kind)
  redis.call('ZADD', 'rq:scheduled:' .. c.kind, now + timer[3], timer[1])
end
for _, id in ipairs(c.cancelled) do
  for _, kind in ipairs({'routing', 'machine_detection', 'recording'}) do
    redis.call('ZREM', 'rq:scheduled:' .. kind, id)
  end
  if c.left then redis.call('ZREM', 'trunkline:waiting:' .. c.left, id) end
  redis.call('DEL', 'rq:job:' .. id)
end
if c.download then
  job(c.download[1], 'recording', c.download[2], 'queued', 'recording')
  redis.call('SADD', 'rq:queues', 'rq:queue:recording')
  redis.call('RPUSH', 'rq:queue:recording', c.download[1])
end
if c.told then
  job(c.told[1], 'outcome', c.told[2], 'queued', 'routing')
  redis.call('SADD', 'rq:queues', 'rq:queue:routing')
  redis.call('RPUSH', 'rq:queue:routing', c.told[1])
end

if c.left then redis.call('SREM', 'trunkline:live:' .. c.left, c.call) end
if c.admission then
  local id, data, profile, rate, most, minute = unpack(c.admission)
  job(id, 'turn', data, 'scheduled', 'routing')
  redis.call('SADD', 'trunkline:outbound', profile)
  redis.call('HSET', 'trunkline:outbound:' .. profile, 'rate', rate, 'most', most, 'minute', minute)
  redis.call('ZADD', 'trunkline:waiting:' .. profile, now, id)
end
if c.plan then redis.call('EXPIRE', c.plan[1], c.plan[2], 'GT') end

if c.settle then
  local row = tostring(c.settle)
  redis.call('HDEL', outbox, row, row .. '.first', row .. '.uncertain', row .. '.tries', row .. '.next', row .. '.slot',
    row .. '.refused')
end
for _, row in ipairs(c.rows) do
  redis.call('HSET', outbox, row[1], ARGV[row[2]])
  if row[3] > 0 then redis.call('HSET', outbox, row[1] .. '.next', now + row[3]) end
end

-- The claim: whoever holds it sends, everybody else leaves the rows to them. A claim that ran out may be taken, unless
-- Valkey was away: its holder may live and could not renew it.
local granted = 0
if redis.call('EXISTS', outbox) == 0 then
  if held[3] then
    redis.call('ZREM', drains, c.call)
    redis.call('HDEL', call_key, 'token', 'drain')
  end
else
  local has_run_out = due <= now and redis.call('EXISTS', 'trunkline:patience:' .. drain) == 0
  if held[2] == c.token or not held[2] or has_run_out then
    granted = 1
    redis.call('HSET', call_key, 'token', c.token, 'drain', drain)
    redis.call('ZADD', drains, now + c.lease, c.call)
  elseif #c.rows > 0 then
    redis.call('PUBLISH', 'trunkline:nudge:' .. string.match(held[2], '^[^/]*'), c.call)
  end
end

local reply = {'ok', granted, tostring(now), drain}
if granted == 1 then
  -- when it was first sent is stored before its first byte, see stamp.lua
  for _, row in ipairs(c.rows) do
    if row[4] == 1 then redis.call('HSET', outbox, row[1] .. '.first', now, row[1] .. '.uncertain', 1) end
  end
  local fields = redis.call('HGETALL', outbox)
  for _, field in ipairs(fields) do reply[#reply + 1] = field end
end

local function keep(key)
  if c.ttl > 0 then redis.call('EXPIRE', key, c.ttl) else redis.call('PERSIST', key) end
end
keep(call_key)
keep(applied)
redis.call('EXPIRE', timeline, c.history)
return reply
