#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Elixir's interactive shell: its lines are edited, completed by it and
# remembered, and it is a job as others are.
. "${MERLE_TOP:?}/test/shell/tmux.inc"
command -v iex >/dev/null || { echo "no Elixir here"; exit 77; }

mkdir "$home/bin"
cat > "$home/bin/erl" <<E
#!/bin/sh
exec "${MERLE:?}" "\$@"
E
chmod +x "$home/bin/erl"
window PATH="$home/bin:$PATH" ERL_EXEC="$home/bin/erl" iex
expect '^Interactive Elixir'; expect '^iex(1)>'
enter 'x = Enum.map(1..3, & &1 * 2)'; expect '^\[2, 4, 6\]$'
enter "IEx.Autocomplete.expand('psretni.munE')" # loads what it needs
expect "^{:yes, 'erse', \[\]}$"
type 'Enum.intersp'; keys Tab; expect '^iex(3)> Enum.intersperse'
keys C-u; type 'Enum.max'; keys Tab; expect '^max/3  *max_by/2'
keys C-u; enter 'if true do'; expect '^\.\.\.(3)>'
enter ':many'; expect '^\.\.\.(3)>'; enter 'end'; expect '^:many$'
keys Up Up Up Up Up; expect '^iex(4)> x = Enum.map'; keys C-u
enter 'IO.gets("name? ")'; expect '^name?'; enter 'me'; expect '^"me\\n"$'
# Another job, and back.
keys C-g; expect '^ -->$'; enter 'j'; expect "^   1\\* {'Elixir.IEx',start,"
enter 's'; enter 'c'; expect '^1>$'; enter '{erl, 1 + 1}.'; expect '^{erl,2}$'
keys C-g; enter 'c 1'; enter '{x, :again}'; expect '^{\[2, 4, 6\], :again}$'
enter 'System.halt()'; expect_end
