%% SPDX-License-Identifier: Apache-2.0
%% group_remote: edits lines for a driver that only shows characters, such as
%% ssh's. The editor (merle_edit) is used for its text alone: what has changed
%% of that is told the driver in the requests that OTP's drivers know,
%% {move_rel, N}, {insert_chars, unicode, Text}, {delete_chars, N} and
%% {put_chars, unicode, Text}.
-module(group_remote).

-export([new/1, keep/2, start/5, feed/5, put/3]).

-spec new(own | none | [unicode:chardata()]) -> reference().
new(History) ->
    Editor = merle_edit:new(false, false),
    is_list(History) andalso group_edit:load_lines(Editor, History),
    Editor.

%% Keys that come while no line is wanted, which the next one gets.
keep(Editor, Keys) ->
    merle_edit:feed(Editor, unicode:characters_to_binary(Keys)).

%% Begins a line; without [Echo] nothing of it is shown.
start(Editor, Driver, Prompt, Mode, Echo) ->
    merle_edit:start(Editor, "", Mode),
    put({?MODULE, Editor}, {Prompt, Echo andalso Mode =/= password}),
    tell(Driver, [{put_chars, unicode, unicode:characters_to_binary(Prompt)}]).

%% What was typed: more is wanted, or the line is there, with its end.
-spec feed(reference(), pid(), string(), group_edit:mode(), default | fun()) ->
          more | {line, string()} | eof | interrupt.
feed(Editor, Driver, Keys, Mode, Expand) ->
    Old = merle_edit:text(Editor),
    {_, Event} = merle_edit:feed(Editor, unicode:characters_to_binary(Keys)),
    show(Driver, changes(Old, merle_edit:text(Editor)), Editor),
    case Event of
        none -> more;
        {enter, Text} ->
            merle_edit:accept(Editor),
            Mode =:= entry andalso merle_edit:remember(Editor, Text),
            ended(Editor, Driver),
            {line, unicode:characters_to_list([Text, $\n])};
        {complete, Before, _} ->
            complete(Editor, Driver, Before, Expand),
            feed(Editor, Driver, "", Mode, Expand);
        eof ->
            ended(Editor, Driver),
            eof;
        interrupt ->
            ended(Editor, Driver),
            interrupt;
        _ -> feed(Editor, Driver, "", Mode, Expand)
    end.

ended(Editor, Driver) ->
    erase({?MODULE, Editor}),
    tell(Driver, [{put_chars, unicode, <<"\n">>}]).

complete(Editor, Driver, Before, Expand) ->
    Reversed = lists:reverse(unicode:characters_to_list(Before)),
    try expanded(Reversed, Expand) of
        {_, Insert, Matches} ->
            Text = unicode:characters_to_binary(Insert),
            merle_edit:insert(Editor, Text),
            show(Driver, [{insert_chars, unicode, Text} || Insert =/= ""],
                 Editor),
            Listing = [tl(edlin_expand:format_matches(Matches))
                       || Matches =/= []],
            Listing =:= [] orelse
                put(Editor, Driver,
                    {put_chars, unicode, unicode:characters_to_binary(Listing)})
    catch
        _:_ -> ok % an odd module must not end the shell
    end.

expanded(Reversed, default) -> edlin_expand:expand(Reversed);
expanded(Reversed, Expand) -> Expand(Reversed).

%% Has the driver show what others write, where the line that is edited stands;
%% that comes again below it.
put(Editor, Driver, Request) ->
    case get({?MODULE, Editor}) of
        undefined -> Driver ! {self(), Request};
        {Prompt, IsShown} ->
            {Before, After} = Text = merle_edit:text(Editor),
            Line = case IsShown of
                       true -> Text;
                       false -> {<<>>, <<>>}
                   end,
            Start = unicode:characters_to_binary(Prompt),
            tell(Driver, erased(Start, Line)),
            Driver ! {self(), Request},
            tell(Driver, [{put_chars, unicode, Start}]),
            IsShown andalso
                tell(Driver, changes({<<>>, <<>>}, {Before, After}))
    end.

%% The prompt's last line and what stands behind it.
erased(Prompt, {Before, After}) ->
    Last = lists:last(binary:split(Prompt, <<"\n">>, [global])),
    [{move_rel, size_of(After)},
     {delete_chars, -size_of(<<Last/binary, Before/binary, After/binary>>)}].

show(Driver, Requests, Editor) ->
    case get({?MODULE, Editor}) of
        {_, true} -> tell(Driver, Requests);
        _ -> ok
    end.

tell(_, []) -> ok;
tell(Driver, Requests) -> Driver ! {self(), {requests, Requests}}.

%% How the one text with its cursor becomes the other.
changes(Same, Same) -> [];
changes({OldBefore, OldAfter}, {Before, After}) ->
    Old = string:to_graphemes([OldBefore, OldAfter]),
    New = string:to_graphemes([Before, After]),
    {Begin, OldRest, NewRest} = shared(Old, New, 0),
    {Cut, Added} = without_end(lists:reverse(OldRest), lists:reverse(NewRest)),
    Cursor = size_of(Before),
    moved(Begin - size_of(OldBefore))
        ++ [{delete_chars, length(Cut)} || Cut =/= []]
        ++ [{insert_chars, unicode, unicode:characters_to_binary(Added)}
            || Added =/= []]
        ++ moved(Cursor - Begin - length(Added)).

shared([C | Old], [C | New], N) -> shared(Old, New, N + 1);
shared(Old, New, N) -> {N, Old, New}.

%% Both backwards.
without_end([C | Old], [C | New]) -> without_end(Old, New);
without_end(Old, New) -> {Old, lists:reverse(New)}.

moved(0) -> [];
moved(N) -> [{move_rel, N}].

size_of(Text) -> string:length(Text).
