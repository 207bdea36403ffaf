-- Finish a batch of jobs. Each counts only if its lease is still ours: a worker that was thought dead must not delete a
-- job that runs elsewhere by now.
--
-- KEYS 1 queue   2 leases   3 this worker's executions   4 failed registry   5 scheduled registry   6 pending
--      7 worker hash
-- ARGV 1 msgpack list of maps {id, execution, verdict, …}   2 time as RQ writes it   3 busy seconds to add
--      4 ttl of dead letters in s
--   done    the job is deleted
--   retry   delay (s), exceptions (count so far): again after the delay
--   back    to the front of the queue, as if it had not been taken
--   park    reason: a dead letter, see parking.lua
-- Reply how many were still ours
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local dead = {failed = KEYS[4], pending = KEYS[6], now = now, iso = ARGV[2], ttl = tonumber(ARGV[4])}
local ours, ok, bad = 0, 0, 0

local function settle(item)
  local key = 'rq:job:' .. item.id
  if redis.call('EXISTS', key) == 0 then return end -- deleted meanwhile: what is written now would be half a job
  if item.verdict == 'done' then
    redis.call('DEL', key)
    ok = ok + 1
  elseif item.verdict == 'retry' then
    redis.call('HSET', key, 'status', 'scheduled', 'exceptions', item.exceptions, 'worker_name', '')
    redis.call('HDEL', key, 'alone')
    redis.call('ZADD', KEYS[5], now + item.delay, item.id)
  elseif item.verdict == 'back' then
    redis.call('HSET', key, 'status', 'queued', 'worker_name', '')
    redis.call('HDEL', key, 'alone')
    redis.call('LPUSH', KEYS[1], item.id)
  else
    local before = redis.call('HMGET', key, 'exceptions', 'lost_leases')
    park_job(dead, item.id, item.reason, 1 + count_of(before[1]), count_of(before[2]))
    bad = bad + 1
  end
end

for _, item in ipairs(cmsgpack.unpack(ARGV[1])) do
  local member = item.id .. ':' .. item.execution
  redis.pcall('SREM', KEYS[3], member)
  redis.pcall('DEL', 'rq:execution:' .. member)
  if redis.call('ZREM', KEYS[2], member) == 1 then
    ours = ours + 1
    redis.pcall('ZREM', 'rq:executions:' .. item.id, item.execution)
    -- what cannot be settled counts as a lost lease: the sweep takes it from there
    if not pcall(settle, item) then redis.call('ZADD', KEYS[2], now, member) end
  end
end
redis.pcall('HINCRBY', KEYS[7], 'successful_job_count', ok)
redis.pcall('HINCRBY', KEYS[7], 'failed_job_count', bad)
redis.pcall('HINCRBYFLOAT', KEYS[7], 'total_working_time', ARGV[3])
return ours
