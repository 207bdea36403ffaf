-- Find the calls that jobs are about, each as load.lua does, and what is left of it. Nothing is written.
--
-- ARGV 1 msgpack: for each job {call named by client_state or '', leg id or '', session id or '', id of a new call}
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
for _, job in ipairs(cmsgpack.unpack(ARGV[1])) do
  -- a key of a wrong type may be the very reason why a job lies here
  local ok, told = pcall(look, unpack(job))
  reply[#reply + 1] = ok and told or {job[4], 'unreadable', 0}
end
return reply
