-- Find one call by any of its ids, and read all that is kept of it at one instant. Nothing is written.
--
-- ARGV 1 an id as somebody has it: of a call of ours, a leg or a session   2 the call that a session of this id begins
-- Reply {} when none is known, else {call id, when it began or '', record or '', timeline entry, …}
local function kept(id)
  return id and (redis.call('EXISTS', 'trunkline:call:' .. id) == 1
    or redis.call('EXISTS', 'trunkline:timeline:' .. id) == 1) and id
end

local call = kept(ARGV[1])
  or kept(redis.call('GET', 'trunkline:leg:' .. ARGV[1]))
  or kept(redis.call('GET', 'trunkline:session:' .. ARGV[1]))
  or kept(ARGV[2])
if not call then return {} end

local reply = {
  call,
  redis.call('ZSCORE', 'trunkline:calls', call) or '',
  redis.call('HGET', 'trunkline:call:' .. call, 'record') or '',
}
for _, entry in ipairs(redis.call('LRANGE', 'trunkline:timeline:' .. call, 0, -1)) do reply[#reply + 1] = entry end
return reply
