-- Store that commands are about to be sent, before their first byte: when that was for the first time (a resend is judged
-- by it: 50 s; Telnyx forgets after 60), and that a try of them may have its effect unseen. Also how a holder looks again.
--
-- A dial is judged here, right before it goes out. Of one that would wait too long for its place in the pace it is
-- refused; else it has a slot, and is stamped when that has come. Of a do-not-call number it is refused at each try.
--
-- KEYS 1 trunkline:call:<id>   2 trunkline:outbox:<id>   3 trunkline:dials   4 trunkline:dials:hold   5 trunkline:dnc
-- ARGV 1 token   2 dials in Telnyx's window   3 the window in s   4 how long a dial may wait in s
--      5… row, 'plain' | 'dial' | 'admitted', number for the do-not-call list or '', dials per minute or ''
-- Reply {} when the claim was lost, else {now, version, record, outbox field, value, …}
local held = redis.call('HMGET', KEYS[1], 'token', 'version', 'record')
if held[1] ~= ARGV[1] then return {} end
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6

local function slot(minute)
  local at = math.max(now, tonumber(redis.call('GET', KEYS[4]) or '0'))
  local function after(count, seconds, name)
    local oldest = redis.call('LINDEX', KEYS[3], -count)
    if not oldest or tonumber(oldest) + seconds <= at then return nil end
    at = tonumber(oldest) + seconds
    return at - now > tonumber(ARGV[4]) and name or nil
  end
  local refused = after(tonumber(ARGV[2]), tonumber(ARGV[3]), 'pace')
  if minute then refused = after(minute, 60, 'limits.dials_per_minute') or refused end
  if refused then return nil, refused end
  redis.call('RPUSH', KEYS[3], at)
  redis.call('LTRIM', KEYS[3], -10000, -1)
  redis.call('EXPIRE', KEYS[3], 120)
  return at
end

local function is_unwanted(row, number)
  if number == '' or redis.call('SISMEMBER', KEYS[5], number) == 0 then return false end
  redis.call('HSET', KEYS[2], row .. '.refused', 'dnc')
  return true
end

local function has_slot(row, kind, minute)
  if kind == 'dial' and redis.call('HEXISTS', KEYS[2], row .. '.slot') == 0 then
    local at, refused = slot(tonumber(minute))
    redis.call('HSET', KEYS[2], row .. (at and '.slot' or '.refused'), at or refused)
  end
  local at = tonumber(redis.call('HGET', KEYS[2], row .. '.slot') or '0')
  return redis.call('HEXISTS', KEYS[2], row .. '.refused') == 0 and at <= now
end

for i = 5, #ARGV, 4 do
  local row, kind, number, minute = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local is_there = redis.call('HEXISTS', KEYS[2], row) == 1
  local is_first = is_there and redis.call('HEXISTS', KEYS[2], row .. '.first') == 0
  local may_go = is_there and not is_unwanted(row, number)
  if may_go and (kind == 'plain' or not is_first or has_slot(row, kind, minute)) then
    redis.call('HSETNX', KEYS[2], row .. '.first', now)
    redis.call('HSET', KEYS[2], row .. '.uncertain', 1)
  end
end
local reply = {tostring(now), held[2] or '0', held[3]}
for _, field in ipairs(redis.call('HGETALL', KEYS[2])) do reply[#reply + 1] = field end
return reply
