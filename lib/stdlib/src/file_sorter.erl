%% SPDX-License-Identifier: Apache-2.0
%% file_sorter: sorts, merges and checks files of terms. A file is a row of
%% <<Size:32, Bytes>>, each a term in the external format, unless the options
%% say otherwise; with format term it is text. Everything is held in memory
%% while it is sorted.
-module(file_sorter).

-export([sort/1, sort/2, sort/3, keysort/2, keysort/3, keysort/4,
         merge/2, merge/3, keymerge/3, keymerge/4,
         check/1, check/2, keycheck/2, keycheck/3]).

-export_type([reason/0]).

-type reason() :: bad_object
                | {bad_object | bad_term | premature_eof, file:name()}
                | {file_error, file:name(),
                   file:posix() | badarg | system_limit}.

%% What goes into temporary files elsewhere (size, number, folder) is read and
%% changes nothing here.
-record(options, {format = binary_term, header = 4, order = ascending,
                  unique = false, compressed = false, key = none,
                  merges = false}).  % the files are in order

%% ---- For users ----

sort(File) -> sort([File], File, []).

sort(Input, Output) -> sort(Input, Output, []).

%% Input is a list of files or a function, called with read and close; Output a
%% file or a function, called with lists of objects and close.
-spec sort([file:name()] | fun(), file:name() | fun(), list() | tuple()) ->
          ok | {error, reason()} | term().
sort(Input, Output, Options) ->
    checked([fun() -> input(Input) end, fun() -> output(Output) end],
            none, Options, [Input, Output, Options]).

keysort(Key, File) -> keysort(Key, [File], File).
keysort(Key, Input, Output) -> keysort(Key, Input, Output, []).
keysort(Key, Input, Output, Options) ->
    checked([fun() -> input(Input) end, fun() -> output(Output) end],
            Key, Options, [Key, Input, Output, Options]).

merge(Files, Output) -> merge(Files, Output, []).
merge(Files, Output, Options) ->
    checked([fun() -> files(Files, []) end, fun() -> output(Output) end],
            none, merging(Options), [Files, Output, Options]).

keymerge(Key, Files, Output) -> keymerge(Key, Files, Output, []).
keymerge(Key, Files, Output, Options) ->
    checked([fun() -> files(Files, []) end, fun() -> output(Output) end],
            Key, merging(Options), [Key, Files, Output, Options]).

merging(Options) when is_list(Options) -> [{?MODULE, merge} | Options];
merging(Option) -> [{?MODULE, merge}, Option].

check(File) -> check([File], []).

%% {ok, [{File, Place, Object}]} of the first object out of order in each file.
check(Files, Options) ->
    checked([fun() -> files(Files, []) end], none, Options, [Files, Options]).

keycheck(Key, File) -> keycheck(Key, [File], []).
keycheck(Key, Files, Options) ->
    checked([fun() -> files(Files, []) end], Key, Options,
            [Key, Files, Options]).

%% ---- Arguments ----

%% Runs it when all arguments are right; the first wrong one is told, a format
%% or an order that keys do not allow before all.
checked(Parts, Key, Options0, Args) ->
    try
        Options = (catch options(Options0)),
        [throw({badarg, format}) || #options{format = binary} <- [Options],
                                    Key =/= none],
        [throw({badarg, order}) || #options{order = F} <- [Options],
                                   Key =/= none, is_function(F)],
        Key =:= none orelse key_positions(Key),
        Read = [Part() || Part <- Parts],
        is_record(Options, options) orelse throw(Options),
        {Read, Options#options{key = Key}}
    of
        {[Input, Output], Os} -> run(Input, Output, Os);
        {[Files], Os} -> unsorted(Files, Os)
    catch
        throw:{badarg, _} = Bad -> error(Bad, Args);
        throw:{error, _} = Error -> Error
    end.

-spec bad(term()) -> no_return().
bad(What) -> throw({badarg, What}).

key_positions(K) when is_integer(K), K > 0 -> true;
key_positions([]) -> bad([]);
key_positions(Ks) -> positions(Ks).

positions([K | Ks]) when is_integer(K), K > 0 -> positions(Ks);
positions([]) -> true;
positions([K | _]) -> bad(K);
positions(K) -> bad(K).

input(Fun) when is_function(Fun, 1) -> Fun;
input(Files) -> files(Files, []).

%% Names are made absolute: somebody may change the folder.
files([File | Files], Acc) ->
    Name = absolute(File),
    case file:read_file_info(Name) of
        {ok, _} -> files(Files, [Name | Acc]);
        {error, einval} -> bad(File);
        {error, Reason} -> throw({error, {file_error, Name, Reason}})
    end;
files([], Acc) -> lists:reverse(Acc);
files(Bad, _) -> bad(Bad).

output(Fun) when is_function(Fun, 1) -> Fun;
output(File) -> absolute(File).

absolute(File) ->
    try filename:absname(File)
    catch error:_ -> bad(File)
    end.

options(Options) when is_list(Options) -> options(Options, #options{});
options(Option) -> options([Option], #options{}).

options([{Key, Value} = Option | Rest], Os) ->
    is_right(Key, Value) orelse bad(case Key of
                                        tmpdir -> Value;
                                        _ -> Option
                                    end),
    options(Rest, option(Key, Value, Os));
options([], #options{format = term, header = N}) when N =/= 4 -> bad(header);
options([], Os) -> Os;
options([Bad | _], _) -> bad(Bad);
options(Bad, _) -> bad(Bad).

is_right(format, F) ->
    is_function(F, 1) orelse lists:member(F, [binary_term, binary, term]);
is_right(header, N) -> is_integer(N) andalso N > 0 andalso N < 1 bsl 31;
is_right(order, O) ->
    is_function(O, 2) orelse O =:= ascending orelse O =:= descending;
is_right(Key, Value) when Key =:= unique; Key =:= compressed ->
    is_boolean(Value);
is_right(size, N) -> is_integer(N) andalso N >= 0;
is_right(no_files, N) -> is_integer(N) andalso N > 1;
is_right(tmpdir, Dir) -> is_list(catch filename:absname(Dir));
is_right(Key, merge) -> Key =:= ?MODULE;
is_right(_, _) -> false.

option(?MODULE, merge, Os) -> Os#options{merges = true};
option(format, Format, Os) -> Os#options{format = Format};
option(header, N, Os) -> Os#options{header = N};
option(order, Order, Os) -> Os#options{order = Order};
option(unique, Unique, Os) -> Os#options{unique = Unique};
option(compressed, Is, Os) -> Os#options{compressed = Is};
option(_, _, Os) -> Os.

run(Input, Output, Os) ->
    try get_all(Input, Os) of
        {Objects, Value} -> put_all(sorted(Objects, Os), Value, Output, Os)
    catch
        throw:{?MODULE, Result} ->
            is_function(Output) andalso catch Output(close),
            Result
    end.

%% Marked, so that what functions of users throw goes on to them.
-spec failed(term()) -> no_return().
failed(Result) -> throw({?MODULE, Result}).

%% ---- Input ----

%% {Lists of {What is put out, Term}, values that the input leaves for the
%% output}
get_all(Fun, Os) when is_function(Fun) -> from_function(Fun, [], Os);
get_all(Files, Os) -> {[get_file(F, Os) || F <- Files], []}.

from_function(Fun, Acc, Os) ->
    case Fun(read) of
        end_of_input -> {lists:reverse(Acc), []};
        {end_of_input, Value} -> {lists:reverse(Acc), [{value, Value}]};
        {Given, Next} when is_list(Given), is_function(Next, 1) ->
            Objects = try [object(O, Os) || O <- Given]
                      catch error:_ ->
                              catch Next(close),
                              failed({error, bad_object})
                      end,
            from_function(Next, [Objects | Acc], Os);
        Other -> failed(Other)
    end.

%% Functions give binaries or, with format term, the terms themselves.
object(Given, Os) ->
    Term = term(Given, Os),
    _ = key(Term, Os), % a key that is missing is told here
    {Given, Term}.

term(Term, #options{format = term}) -> Term;
term(Bytes, #options{format = binary_term}) -> binary_to_term(Bytes);
term(Bytes, #options{format = binary}) when is_binary(Bytes) -> Bytes;
term(Bytes, #options{format = Fun}) when is_function(Fun) -> Fun(Bytes).

get_file(File, #options{format = term} = Os) ->
    case file:open(File, [read, compressed]) of
        {ok, Device} ->
            try read_terms(Device, File, Os)
            after file:close(Device)
            end;
        {error, Reason} -> failed({error, {file_error, File, Reason}})
    end;
get_file(File, #options{header = Header} = Os) ->
    case read_bytes(File) of
        {ok, Bytes} -> objects(Bytes, 8 * Header, File, Os);
        {error, Reason} -> failed({error, {file_error, File, Reason}})
    end.

read_terms(Device, File, Os) ->
    case io:read(Device, '') of
        {ok, Term} -> [told(Term, File, Os) | read_terms(Device, File, Os)];
        eof -> [];
        _ -> failed({error, {bad_term, File}})
    end.

%% Compressed files are read as what is in them.
read_bytes(File) ->
    case file:read_file(File) of
        {ok, <<31, 139, _/binary>> = Bytes} -> {ok, zlib:gunzip(Bytes)};
        Result -> Result
    end.

objects(<<>>, _, _, _) -> [];
objects(Bytes, Bits, File, Os) ->
    case Bytes of
        <<Size:Bits, Object:Size/binary, Rest/binary>> ->
            [told(Object, File, Os) | objects(Rest, Bits, File, Os)];
        _ -> failed({error, {premature_eof, File}})
    end.

told(Given, File, Os) ->
    try object(Given, Os)
    catch error:_ -> failed({error, {bad_object, File}})
    end.

%% ---- Order ----

key(Term, #options{key = none}) -> Term;
key(Term, #options{key = Keys}) when is_list(Keys) ->
    [element(K, Term) || K <- Keys];
key(Term, #options{key = K}) -> element(K, Term).

%% A descending order is the ascending one turned around.
sorted(Lists, #options{unique = Unique, order = Order} = Os) ->
    Keyed = [[{key(T, Os), Given} || {Given, T} <- List] || List <- Lists],
    Row = case Os of
              #options{merges = true} -> merged(Keyed, Order);
              #options{order = descending} ->
                  lists:reverse(lists:keysort(1, lists:append(Keyed)));
              #options{order = ascending} ->
                  lists:keysort(1, lists:append(Keyed));
              _ -> lists:sort(before(Order), lists:append(Keyed))
          end,
    [Given || {_, Given} <- case Unique of
                                true -> kept(Row, Order);
                                false -> Row
                            end].

%% Of equal ones the first in ascending order stays.
kept(Row, descending) ->
    lists:reverse(without_twins(lists:reverse(Row), descending));
kept(Row, Order) -> without_twins(Row, Order).

merged(Lists, Order) ->
    lists:foldr(fun(A, B) -> lists:merge(before(Order), A, B) end, [], Lists).

before(ascending) -> fun({A, _}, {B, _}) -> A =< B end;
before(descending) -> fun({A, _}, {B, _}) -> A > B end;
before(Fun) -> fun({A, _}, {B, _}) -> Fun(A, B) end.

without_twins([{A, _} = First, {B, _} = Second | Rest], Order) ->
    case is_same(A, B, Order) of
        true -> without_twins([First | Rest], Order);
        false -> [First | without_twins([Second | Rest], Order)]
    end;
without_twins(List, _) -> List.

is_same(A, B, Fun) when is_function(Fun) -> Fun(A, B) andalso Fun(B, A);
is_same(A, B, _) -> A == B.

%% ---- Output ----

put_all(Objects, Values, Fun, _) when is_function(Fun) ->
    Parts = [Objects || Objects =/= []],
    hand_over(Values ++ Parts ++ [close], Fun);
put_all(Objects, _, File, #options{format = Format} = Os) ->
    Bytes = case Format of
                term -> [io_lib:format("~tp.\n", [T]) || T <- Objects];
                _ -> [[<<(byte_size(B)):(8 * Os#options.header)>>, B]
                      || B <- Objects]
            end,
    Options = [compressed || Os#options.compressed],
    case file:write_file(File, unicode_bytes(Bytes, Format), Options) of
        ok -> ok;
        {error, Reason} -> {error, {file_error, File, Reason}}
    end.

unicode_bytes(Text, term) -> unicode:characters_to_binary(Text);
unicode_bytes(Bytes, _) -> Bytes.

%% What is no function ends it.
hand_over([close], Fun) -> Fun(close);
hand_over([Part | Parts], Fun) ->
    case Fun(Part) of
        Next when is_function(Next, 1) -> hand_over(Parts, Next);
        Result -> Result
    end.

%% ---- Checks ----

unsorted(Files, Os) ->
    try
        {ok, lists:append([first_bad(F, get_file(F, Os), Os) || F <- Files])}
    catch throw:{?MODULE, Result} -> Result
    end.

first_bad(File, Objects, Os) ->
    Keys = [{key(T, Os), T} || {_, T} <- Objects],
    case unordered(Keys, 2, Os) of
        none -> [];
        {Place, Bytes} when is_binary(Bytes), Os#options.format =:= binary ->
            [{File, Place, binary_to_term(Bytes)}]; % as OTP shows it
        {Place, Term} -> [{File, Place, Term}]
    end.

unordered([{A, _}, {B, Term} = Next | Rest], N, Os) ->
    case is_ordered(A, B, Os#options.order)
        andalso not (Os#options.unique
                     andalso is_ordered(B, A, Os#options.order)) of
        true -> unordered([Next | Rest], N + 1, Os);
        false -> {N, Term}
    end;
unordered(_, _, _) -> none.

is_ordered(A, B, ascending) -> A =< B;
is_ordered(A, B, descending) -> A >= B;
is_ordered(A, B, Fun) -> Fun(A, B).
