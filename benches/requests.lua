-- wrk's requests: the lines of the file REQUESTS one after the other, again and again. A line is a method, a path, a credential, a media type
-- and a body, parted by tabs; {n} in a body is another number each time, from FIRST on. With PAUSE a connection waits so many milliseconds before
-- each request, with CHECK answers are searched for GraphQL's errors. Prints what came of it as a line of JSON.
local ready, next, number = {}, 0, tonumber(os.getenv("FIRST") or "0")
local threads = {}
failed = 0

function setup(thread)
  table.insert(threads, thread)
end

local function formatted(line, body)
  local headers = { ["Authorization"] = line[3] ~= "" and "Bearer " .. line[3] or nil, ["Content-Type"] = line[4] ~= "" and line[4] or nil }
  headers["Accept-Encoding"] = os.getenv("CODING")
  return wrk.format(line[1], line[2], headers, body ~= "" and body or nil)
end

function init()
  for text in io.lines(os.getenv("REQUESTS")) do
    local line = {}
    for part in (text .. "\t"):gmatch("([^\t]*)\t") do
      table.insert(line, part)
    end
    table.insert(ready, line[5]:find("{n}", 1, true) and line or formatted(line, line[5]))
  end
end

function request()
  next = next % #ready + 1
  local one = ready[next]
  if type(one) == "string" then
    return one
  end
  number = number + 1
  return formatted(one, (one[5]:gsub("{n}", tostring(number))))
end

if os.getenv("PAUSE") then
  function delay()
    return tonumber(os.getenv("PAUSE"))
  end
end

if os.getenv("CHECK") then
  function response(status, headers, body)
    if body:find('"errors":', 1, true) then
      failed = failed + 1
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  local refused = errors.status
  for _, thread in ipairs(threads) do
    refused = refused + thread:get("failed")
  end
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "refused": %d, "broken": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, refused, broken, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
