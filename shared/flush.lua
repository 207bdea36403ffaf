-- Add what a process has counted to the numbers of the fleet: once each batch, however often it is sent.
--
-- KEYS 1 the totals (hash)   2 number of the last batch of this process
-- ARGV 1 number of this batch   2 prefix of the hashes of one minute each   3 how long such a hash is kept in s
--      4 how long the number of a batch is kept in s   5… field, how many, …
-- Reply 1, or 0 when this batch was added before
local number, kept_s = tonumber(ARGV[1]), tonumber(ARGV[3])
if number <= tonumber(redis.call('GET', KEYS[2]) or '0') then return 0 end
local minute = ARGV[2] .. math.floor(tonumber(redis.call('TIME')[1]) / 60)

-- of a wrong type? Then fail before anything is added, or each try would add a part again
redis.call('HLEN', KEYS[1])
redis.call('HLEN', minute)

redis.call('SET', KEYS[2], number, 'EX', ARGV[4])
for i = 5, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
  redis.call('HINCRBY', minute, ARGV[i], ARGV[i + 1])
end
redis.call('EXPIRE', minute, kept_s)
return 1
