-- Forget sessions of a dead node; one that the node has opened anew meanwhile stays.
-- KEYS[1]   - nodes
-- KEYS[2]   - the node's sessions
-- ARGV[1]   - node id
-- ARGV[2..] - session id, body as claimed, in turn
for i = 2, #ARGV, 2 do
  if redis.call("HGET", KEYS[2], ARGV[i]) == ARGV[i + 1] then redis.call("HDEL", KEYS[2], ARGV[i]) end
end
if redis.call("EXISTS", KEYS[2]) == 0 then redis.call("ZREM", KEYS[1], ARGV[1]) end
