-- Read the hashes of jobs, a batch in one answer: a command for each would take the operator's machine longer than all
-- the rest. Nothing is written.
--
-- ARGV 1 number of fields   2… the fields, then the job ids
-- Reply for each job its values, or the error that reading it met
local wanted = tonumber(ARGV[1])
local fields = {unpack(ARGV, 2, wanted + 1)}
local reply = {}
for at = wanted + 2, #ARGV do
  local held = redis.pcall('HMGET', 'rq:job:' .. ARGV[at], unpack(fields))
  reply[#reply + 1] = held.err or held
end
return reply
