%% SPDX-License-Identifier: Apache-2.0
%% unicode_util: characters and grapheme clusters one by one, their letter
%% case and normal forms; all but spec_version/0 is written in C. Functions
%% that give the next of a text answer [Next|Rest], [], or {error, Rest}; their
%% clauses here only fail: C goes on with them where it has found no text.
-module(unicode_util).

-export([casefold/1, cp/1, gc/1, get_case/1, is_whitespace/1, is_wide/1,
         lowercase/1, nfc/1, nfd/1, nfkc/1, nfkd/1, spec_version/0,
         titlecase/1, uppercase/1, whitespace/0]).
-export([fail/2]). % for C

-export_type([gc/0]).

-type gc() :: char() | [char()].
-type text() :: unicode:chardata().
-type next(T) :: maybe_improper_list(T, text()) | {error, text()}.

-spec spec_version() -> {integer(), integer()}.
spec_version() -> {14, 0}.

%% Called while this module is not loaded.
-spec fail(atom(), [text()]) -> no_return().
fail(Function, Args) -> apply(?MODULE, Function, Args).

-spec cp(text()) -> next(char()).
cp([C | _] = Text) when is_integer(C) -> Text;
cp([Text]) -> cp(Text);
cp([Text | Rest]) -> cpl(Text, Rest);
cp([]) -> [];
cp(<<C/utf8, Rest/binary>>) -> [C | Rest];
cp(<<>>) -> [];
cp(Bytes) when is_binary(Bytes) -> {error, Bytes}.

%% The same of a text and the rest behind it.
cpl([C], Rest) when is_integer(C) -> [C | Rest];
cpl([C | Text], Rest) when is_integer(C) -> [C, Text | Rest];
cpl([Text], Rest) -> cpl(Text, Rest);
cpl([Text | More], Rest) -> cpl(Text, [More | Rest]);
cpl([], Rest) -> cp(Rest);
cpl(<<C/utf8, Text/binary>>, Rest) -> [C, Text | Rest];
cpl(<<>>, Rest) -> cp(Rest);
cpl(Bytes, Rest) when is_binary(Bytes) -> {error, [Bytes | Rest]}.

-spec gc(text()) -> next(gc()).
gc(Text) ->
    case cp(Text) of
        [$\r | Rest] ->
            [$\n | More] = cp(Rest),
            [[$\r, $\n] | More];
        [_ | Rest] -> gc_1(Rest)
    end.

%% What is no text may be behind a longer cluster.
gc_1(Text) ->
    [_ | Rest] = cp(Text),
    gc_1(Rest).

-spec nfd(text()) -> next(gc()).
nfd(Text) -> [_ | _] = gc(Text).

-spec nfkd(text()) -> next(gc()).
nfkd(Text) -> [_ | _] = gc(Text).

-spec nfc(text()) -> next(gc()).
nfc(Text) -> [_ | _] = gc(Text).

-spec nfkc(text()) -> next(gc()).
nfkc(Text) -> [_ | _] = gc(Text).

-spec uppercase(text()) -> next(gc()).
uppercase(Text) ->
    {error, Rest} = cp(Text),
    erlang:error({badarg, Rest}).

-spec lowercase(text()) -> next(gc()).
lowercase(Text) ->
    {error, Rest} = cp(Text),
    erlang:error({badarg, Rest}).

-spec titlecase(text()) -> next(gc()).
titlecase(Text) ->
    {error, Rest} = cp(Text),
    erlang:error({badarg, Rest}).

-spec casefold(text()) -> next(gc()).
casefold(Text) ->
    {error, Rest} = cp(Text),
    erlang:error({badarg, Rest}).

-spec get_case(gc()) -> map().
get_case(_) -> erlang:nif_error(undef).

-spec whitespace() -> [gc()].
whitespace() -> erlang:nif_error(undef).

-spec is_whitespace(gc()) -> boolean().
is_whitespace(_) -> erlang:nif_error(undef).

-spec is_wide(gc()) -> boolean().
is_wide(_) -> erlang:nif_error(undef).
