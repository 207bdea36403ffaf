-- Let the calls of a profile dial whose turn has come: in the order in which they asked, no faster than its pace, and
-- never so many that the account's own limit is used up: a caller who waits for a ring group goes before a campaign.
-- To admit is to push the job that each waits for. Any number of workers may do it at once.
--
-- KEYS 1 trunkline:waiting:<profile>   2 trunkline:live:<profile>   3 trunkline:outbound:<profile>   4 trunkline:dials
--      5 trunkline:dials:hold   6 rq:queue:routing   7 rq:queues
-- ARGV 1 time as RQ writes it   2 at most so many   3 dials in Telnyx's window that are for campaigns   4 the window in s
-- Reply {how many were admitted, seconds until the next one may be or '' when only the end of a call, or nothing, is
-- waited for}
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local rate, most, minute, next_at, paused = unpack(redis.call('HMGET', KEYS[3], 'rate', 'most', 'minute', 'next', 'paused'))
rate, most, minute, next_at = tonumber(rate or ''), tonumber(most or ''), tonumber(minute or ''), tonumber(next_at or '0')

local function wait_for_pace()
  local at = math.max(next_at, tonumber(redis.call('GET', KEYS[5]) or '0'))
  local shares = {{tonumber(ARGV[3]), tonumber(ARGV[4])}}
  if minute then shares[2] = {math.max(1, math.floor(minute * 0.8)), 60} end
  for _, share in ipairs(shares) do
    local oldest = redis.call('LINDEX', KEYS[4], -share[1])
    if oldest then at = math.max(at, tonumber(oldest) + share[2]) end
  end
  return at - now
end

local admitted = 0
while paused ~= '1' do
  local id = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
  if not id or (most and redis.call('SCARD', KEYS[2]) >= most) then break end
  if redis.call('EXISTS', 'rq:job:' .. id) == 0 then
    redis.call('ZREM', KEYS[1], id) -- somebody has deleted the job
  else
    local wait = wait_for_pace()
    if wait > 0 then return {admitted, tostring(wait)} end
    if admitted >= tonumber(ARGV[2]) then return {admitted, '0'} end
    admitted = admitted + 1
    redis.call('ZREM', KEYS[1], id)
    redis.call('SADD', KEYS[2], string.sub(id, 7, 42)) -- timer-<call>-<version>-<name>
    redis.call('RPUSH', KEYS[4], now)
    redis.call('LTRIM', KEYS[4], -10000, -1)
    redis.call('EXPIRE', KEYS[4], 120)
    redis.call('HSET', 'rq:job:' .. id, 'status', 'queued', 'enqueued_at', ARGV[1])
    redis.call('SADD', KEYS[7], KEYS[6])
    redis.call('RPUSH', KEYS[6], id)
    if rate then
      next_at = math.max(next_at, now) + 1 / rate
      redis.call('HSET', KEYS[3], 'next', next_at)
    end
  end
end
return {admitted, ''}
