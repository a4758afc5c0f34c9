#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a started program gets: descriptors, signals, a directory; and what is
# told of one that cannot be run.
merle=${MERLE:-merle}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
printf 'echo no line for the kernel\n' > plain
printf '#!/no/such/program\n' > wrong
chmod +x plain wrong
mkdir inside
trap '' HUP CHLD
"$merle" -noshell -eval '
    All = fun All(P) ->
              receive
                  {P, {data, D}} -> io:put_chars(D), All(P);
                  {P, {exit_status, S}} -> io:format("status ~p~n", [S])
              end
          end,
    Run = fun(Program, Args, Options) ->
              try open_port({spawn_executable, Program},
                            [{args, Args}, exit_status | Options]) of
                  P -> All(P)
              catch error:Why -> io:format("~p~n", [Why])
              end
          end,
    Sh = fun(Script, Options) -> Run("/bin/sh", ["-c", Script], Options) end,
    os:set_signal(sigusr1, ignore),
    Sh("for n in 3 4 7 9; do [ -e /proc/self/fd/$n ] && echo has $n; done; true", []),
    Sh("kill -HUP $$; echo HUP is ignored", []),
    Sh("yes 2> /dev/null | head -n 1; echo PIPE is ignored", []),
    Sh("kill -USR1 $$; echo USR1 is ignored", []),
    Sh("kill -TERM $$; echo TERM is ignored", []),
    P = open_port({spawn, "cat <&3 >&4; [ -e /proc/self/fd/9 ] && echo has 9 >&4"},
                  [nouse_stdio, in, out]),
    P ! {self(), {command, <<"by 3 and 4\n">>}},
    receive {P, {data, D}} -> io:put_chars(D) end,
    port_close(P),
    Run("./plain", [], []),
    Run("./wrong", [], []),
    Run("plain", [], [{cd, "inside"}]),
    Run("/bin/pwd", [], [{cd, "inside"}]),
    Run("/bin/pwd", [], [{cd, "plain"}]),
    Run("inside", [], []),
    Run("none", [], []),
    Sh("exit 0", [nouse_stdio, stderr_to_stdout]),
    Sh("exit 0", [{packet, 2}, line]),
    halt().' </dev/null 7</dev/null 9</dev/null > out 2> err
sed -i "s|$work|.|" out
cat > expected <<'END'
status 0
HUP is ignored
status 0
y
PIPE is ignored
status 0
status 138
status 143
by 3 and 4
status 8
status 2
status 2
./inside
status 0
status 20
status 13
enoent
badarg
badarg
END
printf 'spawn: Could not cd to plain\r\n' > expected.err
diff out expected && diff err expected.err
