-- Put back what a dead worker has left, and push what is due. Any worker of the kind may run it at any time; each part is
-- bounded, so that the server is never held long, and fails by itself.
--
-- KEYS 1 queue   2 leases   3 intermediate   4 scheduled registry   5 pending   6 failed registry   7 first seen (hash)
--      8 beats of the kind   9 patience   10 where the search for lost ids has come to
-- ARGV 1 time as RQ writes it   2 ttl of dead letters in s   3 ids per part   4 lease in s
--      5 seconds without any beat that mean an outage
-- Reply {leases put back, from the intermediate list, due, lost and pushed again, parked, 1 when there is more, errors}
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local most = tonumber(ARGV[3])
local dead = {failed = KEYS[6], pending = KEYS[5], now = now, iso = ARGV[1], ttl = tonumber(ARGV[2])}
local DEEPEST, IDS = 2000, 64 -- a deeper queue is not searched, and one that is for so many ids at once
local back, stranded, due, lost, parked, more, errors = 0, 0, 0, 0, 0, 0, {}

-- The first write: it fails, and the sweep with it, on a server that takes none; a full one refuses none after it. Else
-- such a refusal would park jobs that are not at fault.
redis.call('EXPIRE', KEYS[10], 60)

local function park_broken(id, reason)
  errors[#errors + 1] = park_id(dead, id, reason)
  parked = parked + 1
end

-- Into the queue, if there still is a job of this id and it does not run already. Returns whether it was pushed.
-- What goes to the front has been queued all the time; anything else is queued from now on.
local function push(id, front)
  if redis.call('EXISTS', 'rq:job:' .. id) == 0 or is_running(KEYS[2], id) then return false end
  redis.call('HSET', 'rq:job:' .. id, 'status', 'queued', 'worker_name', '')
  if not front then redis.call('HSET', 'rq:job:' .. id, 'enqueued_at', ARGV[1]) end
  redis.call(front and 'LPUSH' or 'RPUSH', KEYS[1], id)
  return true
end

-- `work(id)` for one id: its own error parks it and touches nobody else.
local function each(work, id)
  local ok, reason = pcall(work, id)
  if not ok then park_broken(id, text_of(reason)) end
end

-- Two lost leases: the job may be what kills its worker, so it then runs alone; a third, alone, parks it.
local function take_back(id)
  local key = 'rq:job:' .. id
  if redis.call('EXISTS', key) == 0 then return end
  local times = redis.call('HINCRBY', key, 'lost_leases', 1)
  if redis.call('HGET', key, 'alone') == '1' then
    local reason = 'lost its lease while it ran alone in its process, after ' .. times - 1 .. ' lost leases'
    park_job(dead, id, reason, count_of(redis.call('HGET', key, 'exceptions')), times)
    parked = parked + 1
  elseif push(id, true) then
    back = back + 1
  end
end

local function sweep_leases()
  -- Nobody has beaten for a while, so nobody could renew: the server was away, or stopped. Wait a whole lease.
  local newest = redis.call('ZREVRANGE', KEYS[8], 0, 0, 'WITHSCORES')[2]
  if not newest or now - tonumber(newest) > tonumber(ARGV[5]) then
    redis.call('SET', KEYS[9], 1, 'PX', 1000 * tonumber(ARGV[4]))
  end
  if redis.call('EXISTS', KEYS[9]) == 1 then return end
  local members = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, most)
  if #members == most then more = 1 end
  for _, member in ipairs(members) do
    redis.call('ZREM', KEYS[2], member)
    redis.pcall('DEL', 'rq:execution:' .. member)
    local id, execution = string.match(member, '^(.*):([^:]*)$')
    if id then redis.pcall('ZREM', 'rq:executions:' .. id, execution) end
    each(take_back, id or member)
  end
end

-- An id that stays in the intermediate list for over a second was taken by a worker that died before START.
local function sweep_intermediate()
  local waiting, there = redis.call('LRANGE', KEYS[3], 0, most - 1), {}
  for _, id in ipairs(waiting) do
    there[id] = true
    local seen = redis.call('HGET', KEYS[7], id)
    if not seen then
      redis.call('HSET', KEYS[7], id, now)
    elseif now - tonumber(seen) >= 1 then
      redis.call('LREM', KEYS[3], 1, id)
      redis.call('HDEL', KEYS[7], id)
      each(function() if push(id, true) then stranded = stranded + 1 end end, id)
    end
  end
  for _, id in ipairs(redis.call('HKEYS', KEYS[7])) do
    if not there[id] then redis.call('HDEL', KEYS[7], id) end
  end
end

local function sweep_schedule()
  local ids = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now, 'LIMIT', 0, most)
  if #ids == most then more = 1 end
  for _, id in ipairs(ids) do
    redis.call('ZREM', KEYS[4], id)
    each(function() if push(id, false) then due = due + 1 end end, id)
  end
end

local function find_lost(id)
  if is_running(KEYS[2], id) or redis.call('LPOS', KEYS[1], id) or redis.call('LPOS', KEYS[3], id)
    or redis.call('ZSCORE', KEYS[4], id) then
    return
  end
  if push(id, false) then
    lost = lost + 1
  else
    park_broken(id, 'lost: its job is gone')
  end
end

-- Accepted, older than 5 s, and nowhere: pushed again. Some at a time, each sweep goes on where the last one stopped. A
-- queue too deep to search is left until it is shorter: its head is where the oldest are.
local function sweep_pending()
  if redis.call('LLEN', KEYS[1]) > DEEPEST then return end
  local from = tonumber(redis.call('GET', KEYS[10]) or '0') or 0
  local ids = redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', now - 5, 'LIMIT', from, IDS)
  if #ids == IDS then
    redis.call('SET', KEYS[10], from + IDS, 'EX', 60)
  else
    redis.call('DEL', KEYS[10])
  end
  for _, id in ipairs(ids) do each(find_lost, id) end
end

for _, part in ipairs({sweep_leases, sweep_intermediate, sweep_schedule, sweep_pending}) do
  local ok, reason = pcall(part)
  if not ok then errors[#errors + 1] = text_of(reason) end
end
redis.pcall('ZREMRANGEBYSCORE', KEYS[6], '-inf', now) -- dead letters that have expired
return {back, stranded, due, lost, parked, more, errors}
