-- Save what a resume needs, if the token is still the one that was seen.
-- KEYS[1] - session hash
-- KEYS[2] - the list of the node that has it, if it is to be there
-- ARGV[1] - hash of the token it must have now ("" for any)
-- ARGV[2] - hash of its next token
-- ARGV[3] - body
-- ARGV[4] - time to live, ms
-- ARGV[5] - session id, with KEYS[2]
-- Returns 1, or 0 when the token is another or the session has expired.
if ARGV[1] ~= "" and redis.call("HGET", KEYS[1], "token") ~= ARGV[1] then return 0 end
redis.call("HSET", KEYS[1], "token", ARGV[2], "body", ARGV[3])
redis.call("PEXPIRE", KEYS[1], ARGV[4])
if KEYS[2] then redis.call("HSET", KEYS[2], ARGV[5], ARGV[3]) end
return 1
