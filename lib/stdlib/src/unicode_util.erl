%% SPDX-License-Identifier: Apache-2.0
%% unicode_util: characters and grapheme clusters one by one, their letter
%% case and normal forms; all but spec_version/0 is written in C. Functions
%% that give the next of a text answer [Next|Rest], [], or {error, Rest}.
-module(unicode_util).

-export([casefold/1, cp/1, gc/1, get_case/1, is_whitespace/1, is_wide/1,
         lowercase/1, nfc/1, nfd/1, nfkc/1, nfkd/1, spec_version/0,
         titlecase/1, uppercase/1, whitespace/0]).

-export_type([gc/0]).

-type gc() :: char() | [char()].
-type text() :: unicode:chardata().
-type next(T) :: maybe_improper_list(T, text()) | {error, text()}.

-spec spec_version() -> {integer(), integer()}.
spec_version() -> {14, 0}.

-spec cp(text()) -> next(char()).
cp(_) -> erlang:nif_error(undef).

-spec gc(text()) -> next(gc()).
gc(_) -> erlang:nif_error(undef).

-spec nfd(text()) -> next(gc()).
nfd(_) -> erlang:nif_error(undef).

-spec nfkd(text()) -> next(gc()).
nfkd(_) -> erlang:nif_error(undef).

-spec nfc(text()) -> next(gc()).
nfc(_) -> erlang:nif_error(undef).

-spec nfkc(text()) -> next(gc()).
nfkc(_) -> erlang:nif_error(undef).

-spec uppercase(text()) -> next(gc()).
uppercase(_) -> erlang:nif_error(undef).

-spec lowercase(text()) -> next(gc()).
lowercase(_) -> erlang:nif_error(undef).

-spec titlecase(text()) -> next(gc()).
titlecase(_) -> erlang:nif_error(undef).

-spec casefold(text()) -> next(gc()).
casefold(_) -> erlang:nif_error(undef).

-spec get_case(gc()) -> map().
get_case(_) -> erlang:nif_error(undef).

-spec whitespace() -> [gc()].
whitespace() -> erlang:nif_error(undef).

-spec is_whitespace(gc()) -> boolean().
is_whitespace(_) -> erlang:nif_error(undef).

-spec is_wide(gc()) -> boolean().
is_wide(_) -> erlang:nif_error(undef).
