-- Find the call of an event and read it: by the call that its client_state names, by its leg, by its session, else a
-- new one. In one script, so that the record and its version belong together.
--
-- KEYS 1 pending of the kind; the others follow from what is found (cluster mode is refused at start)
-- ARGV 1 call named by client_state or ''   2 leg id or ''   3 session id or ''   4 id of a new call   5 event id or ''
-- Reply {call id, version, record or false, 1 when the event was applied before, group, turn, …}
local function existing(id)
  return id and id ~= '' and redis.call('EXISTS', 'trunkline:call:' .. id) == 1 and id
end

local call = existing(ARGV[1])
  or ARGV[2] ~= '' and existing(redis.call('GET', 'trunkline:leg:' .. ARGV[2]))
  or ARGV[3] ~= '' and existing(redis.call('GET', 'trunkline:session:' .. ARGV[3]))
  or ARGV[4]

local held = redis.call('HMGET', 'trunkline:call:' .. call, 'version', 'record')
local applied = ARGV[5] ~= '' and redis.call('SISMEMBER', 'trunkline:applied:' .. call, ARGV[5]) or 0
-- accepted anew after the ingress had forgotten it: the account must not wait for it
if applied == 1 and redis.call('ZREM', KEYS[1], ARGV[5]) == 1 then
  redis.call('HINCRBY', 'trunkline:stats', 'applied', 1)
end
local reply = {call, tonumber(held[1] or '0'), held[2], applied}
for _, field in ipairs(redis.call('HGETALL', 'trunkline:turns')) do reply[#reply + 1] = field end
return reply
