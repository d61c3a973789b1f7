-- Hand a signal to whoever holds its receiver's socket, or keep it.
-- KEYS[1]    - pending list of the receiver
-- KEYS[2]    - channel of the receiver
-- ARGV[1]    - "c" for a candidate, "o" for another
-- ARGV[2]    - body
-- ARGV[3..5] - most candidates and most bytes of others kept; how long, ms
-- Returns 1 sent, 0 kept, -1 overflow (all that was kept is dropped).
local pending = redis.call("LRANGE", KEYS[1], 0, -1)
-- While anything is pending, what follows queues up behind it, for the order.
if #pending == 0 and redis.call("SPUBLISH", KEYS[2], ARGV[2]) > 0 then return 1 end
pending[#pending + 1] = ARGV[1] .. ARGV[2]
local candidates, bytes = 0, 0
for _, signal in ipairs(pending) do
  if signal:sub(1, 1) == "c" then candidates = candidates + 1 else bytes = bytes + #signal - 1 end
end
if candidates > tonumber(ARGV[3]) or bytes > tonumber(ARGV[4]) then
  redis.call("DEL", KEYS[1])
  return -1
end
redis.call("RPUSH", KEYS[1], pending[#pending])
redis.call("PEXPIRE", KEYS[1], ARGV[5])
return 0
