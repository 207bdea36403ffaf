-- Let go of a call whose commands have to wait, and keep what is known of their tries. Not when another worker has
-- added a command that the holder has not seen: nobody would look at it before the next try of the others.
--
-- KEYS 1 trunkline:call:<id>   2 trunkline:outbox:<id>   3 trunkline:drain:<kind>
-- ARGV 1 token   2 call   3 seconds until the next try   4… row, tries, uncertain 0|1, seconds until its next try
-- Reply {} when it is released, or was lost before; else {now, version, record, outbox field, value, …} as from stamp.lua
local held = redis.call('HMGET', KEYS[1], 'token', 'version', 'record')
if held[1] ~= ARGV[1] then return {} end
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6

local seen = {}
for i = 4, #ARGV, 4 do seen[ARGV[i]] = true end
for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
  if not string.find(field, '.', 1, true) and not seen[field] then
    local reply = {tostring(now), held[2] or '0', held[3]}
    for _, each in ipairs(redis.call('HGETALL', KEYS[2])) do reply[#reply + 1] = each end
    return reply
  end
end

for i = 4, #ARGV, 4 do
  local row = ARGV[i]
  if redis.call('HEXISTS', KEYS[2], row) == 1 then
    redis.call('HSET', KEYS[2], row .. '.tries', ARGV[i + 1], row .. '.uncertain', ARGV[i + 2],
      row .. '.next', now + tonumber(ARGV[i + 3]))
  end
end
redis.call('HDEL', KEYS[1], 'token')
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[3]), ARGV[2])
return {}
