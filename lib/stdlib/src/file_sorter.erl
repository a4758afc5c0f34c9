%% SPDX-License-Identifier: Apache-2.0
%% file_sorter: sorts, merges and checks files of terms. A file is a row of
%% <<Size:32, Bytes>>, each a term in the external format unless the options say
%% otherwise. Everything is held in memory while it is sorted.
-module(file_sorter).

-export([sort/1, sort/2, sort/3, keysort/2, keysort/3, keysort/4,
         merge/2, merge/3, keymerge/3, keymerge/4,
         check/1, check/2, keycheck/2, keycheck/3]).

%% Options: {format, binary_term | term | binary | Fun}, {header, Bytes},
%% {order, ascending | descending | Fun}, {unique, Boolean}, compressed;
%% {size, _}, {no_files, _}, {tmpdir, _} change nothing.
-record(options, {format = binary_term, header = 4, order = ascending,
                  unique = false, key = none}).

sort(File) -> sort([File], File, []).

sort(Input, Output) -> sort(Input, Output, []).

%% Input is a list of files or a function, called with read and close; Output a
%% file or a function, called with lists of objects and close.
-spec sort([file:filename()] | fun(), file:filename() | fun() | undefined,
           list()) -> ok | {error, term()} | term().
sort(Input, Output, Options) -> run(Input, Output, options(Options, none)).

keysort(Key, File) -> keysort(Key, [File], File, []).
keysort(Key, Input, Output) -> keysort(Key, Input, Output, []).
keysort(Key, Input, Output, Options) ->
    run(Input, Output, options(Options, Key)).

merge(Files, Output) -> merge(Files, Output, []).
merge(Files, Output, Options) -> run(Files, Output, options(Options, none)).

keymerge(Key, Files, Output) -> keymerge(Key, Files, Output, []).
keymerge(Key, Files, Output, Options) ->
    run(Files, Output, options(Options, Key)).

check(File) -> check([File], []).

%% {ok, [{File, Place, Object}]} of the first object out of order in each file.
check(Files, Options) -> unsorted(Files, options(Options, none)).

keycheck(Key, File) -> keycheck(Key, [File], []).
keycheck(Key, Files, Options) -> unsorted(Files, options(Options, Key)).

options(Given, Key) ->
    lists:foldl(fun(O, Os) -> option(O, Os, Given) end, #options{key = Key},
                lists:flatten([Given])).

option({format, F}, Os, _) -> Os#options{format = F};
option({header, N}, Os, _) when is_integer(N), N > 0 -> Os#options{header = N};
option({order, Order}, Os, _) -> Os#options{order = Order};
option({unique, U}, Os, _) when is_boolean(U) -> Os#options{unique = U};
option({Ignored, _}, Os, _) when Ignored =:= size; Ignored =:= no_files;
                                 Ignored =:= tmpdir; Ignored =:= compressed ->
    Os;
option(compressed, Os, _) -> Os;
option(Bad, _, Given) -> error(badarg, [Bad, Given]).

run(Input, Output, Os) ->
    try
        put_all(sorted(get_all(Input, Os), Os), Output, Os)
    catch throw:Result -> Result
    end.

%% ---- Input: [{Bytes | term, Object}] ----

get_all(Fun, Os) when is_function(Fun, 1) -> from_function(Fun(read), Os);
get_all(Files, Os) -> lists:append([get_file(F, Os) || F <- Files]).

from_function(end_of_input, _) -> [];
from_function({end_of_input, _}, _) -> [];
from_function({error, _} = Error, _) -> throw(Error);
from_function({Objects, Next}, Os) ->
    [object(O, Os) || O <- Objects] ++ from_function(Next(read), Os).

%% Functions give binaries or, with format term, the terms themselves.
object(Term, #options{format = term}) -> {Term, Term};
object(Bytes, Os) -> {Bytes, term(Bytes, Os)}.

term(Bytes, #options{format = binary_term}) -> binary_to_term(Bytes);
term(Bytes, #options{format = binary}) -> Bytes;
term(Bytes, #options{format = Fun}) when is_function(Fun, 1) -> Fun(Bytes);
term(Bytes, #options{format = term}) -> binary_to_term(Bytes).

get_file(File, #options{header = Header} = Os) ->
    case file:read_file(File) of
        {ok, Bytes} -> objects(Bytes, 8 * Header, File, Os);
        {error, Reason} ->
            throw({error, {file_error, filename:absname(File), Reason}})
    end.

objects(<<>>, _, _, _) -> [];
objects(Bytes, Bits, File, Os) ->
    case Bytes of
        <<Size:Bits, Object:Size/binary, Rest/binary>> ->
            Term = try term(Object, Os)
                   catch error:_ -> throw({error, {bad_object, File}})
                   end,
            Shown = case Os of
                        #options{format = term} -> Term;
                        _ -> Object
                    end,
            [{Shown, Term} | objects(Rest, Bits, File, Os)];
        _ -> throw({error, {premature_eof, File}})
    end.

%% ---- Order ----

key(Term, #options{key = none}) -> Term;
key(Term, #options{key = Keys}) when is_list(Keys) ->
    [element(K, Term) || K <- Keys];
key(Term, #options{key = K}) -> element(K, Term).

sorted(Objects, #options{order = Order, unique = Unique} = Os) ->
    Keyed = [{key(T, Os), Shown} || {Shown, T} <- Objects],
    Ascending = case Order of
                    Fun when is_function(Fun, 2) ->
                        lists:sort(fun({A, _}, {B, _}) -> Fun(A, B) end, Keyed);
                    descending ->
                        %% Equal keys stay in the order they had.
                        lists:reverse(lists:keysort(1, lists:reverse(Keyed)));
                    ascending -> lists:keysort(1, Keyed)
                end,
    case Unique of
        true -> [Shown || {_, Shown} <- without_twins(Ascending, Order)];
        false -> [Shown || {_, Shown} <- Ascending]
    end.

without_twins([{A, _} = First, {B, _} = Second | Rest], Order) ->
    case is_same(A, B, Order) of
        true -> without_twins([First | Rest], Order);
        false -> [First | without_twins([Second | Rest], Order)]
    end;
without_twins(List, _) -> List.

is_same(A, B, Fun) when is_function(Fun, 2) -> Fun(A, B) andalso Fun(B, A);
is_same(A, B, _) -> A == B.

%% ---- Output ----

put_all(Objects, Fun, _) when is_function(Fun, 1) ->
    case Objects of
        [] -> Fun(close);
        _ -> (Fun(Objects))(close)
    end;
put_all(_, undefined, _) -> ok;
put_all(Objects, File, #options{header = Header, format = Format}) ->
    Bytes = [begin
                 B = case Format of
                         term -> term_to_binary(O);
                         _ -> O
                     end,
                 [<<(byte_size(B)):(8 * Header)>>, B]
             end || O <- Objects],
    case file:write_file(File, Bytes) of
        ok -> ok;
        {error, Reason} -> {error, {file_error, File, Reason}}
    end.

%% ---- Checks ----

unsorted(Files, Os) ->
    try
        {ok, lists:append([first_bad(F, get_file(F, Os), Os) || F <- Files])}
    catch throw:Error -> Error
    end.

first_bad(File, Objects, Os) ->
    Keys = [{key(T, Os), T} || {_, T} <- Objects],
    case bad(Keys, 2, Os) of
        none -> [];
        {Place, Term} -> [{filename:absname(File), Place, Term}]
    end.

bad([{A, _}, {B, Term} = Next | Rest], N, Os) ->
    case is_ordered(A, B, Os) of
        true -> bad([Next | Rest], N + 1, Os);
        false -> {N, Term}
    end;
bad(_, _, _) -> none.

is_ordered(A, B, #options{unique = true, order = Order}) when not is_function(Order) ->
    case Order of
        ascending -> A < B;
        descending -> A > B
    end;
is_ordered(A, B, #options{order = ascending}) -> A =< B;
is_ordered(A, B, #options{order = descending}) -> A >= B;
is_ordered(A, B, #options{order = Fun}) -> Fun(A, B).
