-- Find the calls that jobs are about, each as load.lua does, and what is left of it. Nothing is written.
--
-- ARGV for each job: 1 call named by client_state or ''   2 leg id or ''   3 session id or ''   4 id of a new call
-- Reply for each {call id, record or '', 1 when a timeline is left}
local function kept(id)
  return id and id ~= '' and (redis.call('EXISTS', 'trunkline:call:' .. id) == 1
    or redis.call('EXISTS', 'trunkline:timeline:' .. id) == 1) and id
end

local function look(named, leg, session, new)
  local call = kept(named)
    or leg ~= '' and kept(redis.call('GET', 'trunkline:leg:' .. leg))
    or session ~= '' and kept(redis.call('GET', 'trunkline:session:' .. session))
    or kept(new)
    or named ~= '' and named
    or new
  local record = redis.call('HGET', 'trunkline:call:' .. call, 'record') or ''
  return {call, record, redis.call('EXISTS', 'trunkline:timeline:' .. call)}
end

local reply = {}
for at = 1, #ARGV, 4 do
  -- a key of a wrong type may be the very reason why a job lies here
  local ok, told = pcall(look, ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3])
  reply[#reply + 1] = ok and told or {ARGV[at + 3], 'unreadable', 0}
end
return reply
