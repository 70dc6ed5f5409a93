-- What wrk sends: the request of a template, each time with a key that no other has, and the next SKU of a list.
-- Arguments: the template's file, with {sku}, {key} and {length} (of its body) where they belong; the list's file, a SKU a line;
-- what the keys of this run begin with; and, where each answer has to be looked at, text that a good one contains.

-- A global is a thread's own, and done() can ask the thread for it. There is one thread.
expected = 0
begun = 0

local threads = {}
local texts, list, count, key = {}, {}, 0, ""

local function read(path)
   local file = assert(io.open(path, "rb"))
   local text = file:read("*a")
   file:close()
   return text
end

local function put(text, name, value)
   local first, last = text:find("{" .. name .. "}", 1, true)
   if not first then return text end
   return text:sub(1, first - 1) .. value .. put(text:sub(last + 1), name, value)
end

-- What comes before the key and what comes after it, put together once for each SKU: a request is then one concatenation.
local function prepare(template, sku)
   local text = put(template, "sku", sku)
   local body = text:match("\r\n\r\n(.*)$")
   text = put(text, "length", tostring(#body))
   local first, last = text:find("{key}", 1, true)
   return { text:sub(1, first - 1), text:sub(last + 1) }
end

function setup(thread)
   table.insert(threads, thread)
end

function init(args)
   local template = read(args[1])
   for sku in read(args[2]):gmatch("[^\n]+") do
      texts[sku] = texts[sku] or prepare(template, sku)
      list[#list + 1] = texts[sku]
   end
   key = args[3]
   local good = args[4]
   if good then
      -- wrk takes answers apart for a script only where there is such a function, so there is none where the status is enough.
      response = function(_, _, body)
         if body:find(good, 1, true) then expected = expected + 1 end
      end
   end
   begun = os.clock()
end

function request()
   count = count + 1
   local text = list[(count - 1) % #list + 1]
   return text[1] .. key .. count .. text[2]
end

function done()
   local thread = threads[1]
   io.write(string.format("Processor time: %.3fs\nAs expected: %d\n", os.clock() - thread:get("begun"), thread:get("expected")))
end
