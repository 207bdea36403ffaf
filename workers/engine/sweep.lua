-- Put back what a dead worker has left, and push what is due. Any worker of the kind may run it at any time; each part is
-- bounded, so that the server is never held long.
--
-- KEYS 1 queue   2 leases   3 intermediate   4 scheduled registry   5 pending   6 failed registry   7 first seen (hash)
-- ARGV 1 1 to take expired leases, 0 while they may have expired only because Valkey was away   2 time as RQ writes it
--      3 ttl of dead letters in s   4 ids per part
-- Reply {leases put back, from the intermediate list, due, lost and pushed again, parked}
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local most = tonumber(ARGV[4])
local DEEP = 2000 -- entries of a queue that are searched for an id
local back, stranded, due, lost, parked = 0, 0, 0, 0, 0

local function settle_parked(id)
  if redis.call('ZREM', KEYS[5], id) == 1 then redis.call('HINCRBY', 'trunkline:stats', 'parked', 1) end
  parked = parked + 1
end

local function park_job(id, reason)
  local key = 'rq:job:' .. id
  redis.call('HSET', key, 'status', 'failed', 'ended_at', ARGV[2], 'exc_info', reason)
  redis.call('EXPIRE', key, ARGV[3])
  redis.call('ZADD', KEYS[6], now + tonumber(ARGV[3]), id)
  settle_parked(id)
end

local function park_rest(id, reason)
  redis.call('LPUSH', 'trunkline:parked', id .. ' ' .. now .. ' ' .. reason)
  settle_parked(id)
end

local function is_running(id)
  for _, execution in ipairs(redis.call('ZRANGE', 'rq:executions:' .. id, 0, -1)) do
    if redis.call('ZSCORE', KEYS[2], id .. ':' .. execution) then return true end
  end
  return false
end

local function push(id, front)
  redis.call('HSET', 'rq:job:' .. id, 'status', 'queued', 'worker_name', '')
  redis.call(front and 'LPUSH' or 'RPUSH', KEYS[1], id)
end

-- Two lost leases: the job may be what kills its worker, so it then runs alone; a third, alone, parks it.
local function expired(member)
  redis.call('ZREM', KEYS[2], member)
  local id, execution = string.match(member, '^(.*):([^:]*)$')
  redis.call('DEL', 'rq:execution:' .. member)
  redis.call('ZREM', 'rq:executions:' .. id, execution)
  local key = 'rq:job:' .. id
  if redis.call('EXISTS', key) == 0 then return end
  local times = redis.call('HINCRBY', key, 'lost_leases', 1)
  if redis.call('HGET', key, 'alone') == '1' then
    park_job(id, 'lost its lease while it ran alone in its process, after ' .. times - 1 .. ' lost leases')
  else
    back = back + 1
    push(id, true)
  end
end

if ARGV[1] == '1' then
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, most)) do
    local ok, problem = pcall(expired, member)
    if not ok then
      redis.call('ZREM', KEYS[2], member)
      local id = string.match(member, '^(.*):[^:]*$') or member
      park_rest(id, type(problem) == 'table' and problem.err or tostring(problem))
    end
  end
end

-- An id that stays in the intermediate list for over a second was taken by a worker that died before START.
local waiting = redis.call('LRANGE', KEYS[3], 0, most - 1)
local there = {}
for _, id in ipairs(waiting) do
  there[id] = true
  local seen = redis.call('HGET', KEYS[7], id)
  if not seen then
    redis.call('HSET', KEYS[7], id, now)
  elseif now - tonumber(seen) >= 1 then
    redis.call('LREM', KEYS[3], 1, id)
    redis.call('HDEL', KEYS[7], id)
    local ok, running = pcall(is_running, id)
    if ok and not running and pcall(push, id, true) then stranded = stranded + 1 end
  end
end
for _, id in ipairs(redis.call('HKEYS', KEYS[7])) do
  if not there[id] then redis.call('HDEL', KEYS[7], id) end
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now, 'LIMIT', 0, most)) do
  redis.call('ZREM', KEYS[4], id)
  if redis.call('EXISTS', 'rq:job:' .. id) == 1 then
    if pcall(push, id, false) then due = due + 1 else park_rest(id, 'its job hash has a wrong type') end
  end
end

-- Accepted, older than 5 s, and nowhere: pushed again. A queue too deep to search is left until it is shorter: its head
-- is where the oldest are.
if redis.call('LLEN', KEYS[1]) <= DEEP then
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', now - 5, 'LIMIT', 0, most)) do
    local ok, running = pcall(is_running, id)
    if not (ok and running) and not redis.call('LPOS', KEYS[1], id) and not redis.call('LPOS', KEYS[3], id)
      and not redis.call('ZSCORE', KEYS[4], id) then
      if redis.call('EXISTS', 'rq:job:' .. id) == 0 then
        park_rest(id, 'lost: its job is gone')
      elseif pcall(push, id, false) then
        lost = lost + 1
      else
        park_rest(id, 'its job hash has a wrong type')
      end
    end
  end
end
return {back, stranded, due, lost, parked}
