-- Store when a command is first sent, before its first byte: a resend is judged by it (50 s; Telnyx forgets after 60).
--
-- KEYS 1 trunkline:call:<id>   2 trunkline:outbox:<id>
-- ARGV 1 token   2… rows
-- Reply {} when the claim was lost, else {now, outbox field, value, …}
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return {} end
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
for i = 2, #ARGV do
  if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 1 then
    redis.call('HSETNX', KEYS[2], ARGV[i] .. '.first', now)
    redis.call('HSET', KEYS[2], ARGV[i] .. '.uncertain', 1)
  end
end
local reply = {tostring(now)}
for _, field in ipairs(redis.call('HGETALL', KEYS[2])) do reply[#reply + 1] = field end
return reply
