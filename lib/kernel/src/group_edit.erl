%% SPDX-License-Identifier: Apache-2.0
%% group_edit: the line editor (merle_edit) between user_drv and its terminal,
%% with completion and the history's file.
-module(group_edit).

-export([can_edit/0, has_colours/0, new/2, encoded/2, with_history/2,
         load_lines/2, serving/3, show/2, start/3, stop/1, stay/1, feed/3,
         resize/1, resume/1, hint/1, insert/2, text/1]).

-export_type([edit/0, mode/0]).

-include_lib("kernel/include/file.hrl").

%% A longer file of the history, in bytes, is shortened at the start.
-define(HISTORY_MOST, 262144).

%% Bytes before the cursor that completion looks at.
-define(NEAR, 4000).

-define(EXPAND_TIME, 5000). % milliseconds that somebody's expand_fun may take

-record(edit, {editor :: reference(),
               terminal :: reference(),
               encoding :: latin1 | unicode,
               group = none :: none | pid(), % whose line is edited
               expand = default :: default | fun(),
               file = none :: file:filename() | none}).

-type edit() :: #edit{}.

%% expression: Enter ends it when it is whole. entry: a line of a shell that is
%% not merle's.
-type mode() :: expression | entry | line | password.

%% Whether the terminal is one on which lines can be edited.
-spec can_edit() -> boolean().
can_edit() -> prim_tty:is_terminal() andalso kind() =/= none.

-spec has_colours() -> boolean().
has_colours() -> kind() =:= full andalso os:getenv("NO_COLOR", "") =:= "".

%% VT100 and the like move the cursor and no more.
kind() ->
    case os:getenv("TERM", "dumb") of
        T when T =:= "dumb"; T =:= ""; T =:= "emacs" -> none;
        [$v, $t, D | _] when D >= $0, D =< $9 -> bare;
        _ -> full
    end.

%% An editor for the terminal, which from now on sends keys.
-spec new(reference(), latin1 | unicode) -> edit().
new(Terminal, Encoding) ->
    prim_tty:set_raw(Terminal, true),
    Editor = merle_edit:new(has_colours(), kind() =:= full),
    E = #edit{editor = Editor, terminal = Terminal, encoding = Encoding},
    resize(E),
    E.

-spec encoded(latin1 | unicode, edit()) -> edit().
encoded(Encoding, E) -> E#edit{encoding = Encoding}.

%% With these lines behind the cursor's key, the newest first, or those of the
%% editor's own file, to which others are then added.
-spec with_history(own | [unicode:chardata()], edit()) -> edit().
with_history(own, E0) ->
    E = E0#edit{file = history_file()},
    load(E),
    E;
with_history(Lines, #edit{editor = Editor} = E) ->
    load_lines(Editor, Lines),
    E.

load_lines(Editor, Lines) ->
    [merle_edit:remember(Editor, trimmed(Line))
     || Line <- lists:reverse(Lines)],
    ok.

%% The next line is [Group]'s, and completed by [Expand].
-spec serving(pid(), default | fun(), edit()) -> edit().
serving(Group, Expand, E) -> E#edit{group = Group, expand = Expand}.

%% Writes what others say, above the line that is edited.
show(#edit{editor = Editor} = E, Text) ->
    fit(E),
    send(E, merle_edit:show(Editor, unicode:characters_to_binary(Text))).

%% Of a prompt of several lines the editor knows the last.
start(#edit{editor = Editor} = E, Prompt, Mode) ->
    Lines = string:split(unicode:characters_to_binary(Prompt), "\n", trailing),
    [show(E, [Above, $\n]) || Above <- lists:droplast(Lines)],
    send(E, merle_edit:start(Editor, lists:last(Lines), Mode)).

stop(#edit{editor = Editor} = E) -> send(E, merle_edit:stop(Editor)).

%% The same, but what comes next stands behind the text.
stay(#edit{editor = Editor} = E) ->
    Output = merle_edit:stop(Editor),
    send(E, binary:part(Output, 0, byte_size(Output) - 1)).

%% Puts text at the cursor.
insert(#edit{editor = Editor} = E, Text) ->
    send(E, merle_edit:insert(Editor, Text)).

%% What is, or was last, in the editor.
-spec text(#edit{}) -> binary().
text(#edit{editor = Editor}) ->
    {Before, After} = merle_edit:text(Editor),
    <<Before/binary, After/binary>>.

resize(E) -> with_size(E, fun merle_edit:resize/3).

%% The window may have changed before the signal for it comes.
fit(E) -> with_size(E, fun merle_edit:fit/3).

with_size(#edit{editor = Editor, terminal = Terminal} = E, Verb) ->
    case prim_tty:window_size(Terminal) of
        {Columns, Rows} -> send(E, Verb(Editor, Columns, Rows));
        undefined -> ok
    end.

%% What was typed: more is wanted, or the line is there, with its end.
-spec feed(#edit{}, binary(), mode()) ->
          more | {line, string()} | eof | interrupt | switch.
feed(#edit{editor = Editor} = E, Bytes, Mode) ->
    fit(E),
    {Output, Event} = merle_edit:feed(Editor, to_utf8(E, Bytes)),
    send(E, Output),
    case Event of
        none -> more;
        {enter, Text} -> enter(E, Text, Mode);
        {complete, Before, _After} when Mode =:= expression; Mode =:= entry ->
            complete(E, Before),
            feed(E, <<>>, Mode);
        eof -> eof;
        interrupt -> interrupt;
        switch -> switch;
        suspend ->
            suspend(E),
            feed(E, <<>>, Mode);
        _ -> feed(E, <<>>, Mode)
    end.

%% C-z: stops the program as the system's job control has it.
suspend(#edit{editor = Editor} = E) ->
    send(E, merle_edit:suspend(Editor)),
    prim_tty:suspend(),
    resume(E).

%% The program goes on that was stopped.
resume(E) -> with_size(E, fun merle_edit:resume/3).

enter(#edit{editor = Editor} = E, Text, Mode) ->
    case Mode =:= expression andalso status(Text) of
        incomplete ->
            send(E, merle_edit:newline(Editor)),
            feed(E, <<>>, Mode);
        _ ->
            send(E, merle_edit:accept(Editor)),
            remember(E, Text, Mode),
            {line, as_commands(unicode:characters_to_list([Text, $\n]),
                               Mode)}
    end.

%% A whole module that was pasted becomes the command that compiles it.
as_commands(Text, expression) ->
    case erl_scan:tokens([], Text, 1) of
        {done, {ok, [{'-', _}, {atom, _, module}, {'(', _} | _], _}, _} ->
            lists:flatten(io_lib:format("shell_local:module(~0tp).\n",
                                        [Text]));
        _ -> Text
    end;
as_commands(Text, _) -> Text.

%% Whether the shell has enough: the last token is a dot, or what is there
%% cannot become right by adding to it.
status(Text) ->
    case erl_scan:string(unicode:characters_to_list(Text)) of
        {ok, [], _} -> complete;
        {ok, Tokens, _} ->
            case lists:last(Tokens) of
                {dot, _} -> complete;
                _ -> incomplete
            end;
        {error, {_, _, {string, _, _}}, _} -> incomplete;
        {error, _, _} -> complete
    end.

send(_, <<>>) -> ok;
send(#edit{terminal = Terminal, encoding = unicode}, Output) ->
    prim_tty:write(Terminal, Output);
send(#edit{terminal = Terminal}, Output) ->
    Chars = case unicode:characters_to_list(Output) of
                Text when is_list(Text) -> Text;
                _ -> binary_to_list(Output)
            end,
    prim_tty:write(Terminal, << <<(min(C, 255))>> || C <- Chars >>).

to_utf8(#edit{encoding = latin1}, Bytes) ->
    unicode:characters_to_binary(Bytes, latin1);
to_utf8(_, Bytes) -> Bytes.

%%% Completion

complete(#edit{editor = Editor} = E, Before) ->
    try completions(near(Before), E) of
        {Insert, Listing} ->
            send(E, merle_edit:insert(Editor,
                                      unicode:characters_to_binary(Insert))),
            Listing =:= [] orelse show(E, Listing)
    catch
        _:_ -> ok % an odd module must not end the terminal
    end.

%% What to add, and the listing of what there is.
completions(Before, #edit{expand = default} = E) ->
    case shell_complete:complete(Before, asking(E)) of
        {"", [_, _ | _] = Matches} -> {"", columns(Matches, E)};
        {Insert, _} -> {Insert, []}
    end;
completions(Before, #edit{expand = Expand}) ->
    Reversed = lists:reverse(Before),
    {Pid, Monitor} =
        spawn_monitor(fun() -> exit({found, Expand(Reversed)}) end),
    receive
        {'DOWN', Monitor, _, _, {found, {_, Insert, Matches}}} ->
            {Insert, [tl(edlin_expand:format_matches(Matches))
                      || Matches =/= []]};
        {'DOWN', Monitor, _, _, _} -> {"", []}
    after ?EXPAND_TIME ->
            exit(Pid, kill),
            demonitor(Monitor, [flush]),
            {"", []}
    end.

%% What stands close before the cursor, from the beginning of a line: of a long
%% text the rest would only take time.
near(Before) when byte_size(Before) > ?NEAR ->
    Last = binary:part(Before, byte_size(Before), -?NEAR),
    case binary:split(Last, <<"\n">>) of
        [_, Lines] -> unicode:characters_to_list(Lines);
        [_] -> ""
    end;
near(Before) -> unicode:characters_to_list(Before).

%% In columns of the same width.
columns(Words, #edit{terminal = Terminal}) ->
    Columns = case prim_tty:window_size(Terminal) of
                  {C, _} -> C;
                  undefined -> 80
              end,
    Width = lists:max([string:length(W) || W <- Words]) + 2,
    in_rows(Words, max(1, (Columns - 1) div Width), Width).

in_rows([], _, _) -> [];
in_rows(Words, Count, Width) ->
    {Row, Rest} = lists:split(min(Count, length(Words)), Words),
    [string:trim(lists:append([string:pad(W, Width) || W <- Row]), trailing),
     $\n | in_rows(Rest, Count, Width)].

%% Shows what could follow, and what the function is that is being called;
%% done when nothing was typed for a moment.
-spec hint(#edit{}) -> ok.
hint(#edit{expand = Expand}) when Expand =/= default -> ok;
hint(#edit{editor = Editor} = E) ->
    {Before0, After} = merle_edit:text(Editor),
    Before = near(Before0),
    try
        Hint = case After of
                   <<>> -> shell_complete:hint(Before, asking(E));
                   _ -> ""
               end,
        Note = shell_complete:note(Before),
        case {Hint, Note} of
            {"", ""} -> ok;
            _ ->
                send(E, merle_edit:hint(Editor,
                                        unicode:characters_to_binary(Hint),
                                        unicode:characters_to_binary(Note)))
        end
    catch
        _:_ -> ok
    end.

asking(#edit{group = Group}) -> fun(Query) -> ask_shell(Group, Query) end.

ask_shell(Group, Query) ->
    case lists:keyfind(shell, 1, group:interfaces(Group)) of
        {shell, Shell} ->
            Shell ! {shell_query, self(), Query},
            receive {shell_answer, Shell, Answer} -> Answer
            after 100 -> []
            end;
        false -> []
    end.

%%% History

history_file() ->
    case os:getenv("XDG_CACHE_HOME") of
        [$/ | _] = Cache -> filename:join([Cache, "merle", "history"]);
        _ ->
            case os:getenv("HOME") of
                [$/ | _] = Home ->
                    filename:join([Home, ".cache", "merle", "history"]);
                _ -> none
            end
    end.

load(#edit{file = none}) -> ok;
load(#edit{editor = Editor, file = File}) ->
    %% of what is no file the end may never come
    try file:read_file_info(File) of
        {ok, #file_info{type = regular, size = Size, mode = Mode}} ->
            {ok, Device} = file:open(File, [read, raw, binary]),
            At = max(0, Size - ?HISTORY_MOST),
            Read = file:pread(Device, At, ?HISTORY_MOST),
            ok = file:close(Device),
            {ok, Bytes} = Read,
            Lines = newer(At, Bytes),
            merle_edit:load(Editor, Lines),
            At > 0 andalso shorten(File, Lines, Mode);
        _ -> ok
    catch
        _:_ -> ok
    end.

%% The newer half, of a file that is too long.
newer(0, Bytes) -> Bytes;
newer(_, Bytes) ->
    <<_:(?HISTORY_MOST div 2)/binary, Half/binary>> = Bytes,
    [_, Lines] = binary:split(Half, <<"\n">>),
    Lines.

%% Who reads meanwhile sees the old file or the new one, and nobody sees it who
%% could not see the old.
shorten(File, Lines, Mode) ->
    New = File ++ ".new",
    ok = file:write_file(New, <<>>),
    ok = file:change_mode(New, Mode),
    ok = file:write_file(New, Lines),
    ok = file:rename(New, File).

%% Without a file there is history all the same, for this session.
remember(#edit{editor = Editor, file = File}, Text, expression) ->
    [begin
         Line = merle_edit:remember(Editor, Expression),
         Line =/= <<>> andalso File =/= none andalso append(File, Line)
     end || Expression <- expressions(unicode:characters_to_list(Text), [])];
remember(#edit{editor = Editor}, Text, entry) ->
    merle_edit:remember(Editor, trimmed(Text));
remember(_, _, _) -> ok.

%% What was pasted may be several expressions; a module stays in one piece, and
%% so does what is no Erlang.
expressions(Text, Found) ->
    case erl_scan:tokens([], Text ++ "\n", 1) of
        {done, {ok, [{'-', _} | _], _}, _} -> [trimmed(Text)];
        {done, {ok, _, _}, Rest} ->
            First = lists:sublist(Text, length(Text) + 1 - length(Rest)),
            Expressions = [trimmed(First) | Found],
            case string:trim(Rest) of
                "" -> lists:reverse(Expressions);
                _ -> expressions(lists:droplast(Rest), Expressions)
            end;
        _ -> lists:reverse([T || T <- [trimmed(Text)], T =/= <<>>], Found)
    end.

trimmed(Text) -> unicode:characters_to_binary(string:trim(Text)).

append(File, Line) ->
    try
        _ = filelib:ensure_dir(File),
        {ok, Device} = file:open(File, [append, raw]),
        _ = file:write(Device, Line),
        file:close(Device)
    catch
        _:_ -> ok
    end.
