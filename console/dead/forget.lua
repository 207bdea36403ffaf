-- Throw away lines of the list of what was broken, and the keys of theirs that no job can live in.
--
-- KEYS 1 list   2 stats
-- ARGV for each: its line, its job id
-- Reply how many there were
redis.call('HLEN', KEYS[2])
local gone = 0
for at = 1, #ARGV, 2 do
  if redis.call('LREM', KEYS[1], 1, ARGV[at]) == 1 then
    gone = gone + 1
    local key = 'rq:job:' .. ARGV[at + 1]
    if redis.call('TYPE', key).ok ~= 'hash' then redis.call('DEL', key) end
  end
end
if gone > 0 then redis.call('HINCRBY', KEYS[2], 'discarded', gone) end
return gone
