#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Elixir: its compiler and library run from their .beam files, and what it
# hands over as Core Erlang merle's compiler makes code of.
. "$MERLE_TOP/test/otp_programs/applications.sh"
lib=/usr/lib/elixir/lib
[ -d "$lib/elixir/ebin" ] || {
    echo "no Elixir here"
    exit 77
}

cat > program.exs <<'EOF'
defmodule Numbers do
  def fact(0), do: 1
  def fact(n) when n > 0, do: n * fact(n - 1)
  def even(list), do: for(x <- list, rem(x, 2) == 0, do: {x, fact(x)})
end

defmodule Counter do
  use GenServer
  def init(n), do: {:ok, n}
  def handle_call(:next, _from, n), do: {:reply, n, n + 1}
end

defprotocol Size do
  def size(data)
end

defimpl Size, for: BitString do
  def size(data), do: byte_size(data)
end

IO.inspect(Numbers.even(1..10))
{:ok, counter} = GenServer.start_link(Counter, 41)
GenServer.call(counter, :next)
IO.inspect({GenServer.call(counter, :next), Size.size("hello")})

try do
  Numbers.fact(-1)
rescue
  e -> IO.puts(Exception.message(e))
end

IO.inspect(Regex.scan(~r/(\w)(\d)/, "a1 b2"))
IO.puts(1..20 |> Task.async_stream(&(&1 * &1)) |> Enum.reduce(0, fn {:ok, x}, sum -> x + sum end))
EOF

out=$(timeout 60 "$MERLE" -noshell -elixir_root "$lib" -pa "$lib/elixir/ebin" \
          -s elixir start_cli -extra program.exs 2>&1)
expect '[{2, 2}, {4, 24}, {6, 720}, {8, 40320}, {10, 3628800}]
{42, 5}
no function clause matching in Numbers.fact/1
[["a1", "a", "1"], ["b2", "b", "2"]]
2870'
