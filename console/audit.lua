-- The account of accepted events, read at one moment.
--
-- ARGV the kinds of workers
-- Reply {accepted, applied, parked, pending, duplicates, quarantined, queued, leased, scheduled, waiting for Telnyx,
--   closed, fed, missed, unknown: what reconciling has found, discarded}
local stats = redis.call('HMGET', 'trunkline:stats', 'accepted', 'applied', 'parked', 'duplicates', 'quarantined',
  'discarded')
local found = redis.call('HMGET', 'trunkline:reconciled', 'closed', 'fed', 'missed', 'unknown')
local pending, queued, leased, scheduled, draining = 0, 0, 0, 0, 0
for _, kind in ipairs(ARGV) do
  pending = pending + redis.call('ZCARD', 'trunkline:pending:' .. kind)
  queued = queued + redis.call('LLEN', 'rq:queue:' .. kind) + redis.call('LLEN', 'rq:queue:' .. kind .. ':intermediate')
  leased = leased + redis.call('ZCARD', 'rq:wip:' .. kind)
  scheduled = scheduled + redis.call('ZCARD', 'rq:scheduled:' .. kind)
  draining = draining + redis.call('ZCARD', 'trunkline:drain:' .. kind)
end
local function number(n) return tonumber(n or '0') end
return {number(stats[1]), number(stats[2]), number(stats[3]), pending, number(stats[4]), number(stats[5]), queued, leased,
  scheduled, draining, number(found[1]), number(found[2]), number(found[3]), number(found[4]), number(stats[6])}
