-- Store that commands are about to be sent, before their first byte: when that was for the first time (a resend is judged
-- by it: 50 s; Telnyx forgets after 60), and that a try of them may have its effect unseen. Also how a holder looks again.
--
-- KEYS 1 trunkline:call:<id>   2 trunkline:outbox:<id>
-- ARGV 1 token   2… rows
-- Reply {} when the claim was lost, else {now, record, outbox field, value, …}
local held = redis.call('HMGET', KEYS[1], 'token', 'record')
if held[1] ~= ARGV[1] then return {} end
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
for i = 2, #ARGV do
  if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 1 then
    redis.call('HSETNX', KEYS[2], ARGV[i] .. '.first', now)
    redis.call('HSET', KEYS[2], ARGV[i] .. '.uncertain', 1)
  end
end
local reply = {tostring(now), held[2]}
for _, field in ipairs(redis.call('HGETALL', KEYS[2])) do reply[#reply + 1] = field end
return reply
