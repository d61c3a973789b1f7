-- Claim timers that are due. A claim is a lease, not a removal: if the claimer dies before it
-- commits, the timer fires again.
-- KEYS[1] - timers
-- ARGV[1] - now, ms
-- ARGV[2] - lease, ms
-- ARGV[3] - most to claim
-- Returns the next wake, ms ("" when there is none), then the claimed record keys.
local found = {""}
for i, key in ipairs(redis.call("ZRANGE", KEYS[1], "-inf", ARGV[1], "BYSCORE", "LIMIT", 0, ARGV[3])) do
  redis.call("ZADD", KEYS[1], ARGV[1] + ARGV[2], key)
  found[i + 1] = key
end
found[1] = redis.call("ZRANGE", KEYS[1], 0, 0, "WITHSCORES")[2] or ""
return found
