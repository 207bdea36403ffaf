-- How a job becomes a dead letter: stands before finish.lua, start.lua and sweep.lua, as one script with each.
--
-- `dead` says where to and when: {failed = RQ's failed registry, pending = …, now = …, iso = the time as RQ writes it,
-- ttl = of dead letters in s}
local function text_of(reason)
  return type(reason) == 'table' and reason.err or tostring(reason)
end

-- a counter of a job hash: whoever can write to the server can write anything there
local function count_of(text)
  return tonumber(text or '0') or 0
end

local function is_running(leases, id)
  for _, execution in ipairs(redis.call('ZRANGE', 'rq:executions:' .. id, 0, -1)) do
    if redis.call('ZSCORE', leases, id .. ':' .. execution) then return true end
  end
  return false
end

-- when it was accepted, or false where it has no account
local function count_parked(dead, id)
  local accepted_at = redis.call('ZSCORE', dead.pending, id)
  if accepted_at then
    redis.call('ZREM', dead.pending, id)
    redis.pcall('HINCRBY', 'trunkline:stats', 'parked', 1)
  end
  return accepted_at
end

-- What `trunkline dead` wants to know of a job is kept in its hash.
local function park_job(dead, id, reason, tries, lost)
  local key = 'rq:job:' .. id
  redis.call('HSET', key, 'status', 'failed', 'ended_at', dead.iso, 'exc_info', reason, 'worker_name', '',
    'parked_tries', tries, 'parked_lost', lost)
  redis.call('HDEL', key, 'exceptions', 'lost_leases', 'alone') -- whoever requeues it begins anew
  redis.call('EXPIRE', key, dead.ttl)
  redis.call('ZADD', dead.failed, dead.now + dead.ttl, id)
  local accepted_at = count_parked(dead, id)
  if accepted_at then redis.call('HSET', key, 'accepted_at', accepted_at) end
end

-- What has no hash of its own, or a broken one. Returns the error when even this cannot be written down: an accepted
-- event then stays pending, and is found again.
local function park_id(dead, id, reason)
  redis.pcall('EXPIRE', 'rq:job:' .. id, dead.ttl)
  local kept = redis.pcall('LPUSH', 'trunkline:parked', id .. ' ' .. dead.now .. ' ' .. reason)
  if type(kept) == 'table' then return text_of(kept) end
  redis.pcall('LTRIM', 'trunkline:parked', 0, 9999)
  count_parked(dead, id)
end
