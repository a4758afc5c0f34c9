%% SPDX-License-Identifier: Apache-2.0
%% What the compiler found, as text: the message, and below it the line of the
%% source with a mark.
-module(sys_messages).

-export([format_messages/4, list_errors/3]).

%% [{Where, Text}], in which Where, none or {File, Location}, is for sorting.
format_messages(File, Prefix, Messages, Options) ->
    [format(File, Prefix, M, Options) || M <- Messages].

list_errors(File, Errors, Options) ->
    lists:foreach(fun(E) ->
                          {_, Text} = format(File, "", E, Options),
                          io:put_chars(Text)
                  end, Errors).

%% Texts are flat where they decide the order of messages.
format(File, Prefix, {none, Module, What}, _) ->
    {none, flat([File, ": ", Prefix, words(Module, What), $\n])};
format(File, Prefix, {At, Module, What}, Options) ->
    Text = flat([File, $:, place(At), ": ", Prefix, words(Module, What), $\n]),
    {{File, At}, [Text, quoted(File, At, Options)]};
format(File, Prefix, {Module, What}, Options) ->
    format(File, Prefix, {none, Module, What}, Options).

flat(Text) -> unicode:characters_to_list(Text).

%% The compiler's own passes have their words in C.
words(Module, What) when Module =:= erl_lint; Module =:= epp;
                         Module =:= erl_scan; Module =:= erl_parse ->
    merle_compile:describe(Module, What);
words(Module, What) -> Module:format_error(What).

place({Line, Column}) -> [integer_to_list(Line), $:, integer_to_list(Column)];
place(Line) -> integer_to_list(Line).

quoted(File, At, Options) ->
    case proplists:get_bool(brief, Options) of
        true -> "";
        false ->
            Name = unicode:characters_to_binary(File, unicode,
                                                file:native_name_encoding()),
            merle_compile:quote(Name, At)
    end.
