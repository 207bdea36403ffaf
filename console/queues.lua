-- How the queues of all kinds stand, at one moment. Each part is O(1), or looks at ten ids.
--
-- ARGV 1 seconds within which a live worker has beaten   2… kinds of workers
-- Reply {now, {depth, when the oldest was queued as RQ writes it or '', in flight, scheduled, calls with commands to
--   send, dead letters, live workers} of each kind}
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6

-- An id without a job was done or deleted: whoever takes it does nothing.
local function oldest_of(list)
  for _, id in ipairs(redis.call('LRANGE', list, 0, 9)) do
    local queued = redis.pcall('HGET', 'rq:job:' .. id, 'enqueued_at')
    if type(queued) == 'string' then return queued end
  end
  return ''
end

local function look(kind)
  local queue, taken = 'rq:queue:' .. kind, 'rq:queue:' .. kind .. ':intermediate'
  local oldest = oldest_of(queue)
  if oldest == '' then oldest = oldest_of(taken) end
  return {
    redis.call('LLEN', queue) + redis.call('LLEN', taken),
    oldest,
    redis.call('ZCARD', 'rq:wip:' .. kind),
    redis.call('ZCARD', 'rq:scheduled:' .. kind),
    redis.call('ZCARD', 'trunkline:drain:' .. kind),
    redis.call('ZCARD', 'rq:failed:' .. kind),
    redis.call('ZCOUNT', 'trunkline:beat:' .. kind, now - tonumber(ARGV[1]), '+inf'),
  }
end

local reply = {tostring(now)}
for i = 2, #ARGV do reply[#reply + 1] = look(ARGV[i]) end
return reply
