-- Throw dead letters of one kind away. In the account their events stay parked: they were accepted, and given up.
--
-- KEYS 1 failed registry   2 stats
-- ARGV ids
-- Reply how many there were
redis.call('HLEN', KEYS[2])
local gone = 0
for _, id in ipairs(ARGV) do
  if redis.call('ZREM', KEYS[1], id) == 1 then
    gone = gone + 1
    -- a job that another copy of its id has started is none of ours to delete
    local key = 'rq:job:' .. id
    if redis.call('TYPE', key).ok ~= 'hash' or redis.call('HGET', key, 'status') == 'failed' then
      redis.call('DEL', key)
    end
  end
end
if gone > 0 then redis.call('HINCRBY', KEYS[2], 'discarded', gone) end
return gone
