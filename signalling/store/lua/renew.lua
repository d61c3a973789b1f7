-- Renew a node's lease.
-- KEYS[1] - nodes
-- ARGV[1] - node id
-- ARGV[2] - lease, ms
local time = redis.call("TIME")
redis.call("ZADD", KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
