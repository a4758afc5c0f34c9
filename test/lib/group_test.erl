%% SPDX-License-Identifier: Apache-2.0
%% group: an io server for a driver that shows characters and sends keys, as
%% ssh's does. The driver here keeps a screen of lines.
-module(group_test).
-export([main/0]).
%% expect: line: {"helXYlo\n",["? helXYlo","got helXYlo"]}
%% expect: geometry: {{ok,40},{ok,10},[{binary,false},{echo,true},{encoding,unicode}]}
%% expect: above: {"abcd\n",["note","? abcd"]}
%% expect: expand: {"foobar\n",["? foobar"]}
%% expect: echo: {"abc\n",["? "]}
%% expect: interrupt: {error,interrupted}
%% expect: requests: {["a","b"],ok}
%% expect: interfaces: {true,true,[]}
%% expect: ends: {finished,normal,die}
%% expect: starts: [started,started,started,{badrpc,nodedown}]

main() ->
    process_flag(trap_exit, true),
    show(line, line()),
    show(geometry, geometry()),
    show(above, above()),
    show(expand, expand()),
    show(echo, echo()),
    show(interrupt, interrupt()),
    show(requests, requests()),
    show(interfaces, interfaces()),
    show(ends, {ended(fun() -> exit(finished) end), ended(fun() -> ok end),
                killed()}),
    show(starts, starts()).

show(What, Value) -> io:format("~w: ~p~n", [What, Value]).

line() ->
    Group = start(fun() ->
                          Line = io:get_line("? "),
                          io:put_chars(["got ", Line]),
                          done(Line)
                  end, []),
    Screen = type(Group, "hello\^b\^b", screen()),
    finish(Group, type(Group, "XY\n", Screen)).

geometry() ->
    Group = start(fun() ->
                          Options = [O || {Key, _} = O <- io:getopts(),
                                          Key =/= expand_fun],
                          done({io:columns(), io:rows(), lists:sort(Options)})
                  end, []),
    {Answer, _} = finish(Group, screen()),
    Answer.

%% What others print while a line is typed does not end up in it.
above() ->
    Group = start(fun() ->
                          Leader = group_leader(),
                          spawn(fun() ->
                                        receive after 100 -> ok end,
                                        io:put_chars(Leader, "note\n")
                                end),
                          done(io:get_line("? "))
                  end, []),
    Screen = await_line("note", type(Group, "abc", screen()), Group),
    finish(Group, type(Group, "d\n", Screen)).

expand() ->
    Expand = fun("oof") -> {yes, "bar", []};
                (_) -> {no, "", []}
             end,
    Group = start(fun() -> done(io:get_line("? ")) end, [{expand_fun, Expand}]),
    finish(Group, type(Group, "foo\t\n", screen())).

echo() ->
    Group = start(fun() -> done(io:get_line("? ")) end, [{echo, false}]),
    finish(Group, type(Group, "abc\n", screen())).

interrupt() ->
    Group = start(fun() ->
                          process_flag(trap_exit, true),
                          done(io:get_line("? "))
                  end, []),
    Screen = await_prompt("? ", screen(), Group),
    exit(Group, interrupt),
    {Answer, _} = finish(Group, Screen),
    Answer.

%% Text of several requests comes in order, and all of it before the answer.
requests() ->
    Group = start(fun() ->
                          Requests = [{put_chars, unicode, "a\n"},
                                      {put_chars, unicode, "b\n"}],
                          done(io:request(group_leader(), {requests, Requests}))
                  end, []),
    {Answer, Lines} = finish(Group, screen()),
    {Lines, Answer}.

interfaces() ->
    Group = start(fun() -> done(io:get_line("? ")) end, []),
    Screen = await_prompt("? ", screen(), Group),
    Found = group:interfaces(Group),
    Self = self(),
    finish(Group, type(Group, "\n", Screen)),
    {lists:member({user_drv, Self}, Found), lists:keymember(shell, 1, Found),
     group:interfaces(Self)}.

%% A job ends with its shell, for the same reason.
ended(Shell) ->
    Group = group:start(self(), fun() -> spawn(Shell) end),
    receive {'EXIT', Group, Reason} -> Reason end.

killed() ->
    Group = group:start(self(), fun() -> spawn(fun sleep/0) end),
    exit(Group, die),
    receive {'EXIT', Group, Reason} -> Reason end.

sleep() -> receive never -> ok end.

%% All that a shell can be given as.
starts() ->
    register(group_test_main, self()),
    Pid = spawn(fun() -> receive go -> started() end end),
    Groups = [group:start(self(), {erlang, spawn, [fun started/0]}),
              group:start(self(), {node(), erlang, spawn, [fun started/0]}),
              group:start(self(), Pid)],
    await_leader(Pid, lists:last(Groups)),
    Pid ! go,
    Started = [receive started -> started end || _ <- Groups],
    [receive {'EXIT', Group, _} -> ok end || Group <- Groups],
    Lost = group:start(self(), {'nobody@nowhere', shell, start, []}),
    Started ++ [receive {'EXIT', Lost, Reason} -> Reason end].

started() -> group_test_main ! started.

await_leader(Pid, Leader) ->
    case process_info(Pid, group_leader) of
        {group_leader, Leader} -> ok;
        _ -> await_leader(Pid, Leader)
    end.

%%% A shell that answers once, and its driver

start(Shell, Options) ->
    Self = self(),
    put(answer, none),
    group:start(Self, fun() -> spawn(fun() ->
                                             put(main, Self),
                                             Shell()
                                     end)
                      end, Options).

done(Answer) ->
    get(main) ! {answer, Answer},
    receive go -> ok end.

type(Group, Keys, Screen) ->
    Screen1 = await_prompt("? ", Screen, Group),
    Group ! {self(), {data, Keys}},
    settled(Group, Screen1).

%% Serves the group until the shell has answered and all is shown.
finish(Group, Screen) ->
    {Lines, Before, After} = settled(Group, Screen),
    case get(answer) of
        {answer, Answer} ->
            unlink(Group),
            exit(Group, kill),
            Last = [lists:reverse(Before, After) || Before ++ After =/= ""],
            {Answer, [string:trim(L, trailing) ++ blank(L)
                      || L <- lists:reverse(Lines, Last)]};
        none ->
            receive after 10 -> finish(Group, {Lines, Before, After}) end
    end.

blank("? ") -> " ";
blank(_) -> "".

await_line(Line, {Lines, _, _} = Screen, Group) ->
    case [L || L <- Lines, string:trim(L) =:= Line] of
        [] -> await_line(Line, settled(Group, serve(Group, Screen)), Group);
        _ -> Screen
    end.

%% The prompt stands in the line that is written.
await_prompt(Prompt, {_, Before, _} = Screen, Group) ->
    case lists:prefix(Prompt, lists:reverse(Before)) of
        true -> Screen;
        false -> await_prompt(Prompt, serve(Group, Screen), Group)
    end.

%% What comes while nothing is waited for; a moment without is the end of it.
settled(Group, Screen) ->
    receive
        {Group, _} = Said -> settled(Group, said(Said, Screen));
        {Group, _, _} = Said -> settled(Group, said(Said, Screen));
        {answer, _} = Answer ->
            put(answer, Answer),
            settled(Group, Screen)
    after 200 -> Screen
    end.

serve(Group, Screen) ->
    receive
        {Group, _} = Said -> said(Said, Screen);
        {Group, _, _} = Said -> said(Said, Screen)
    end.

said({Group, tty_geometry}, Screen) ->
    Group ! {self(), tty_geometry, {40, 10}},
    Screen;
said({Group, get_unicode_state}, Screen) ->
    Group ! {self(), get_unicode_state, true},
    Screen;
said({Group, set_unicode_state, _}, Screen) ->
    Group ! {self(), set_unicode_state, true},
    Screen;
said({Group, {put_chars_sync, unicode, Text, Reply}}, Screen) ->
    Group ! {reply, Reply},
    drawn({put_chars, unicode, Text}, Screen);
said({_, {requests, Requests}}, Screen) ->
    lists:foldl(fun drawn/2, Screen, Requests);
said({_, Request}, Screen) -> drawn(Request, Screen).

%%% The screen: finished lines, the newest first, and what stands around the
%%% cursor in the last

screen() -> {[], "", ""}.

drawn({put_chars, unicode, Text}, Screen) ->
    lists:foldl(fun put_char/2, Screen, unicode:characters_to_list(Text));
drawn({insert_chars, unicode, Text}, {Lines, Before, After}) ->
    {Lines, lists:reverse(unicode:characters_to_list(Text), Before), After};
drawn({move_rel, N}, {Lines, Before, After}) when N >= 0 ->
    {Moved, Rest} = lists:split(min(N, length(After)), After),
    {Lines, lists:reverse(Moved, Before), Rest};
drawn({move_rel, N}, {Lines, Before, After}) ->
    {Moved, Rest} = lists:split(min(-N, length(Before)), Before),
    {Lines, Rest, lists:reverse(Moved, After)};
drawn({delete_chars, N}, {Lines, Before, After}) when N >= 0 ->
    {Lines, Before, lists:nthtail(min(N, length(After)), After)};
drawn({delete_chars, N}, {Lines, Before, After}) ->
    {Lines, lists:nthtail(min(-N, length(Before)), Before), After};
drawn(_, Screen) -> Screen.

put_char($\n, {Lines, Before, After}) ->
    {[lists:reverse(Before, After) | Lines], "", ""};
put_char($\r, {Lines, Before, After}) ->
    {Lines, "", lists:reverse(Before, After)};
put_char(C, {Lines, Before, [_ | After]}) -> {Lines, [C | Before], After};
put_char(C, {Lines, Before, ""}) -> {Lines, [C | Before], ""}.
