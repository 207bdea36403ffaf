-- Take jobs and mark them started, on RQ's own data model. With ids given (that BLMOVE has put into the intermediate
-- list) only those that are still there; else up to n from the queue.
--
-- KEYS 1 queue   2 intermediate   3 leases (rq:wip:<kind>)   4 this worker's executions   5 pending   6 failed registry
-- ARGV 1 how many   2 worker   3 time as RQ writes it   4 lease in s   5 prefix of execution ids
--      6 ttl of dead letters in s   7 retries_left of a new job   8… ids
-- Reply list of {id, execution, data, enqueued_at, exceptions, lost_leases, names of forbidden fields}
--       or {id, 'broken', reason} for one that must not run: it is parked here, and harms nobody else
local queue, intermediate, leases, executions = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local lease, retries = tonumber(ARGV[4]), tonumber(ARGV[7])
local dead = {failed = KEYS[6], pending = KEYS[5], now = now, iso = ARGV[3], ttl = tonumber(ARGV[6])}
local FIELDS = {'data', 'enqueued_at', 'exceptions', 'lost_leases', 'retries_left', 'alone', 'status'}
local FORBIDDEN = {'success_callback_name', 'failure_callback_name', 'stopped_callback_name', 'webhooks',
  'dependency_ids', 'dependency_id', 'repeats_left', 'group_id'}

-- Of a wrong type? Then fail before anything is taken: no job would be at fault.
redis.call('ZCARD', leases)
redis.call('SCARD', executions)

local ids = {}
if #ARGV > 7 then
  for i = 8, #ARGV do
    if redis.call('LREM', intermediate, 1, ARGV[i]) == 1 then ids[#ids + 1] = ARGV[i] end
  end
else
  ids = redis.call('LPOP', queue, ARGV[1]) or {}
end

-- RQ's own clean-up, run by its tools, requeues a job whose lease has lapsed before our sweep sees it, and takes one off
-- retries_left: that is a lost lease too. A job that was enqueued without our retries_left gets it here.
local function lost_leases(key, f)
  local counted, left = count_of(f.lost_leases), tonumber(f.retries_left or '')
  if left and left > retries / 2 then return counted + math.max(0, retries - left) end
  redis.call('HSET', key, 'retries_left', retries)
  return counted
end

local function forbidden_of(key)
  local found = {}
  for i, value in ipairs(redis.call('HMGET', key, unpack(FORBIDDEN))) do
    if value and value ~= '' then found[#found + 1] = FORBIDDEN[i] end
  end
  return table.concat(found, ' ')
end

local function park_broken(id, reason)
  park_id(dead, id, reason)
  return {id, 'broken', reason}
end

local function start(id, n)
  if not string.find(id, '^[%w_-]+$') then return park_broken(id, 'not a job id') end
  local key = 'rq:job:' .. id
  local f = {}
  for i, value in ipairs(redis.call('HMGET', key, unpack(FIELDS))) do f[FIELDS[i]] = value end
  if not f.status and not f.data then return nil end -- the job was done or deleted: nothing to run
  local lost = lost_leases(key, f)
  if f.alone == '1' then -- set while it runs alone, and taken back when that ends well
    local reason = 'lost its lease while it ran alone in its process, after ' .. lost - 1 .. ' lost leases'
    park_job(dead, id, reason, count_of(f.exceptions), lost)
    return {id, 'broken', reason}
  end
  local execution = ARGV[5] .. n
  local member = id .. ':' .. execution
  redis.call('ZADD', 'rq:executions:' .. id, now + 60, execution)
  redis.call('EXPIRE', 'rq:executions:' .. id, 3600)
  redis.call('HSET', key, 'status', 'started', 'started_at', ARGV[3], 'last_heartbeat', ARGV[3], 'worker_name', ARGV[2])
  redis.call('PERSIST', key)
  redis.call('HSET', 'rq:execution:' .. member, 'id', execution, 'job_id', id, 'created_at', now, 'last_heartbeat', now,
    'worker_name', ARGV[2])
  redis.call('EXPIRE', 'rq:execution:' .. member, 60)
  redis.call('ZADD', leases, now + lease, member)
  redis.call('SADD', executions, member)
  redis.call('EXPIRE', executions, 3600)
  return {id, execution, f.data or '', f.enqueued_at or '', count_of(f.exceptions), lost, forbidden_of(key)}
end

local out = {}
for n, id in ipairs(ids) do
  local checked, running = pcall(is_running, leases, id) -- a copy of an id whose job runs must not start it twice
  if not (checked and running) then
    local ok, job = pcall(start, id, n)
    if not ok then job = park_broken(id, text_of(job)) end
    out[#out + 1] = job
  end
end
return out
