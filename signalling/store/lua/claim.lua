-- Claim a node whose lease is over, so that one reaper works on it for a while.
-- KEYS[1] - nodes
-- KEYS[2] - the node's sessions
-- ARGV[1] - node id
-- ARGV[2] - how long the claim holds, ms
-- Returns session ids and bodies in turn, or nil when the lease is not over.
local lease = redis.call("ZSCORE", KEYS[1], ARGV[1])
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if not lease or tonumber(lease) > now then return false end
redis.call("ZADD", KEYS[1], now + ARGV[2], ARGV[1])
return redis.call("HGETALL", KEYS[2])
