-- Take jobs and mark them started, on RQ's own data model. With ids given (that BLMOVE has put into the intermediate
-- list) only those that are still there; else up to n from the queue.
--
-- KEYS 1 queue   2 intermediate   3 leases (rq:wip:<kind>)   4 this worker's executions   5 pending
-- ARGV 1 how many   2 worker   3 time as RQ writes it   4 lease in s   5 prefix of execution ids   6… ids
-- Reply list of {id, execution, data, enqueued_at, exceptions, lost_leases, names of forbidden fields}
--       or {id, 'broken', reason} for a hash that cannot be read: it is parked here, and harms nobody else
local queue, intermediate, leases, executions = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local lease = tonumber(ARGV[4])
local ids = {}
if #ARGV > 5 then
  for i = 6, #ARGV do
    if redis.call('LREM', intermediate, 1, ARGV[i]) == 1 then ids[#ids + 1] = ARGV[i] end
  end
else
  ids = redis.call('LPOP', queue, ARGV[1]) or {}
end

-- a copy of an id whose job runs already must not start it twice
local function is_running(id)
  for _, execution in ipairs(redis.call('ZRANGE', 'rq:executions:' .. id, 0, -1)) do
    if redis.call('ZSCORE', leases, id .. ':' .. execution) then return true end
  end
  return false
end

local function start(id, n)
  local key = 'rq:job:' .. id
  local f = redis.call('HMGET', key, 'data', 'enqueued_at', 'exceptions', 'lost_leases', 'success_callback_name',
    'failure_callback_name', 'stopped_callback_name', 'webhooks', 'dependency_ids', 'dependency_id', 'repeats_left',
    'group_id', 'status')
  if not f[13] and not f[1] then return nil end -- the job was done or deleted: nothing to run
  local forbidden = {}
  local names = {'success_callback_name', 'failure_callback_name', 'stopped_callback_name', 'webhooks', 'dependency_ids',
    'dependency_id', 'repeats_left', 'group_id'}
  for i, name in ipairs(names) do
    if f[4 + i] and f[4 + i] ~= '' then forbidden[#forbidden + 1] = name end
  end
  local execution = ARGV[5] .. n
  local member = id .. ':' .. execution
  redis.call('HSET', key, 'status', 'started', 'started_at', ARGV[3], 'last_heartbeat', ARGV[3], 'worker_name', ARGV[2])
  redis.call('PERSIST', key)
  redis.call('HSET', 'rq:execution:' .. member, 'id', execution, 'job_id', id, 'created_at', now, 'last_heartbeat', now,
    'worker_name', ARGV[2])
  redis.call('EXPIRE', 'rq:execution:' .. member, 60)
  redis.call('ZADD', 'rq:executions:' .. id, now + 60, execution)
  redis.call('EXPIRE', 'rq:executions:' .. id, 3600)
  redis.call('ZADD', leases, now + lease, member)
  redis.call('SADD', executions, member)
  redis.call('EXPIRE', executions, 3600)
  return {id, execution, f[1] or '', f[2] or '', tonumber(f[3] or '0') or 0, tonumber(f[4] or '0') or 0,
    table.concat(forbidden, ' ')}
end

local out = {}
for n, id in ipairs(ids) do
  local checked, running = pcall(is_running, id)
  if not (checked and running) then
    local ok, job = pcall(start, id, n)
    if not ok then
      local reason = type(job) == 'table' and job.err or tostring(job)
      redis.call('LPUSH', 'trunkline:parked', id .. ' ' .. now .. ' ' .. reason)
      if redis.call('ZREM', KEYS[5], id) == 1 then redis.call('HINCRBY', 'trunkline:stats', 'parked', 1) end
      out[#out + 1] = {id, 'broken', reason}
    elseif job then
      out[#out + 1] = job
    end
  end
end
return out
