-- Change fields of a hash if nobody else has since it was read.
-- KEYS[1]   - hash, whose field ".v" counts its changes; also the channel that tells of them
-- ARGV[1]   - ".v" as read ("0" for absent)
-- ARGV[2]   - what to publish
-- ARGV[3..] - field, value ("" deletes) in turn
-- Returns 1, or 0 on a conflict (nothing written).
if (redis.call("HGET", KEYS[1], ".v") or "0") ~= ARGV[1] then return 0 end
redis.call("HINCRBY", KEYS[1], ".v", 1)
for i = 3, #ARGV, 2 do
  if ARGV[i + 1] == "" then redis.call("HDEL", KEYS[1], ARGV[i])
  else redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call("SPUBLISH", KEYS[1], ARGV[2])
return 1
