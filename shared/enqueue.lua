-- Keep up to 64 jobs, each exactly once, and answer for each by itself.
--
-- No job may stay half written. So the once-key is written last, what precedes it is undone when a later key turns
-- out to be of another type, and the first write (HSET) is the only one that a full server refuses.
--
-- KEYS 1 trunkline:stats   2 rq:queues   3… for each job: its once-key, its hash, its queue, its pending set
-- ARGV 1 time as RQ writes it   2 ttl of once-keys in s   3 ttl of dead letters in s   4 retries_left of a new job
--      5… for each job: value of its once-key, id, queue's name, description, deadline in s, data
-- Reply for each job {'new'}, {'duplicate', value of its once-key} or {'error', text}

local stats, queues = KEYS[1], KEYS[2]
local now, once_ttl, failure_ttl, retries_left = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local time = redis.call('TIME')
local accepted_at = time[1] .. '.' .. string.format('%06d', time[2])

local function text_of(reason)
  return type(reason) == 'table' and reason.err or tostring(reason)
end

local function count_duplicate(value)
  -- A write, so that WAIT covers the first event's writes as well: this 200 is as durable as the first.
  redis.call('HINCRBY', stats, 'duplicates', 1)
  return {'duplicate', value}
end

local function enlist(id, queue, pending)
  redis.call('RPUSH', queue, id)
  redis.call('ZADD', pending, accepted_at, id)
  redis.call('SADD', queues, queue)
  redis.call('HINCRBY', stats, 'accepted', 1)
end

local function undo(job, id, queue, pending) -- RQ's set of queues stays: it names no job
  redis.pcall('LREM', queue, -1, id) -- from the tail, where it was just pushed
  redis.pcall('ZREM', pending, id)
  redis.pcall('DEL', job)
end

local function keep(k, a)
  local once, job, queue, pending = KEYS[k], KEYS[k + 1], KEYS[k + 2], KEYS[k + 3]
  local once_value, id = ARGV[a], ARGV[a + 1]

  -- A once-key of another type is none of ours: it is written over rather than believed.
  if redis.call('TYPE', once).ok == 'string' then
    return count_duplicate(redis.call('GET', once))
  end
  -- The job outlives its once-key where it was parked; a hash without data is a remnant and not a job.
  if redis.call('HEXISTS', job, 'data') == 1 then
    return count_duplicate(once_value)
  end

  redis.call('HSET', job,
    'created_at', now, 'enqueued_at', now, 'origin', ARGV[a + 2], 'description', ARGV[a + 3],
    'timeout', ARGV[a + 4], 'data', ARGV[a + 5], 'status', 'queued', 'worker_name', '',
    'result_ttl', 0, 'failure_ttl', failure_ttl, 'retries_left', retries_left)
  local done, reason = pcall(enlist, id, queue, pending)
  if not done then
    undo(job, id, queue, pending)
    return {'error', text_of(reason)}
  end
  redis.call('SET', once, once_value, 'EX', once_ttl)
  return {'new'}
end

local replies = {}
for i = 1, (#KEYS - 2) / 4 do
  local done, reply = pcall(keep, 4 * i - 1, 6 * i - 1)
  replies[i] = done and reply or {'error', text_of(reply)}
end
return replies
