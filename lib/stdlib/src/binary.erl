%% SPDX-License-Identifier: Apache-2.0
%% binary: working with binaries. Nearly all is written in C and stands here
%% as stubs.
-module(binary).

-export([at/2, bin_to_list/1, bin_to_list/2, bin_to_list/3,
         compile_pattern/1, copy/1, copy/2, decode_unsigned/1,
         decode_unsigned/2, encode_unsigned/1, encode_unsigned/2, first/1,
         last/1, list_to_bin/1, longest_common_prefix/1,
         longest_common_suffix/1, match/2, match/3, matches/2, matches/3,
         part/2, part/3, referenced_byte_size/1, split/2, split/3,
         replace/3, replace/4, encode_hex/1, encode_hex/2, decode_hex/1,
         unhex/1, join/2]).

-export_type([cp/0]).

-type cp() :: {am | bm, reference()}.

-define(STUB, erlang:nif_error(undef)).

at(_, _) -> ?STUB.
bin_to_list(_) -> ?STUB.
bin_to_list(_, _) -> ?STUB.
bin_to_list(_, _, _) -> ?STUB.
compile_pattern(_) -> ?STUB.
copy(_) -> ?STUB.
copy(_, _) -> ?STUB.
decode_unsigned(_) -> ?STUB.
decode_unsigned(_, _) -> ?STUB.
encode_unsigned(_) -> ?STUB.
encode_unsigned(_, _) -> ?STUB.
first(_) -> ?STUB.
last(_) -> ?STUB.
list_to_bin(_) -> ?STUB.
longest_common_prefix(_) -> ?STUB.
longest_common_suffix(_) -> ?STUB.
match(_, _) -> ?STUB.
match(_, _, _) -> ?STUB.
matches(_, _) -> ?STUB.
matches(_, _, _) -> ?STUB.
part(_, _) -> ?STUB.
part(_, _, _) -> ?STUB.
referenced_byte_size(_) -> ?STUB.
split(_, _) -> ?STUB.
split(_, _, _) -> ?STUB.
encode_hex(_) -> ?STUB.
encode_hex(_, _) -> ?STUB.
decode_hex(_) -> ?STUB.

%%% Erlang

-define(BADARG(Args, Cause),
        erlang:error(badarg, Args,
                     [{error_info, #{module => erl_stdlib_errors,
                                     cause => Cause}}])).
-define(BADARG(Args),
        erlang:error(badarg, Args,
                     [{error_info, #{module => erl_stdlib_errors}}])).

%% Fails for decode_hex/1, with the digits that are none.
-spec unhex(binary()) -> no_return().
unhex(Digits) -> ?BADARG([Digits]).

-spec join([binary()], binary()) -> binary().
join(Parts, Separator) when is_binary(Separator) ->
    try lists:all(fun is_binary/1, Parts) of
        true -> iolist_to_binary(lists:join(Separator, Parts));
        false -> ?BADARG([Parts, Separator])
    catch
        error:_ -> ?BADARG([Parts, Separator])
    end;
join(Parts, Separator) -> ?BADARG([Parts, Separator]).

-spec replace(binary(), binary() | [binary()] | cp(),
              binary() | fun((binary()) -> binary())) -> binary().
replace(Subject, Pattern, Replacement) ->
    try replace_in(Subject, Pattern, Replacement, [])
    catch
        throw:badopt -> ?BADARG([Subject, Pattern, Replacement], badopt);
        error:badarg -> ?BADARG([Subject, Pattern, Replacement])
    end.

-spec replace(binary(), binary() | [binary()] | cp(),
              binary() | fun((binary()) -> binary()), [term()]) -> binary().
replace(Subject, Pattern, Replacement, Options) ->
    try replace_in(Subject, Pattern, Replacement, Options)
    catch
        throw:badopt ->
            ?BADARG([Subject, Pattern, Replacement, Options], badopt);
        error:badarg -> ?BADARG([Subject, Pattern, Replacement, Options])
    end.

replace_in(Subject, Pattern, Replacement, Options) ->
    true = is_binary(Replacement) orelse is_function(Replacement, 1)
        orelse erlang:error(badarg),
    {Global, Scope, Insert} = options(Options, {false, [], none}),
    Found = case Global of
                true -> binary:matches(Subject, Pattern, Scope);
                false ->
                    case binary:match(Subject, Pattern, Scope) of
                        nomatch -> [];
                        Match -> [Match]
                    end
            end,
    iolist_to_binary(pieces(Found, 0, Subject, new_text(Replacement, Insert))).

options([global | Options], {_, Scope, Insert}) ->
    options(Options, {true, Scope, Insert});
options([{scope, {A, B} = Part} | Options], {Global, _, Insert})
  when is_integer(A), is_integer(B) ->
    options(Options, {Global, [{scope, Part}], Insert});
options([{insert_replaced, Where} | Options], {Global, Scope, _})
  when is_integer(Where), Where >= 0 ->
    options(Options, {Global, Scope, [Where]});
options([{insert_replaced, Where} | Options], {Global, Scope, _})
  when is_list(Where) ->
    lists:all(fun(N) -> is_integer(N) andalso N >= 0 end, Where)
        orelse throw(badopt),
    options(Options, {Global, Scope, lists:sort(Where)});
options([], Result) -> Result;
options(_, _) -> throw(badopt).

new_text(Fun, none) when is_function(Fun) ->
    fun(Old) ->
            New = Fun(Old),
            true = is_binary(New) orelse erlang:error(badarg),
            New
    end;
new_text(Fun, Where) when is_function(Fun) ->
    fun(Old) -> insert(Where, 0, Fun(Old), Old) end;
new_text(New, none) -> fun(_) -> New end;
new_text(New, Where) -> fun(Old) -> insert(Where, 0, New, Old) end.

%% Puts [Old] into [New] at the places [Where], counted in [New].
insert([At | Where], Done, New, Old) ->
    case At - Done of
        Size when Size =< byte_size(New) ->
            <<Head:Size/binary, Rest/binary>> = New,
            [Head, Old | insert(Where, At, Rest, Old)];
        _ -> erlang:error(badarg)
    end;
insert([], _, New, _) -> [New].

pieces([{Start, Size} | Found], At, Subject, Text) ->
    Before = binary:part(Subject, At, Start - At),
    Old = binary:part(Subject, Start, Size),
    [Before, Text(Old) | pieces(Found, Start + Size, Subject, Text)];
pieces([], At, Subject, _) ->
    [binary:part(Subject, At, byte_size(Subject) - At)].
