%% SPDX-License-Identifier: Apache-2.0
%% What the compiler found, as text: the message, and below it the line of the
%% source with a mark; in colours where it goes straight to a terminal.
-module(sys_messages).

-export([format_messages/4, list_errors/3]).

%% [{Where, Text}], in which Where, none or {File, Location}, is for sorting.
format_messages(File, Prefix, Messages, Options) ->
    Style = style(Prefix),
    [format(File, Style, M, Options) || M <- Messages].

list_errors(File, Errors, Options) ->
    lists:foreach(fun(E) ->
                          {_, Text} = format(File, style(""), E, Options),
                          io:put_chars(Text)
                  end, Errors).

format(File, Style, {none, Module, What}, _) ->
    {none, message([File, $:], Module, What, Style, none)};
format(File, Style, {At, Module, What}, Options) ->
    Where = case proplists:get_bool(brief, Options) of
                true -> none;
                false -> {native(File), At}
            end,
    Place = [File, $:, place(At), $:],
    {{File, At}, message(Place, Module, What, Style, Where)};
format(File, Style, {Module, What}, Options) ->
    format(File, Style, {none, Module, What}, Options).

message(Place, Module, What, Style, Where) ->
    merle_compile:message(flat(Place), flat(words(Module, What)), Style, Where).

flat(Text) -> unicode:characters_to_binary(Text).

native(File) ->
    unicode:characters_to_binary(File, unicode, file:native_name_encoding()).

%% The compiler's own passes have their words in C.
words(Module, What) when Module =:= erl_lint; Module =:= epp;
                         Module =:= erl_scan; Module =:= erl_parse ->
    merle_compile:describe(Module, What);
words(Module, What) -> Module:format_error(What).

place({Line, Column}) -> [integer_to_list(Line), $:, integer_to_list(Column)];
place(Line) -> integer_to_list(Line).

style(Prefix) ->
    case merle_compile:wants_colour(is_terminal()) of
        true -> {coloured, flat(Prefix)};
        false -> flat(Prefix)
    end.

%% Whoever put a process of their own in the place of the terminal's reads the
%% text, or keeps it.
is_terminal() ->
    Leader = group_leader(),
    prim_tty:is_terminal()
        andalso (Leader =:= whereis(user)
                 orelse node(Leader) =:= node()
                 andalso lists:member({user_drv, whereis(user_drv)},
                                      group:interfaces(Leader))).
