%% SPDX-License-Identifier: Apache-2.0
%% group_edit: the line editor (merle_edit) between group and its terminal,
%% with the history's file.
-module(group_edit).

-export([new/2, has_colours/1, show/2, start/3, stop/1, stay/1, feed/3,
         resize/1, hint/1, insert/2, text/1]).

%% A longer file of the history, in bytes, is shortened at the start.
-define(HISTORY_MOST, 262144).

%% Bytes before the cursor that completion looks at.
-define(NEAR, 4000).

-record(edit, {editor :: reference(),
               terminal :: reference(),
               encoding :: latin1 | unicode,
               has_colours :: boolean(),
               file :: file:filename() | none}).

%% expression: Enter ends it when it is whole.
-type mode() :: expression | line | password.

%% An editor for the terminal, or none where the terminal cannot edit.
-spec new(reference(), latin1 | unicode) -> #edit{} | none.
new(Terminal, Encoding) ->
    case os:getenv("TERM", "dumb") of
        T when T =:= "dumb"; T =:= ""; T =:= "emacs" -> none;
        Kind ->
            case prim_tty:set_raw(Terminal, true) of
                true -> new_raw(is_bare(Kind), Terminal, Encoding);
                false -> none
            end
    end.

%% VT100 and the like move the cursor and no more.
is_bare([$v, $t, D | _]) -> D >= $0 andalso D =< $9;
is_bare(_) -> false.

new_raw(IsBare, Terminal, Encoding) ->
    Colours = not IsBare andalso os:getenv("NO_COLOR", "") =:= "",
    Editor = merle_edit:new(Colours, not IsBare),
    E = #edit{editor = Editor, terminal = Terminal,
              encoding = Encoding, has_colours = Colours,
              file = history_file()},
    resize(E),
    load(E),
    E.

-spec has_colours(#edit{}) -> boolean().
has_colours(#edit{has_colours = Colours}) -> Colours.

%% Writes what others say, above the line that is edited.
show(#edit{editor = Editor} = E, Text) ->
    fit(E),
    send(E, merle_edit:show(Editor, unicode:characters_to_binary(Text))).

start(#edit{editor = Editor} = E, Prompt, Mode) ->
    Label = unicode:characters_to_binary(Prompt),
    send(E, merle_edit:start(Editor, Label, Mode)).

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
        {complete, Before, _After} when Mode =:= expression ->
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
suspend(#edit{editor = Editor, terminal = Terminal} = E) ->
    send(E, merle_edit:show(Editor, <<"\n">>)),
    prim_tty:set_raw(Terminal, false),
    prim_tty:suspend(),
    prim_tty:set_raw(Terminal, true),
    resize(E).

enter(#edit{editor = Editor} = E, Text, Mode) ->
    case Mode =:= expression andalso status(Text) of
        incomplete ->
            send(E, merle_edit:newline(Editor)),
            feed(E, <<>>, Mode);
        _ ->
            send(E, merle_edit:accept(Editor)),
            Mode =:= expression andalso remember(E, Text),
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
    try shell_complete:complete(near(Before), fun ask_shell/1) of
        {Insert, Matches} ->
            send(E, merle_edit:insert(Editor,
                                      unicode:characters_to_binary(Insert))),
            Insert =:= "" andalso length(Matches) > 1 andalso
                show(E, columns(Matches, E))
    catch
        _:_ -> ok % an odd module must not end the terminal
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
hint(#edit{editor = Editor} = E) ->
    {Before0, After} = merle_edit:text(Editor),
    Before = near(Before0),
    try
        Hint = case After of
                   <<>> -> shell_complete:hint(Before, fun ask_shell/1);
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

ask_shell(Query) ->
    case get(shell) of
        Shell when is_pid(Shell) ->
            Shell ! {shell_query, self(), Query},
            receive {shell_answer, Shell, Answer} -> Answer
            after 100 -> []
            end;
        _ -> []
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
    try file:read_file(File) of
        {ok, Lines} ->
            merle_edit:load(Editor, Lines),
            byte_size(Lines) > ?HISTORY_MOST andalso shorten(File, Lines);
        _ -> ok
    catch
        _:_ -> ok
    end.

%% Keeps the newer half of the lines. Who reads meanwhile sees the old file or
%% the new one.
shorten(File, Lines) ->
    Middle = byte_size(Lines) - ?HISTORY_MOST div 2,
    case binary:match(Lines, <<"\n">>,
                      [{scope, {Middle, byte_size(Lines) - Middle}}]) of
        {At, 1} ->
            <<_:At/binary, _, Newer/binary>> = Lines,
            New = File ++ ".new",
            ok = file:write_file(New, Newer),
            ok = file:rename(New, File);
        nomatch -> file:write_file(File, <<>>)
    end.

%% Without a file there is history all the same, for this session.
remember(#edit{editor = Editor, file = File}, Text) ->
    [begin
         Line = merle_edit:remember(Editor, Expression),
         Line =/= <<>> andalso File =/= none andalso append(File, Line)
     end || Expression <- expressions(unicode:characters_to_list(Text), [])].

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
