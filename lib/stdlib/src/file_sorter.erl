%% SPDX-License-Identifier: Apache-2.0
%% file_sorter: sorts, merges and checks files of terms. A file is a row of
%% <<Size:32, Bytes>>, each a term in the external format, unless the options
%% say otherwise; with format term it is text.
%%
%% What is sorted is held in memory up to the option size. What is more goes to
%% temporary files in sorted rows (see file_sorter_runs), which are merged in
%% the end. Merging and checking hold all of their files.
-module(file_sorter).

-export([sort/1, sort/2, sort/3, keysort/2, keysort/3, keysort/4,
         merge/2, merge/3, keymerge/3, keymerge/4,
         check/1, check/2, keycheck/2, keycheck/3]).

-export_type([reason/0]).

-type reason() :: bad_object
                | {bad_object | bad_term | premature_eof, file:name()}
                | {file_error, file:name(),
                   file:posix() | badarg | system_limit}.

%% The bytes that are sorted in memory. OTP's default is half a megabyte; more
%% is cheap today, and files are not.
-define(SIZE, 64 * 1024 * 1024).

-define(PIECE, 1000). % objects of a row that are put out at once

-record(options, {format = binary_term, header = 4, order = ascending,
                  unique = false, compressed = false, key = none,
                  size = ?SIZE, no_files = 16, tmpdir = "",
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
option(size, N, Os) -> Os#options{size = N};
option(no_files, N, Os) -> Os#options{no_files = N};
option(tmpdir, Dir, Os) -> Os#options{tmpdir = Dir}.

run(Input, Output, #options{merges = true} = Os) ->
    closing(Output, fun() ->
                        {Objects, Value} = get_all(Input, Os),
                        put_all(sorted(Objects, Os), Value, Output, Os)
                    end);
run(Input, Output, Os) ->
    closing(Output, fun() -> sort_all(Input, Output, Os) end).

closing(Output, Do) ->
    try Do()
    catch
        throw:{?MODULE, Result} ->
            is_function(Output) andalso catch Output(close),
            Result
    end.

%% Marked, so that what functions of users throw goes on to them.
-spec failed(term()) -> no_return().
failed(Result) -> throw({?MODULE, Result}).

%% ---- Sorting ----

%% What is in memory (the last first) and how many bytes, and what is in files.
-record(batch, {objects = [], bytes = 0, runs}).

sort_all(Input, Output, Os) ->
    Runs = file_sorter_runs:new(folder(Os, Output), Os#options.no_files,
                                Os#options.compressed),
    try
        {Batch, Value} = batched(Input, #batch{runs = Runs}, Os),
        finish(Batch, Value, Output, Os)
    catch
        throw:{file_error, _, _} = Reason ->
            file_sorter_runs:delete(Runs),
            failed({error, Reason});
        Class:Reason:Trace ->
            file_sorter_runs:delete(Runs),
            erlang:raise(Class, Reason, Trace)
    end.

%% Where temporary files are: as a rule beside the output.
folder(#options{tmpdir = ""}, Output) when is_function(Output) ->
    absolute(".");
folder(#options{tmpdir = ""}, Output) -> filename:dirname(Output);
folder(#options{tmpdir = Dir}, _) -> filename:absname(Dir).

batched(Fun, Batch, Os) when is_function(Fun) ->
    from_function(Fun, fun(O, B) -> collect(O, B, Os) end, Batch, Os);
batched(Files, Batch, Os) ->
    {lists:foldl(fun(File, B0) ->
                     from_file(File, fun(O, B) -> collect(O, B, Os) end, B0, Os)
                 end, Batch, Files),
     []}.

collect({Given, _} = Object, #batch{objects = Objects, bytes = Bytes} = Batch,
        #options{size = Most} = Os) ->
    Size = case is_binary(Given) of
               true -> byte_size(Given);
               false -> erlang:external_size(Given)
           end,
    New = Batch#batch{objects = [Object | Objects], bytes = Bytes + Size},
    case Bytes + Size > Most of
        true -> to_file(New, Os);
        false -> New
    end.

to_file(#batch{objects = []} = Batch, _) -> Batch;
to_file(#batch{objects = Objects, runs = Runs}, Os) ->
    Row = row([lists:reverse(Objects)], Os),
    #batch{runs = file_sorter_runs:add(Row, Runs)}.

finish(#batch{objects = Objects, runs = Runs} = Batch, Value, Output, Os) ->
    case file_sorter_runs:count(Runs) of
        0 ->
            put_all(sorted([lists:reverse(Objects)], Os), Value, Output, Os);
        _ ->
            #batch{runs = All} = to_file(Batch, Os),
            merge_out(All, Value, Output, Os)
    end.

%% ---- Merging what is in files ----

%% Objects that go out next, the last first, and how many; the item that waits
%% for its equals, with the option unique.
-record(out, {sink, piece = [], count = 0, waiting = none}).

merge_out(Runs, Value, Output, Os) ->
    Sink = open_sink(Output, Os),
    try
        Order = {before(Os#options.order), Os#options.order =:= descending},
        Do = fun(Item, Out) -> put_item(Item, Out, Os) end,
        Out0 = lists:foldl(fun put_piece/2, #out{sink = Sink}, Value),
        Out1 = file_sorter_runs:merge(Runs, Order, Do, Out0),
        #out{sink = Last} = flush(put_waiting(Out1, Os), Os),
        case Last of
            Fun when is_function(Fun) -> Fun(close);
            _ -> ok
        end
    catch
        throw:{answered, Result} -> Result
    after
        is_function(Sink) orelse file:close(element(1, Sink))
    end.

open_sink(Fun, _) when is_function(Fun) -> Fun;
open_sink(File, #options{compressed = Compressed}) ->
    Mode = case Compressed of
               true -> [compressed];
               false -> [{delayed_write, 65536, 2000}]
           end,
    case file:open(File, [write, raw, binary | Mode]) of
        {ok, Device} -> {Device, File};
        {error, Reason} -> failed({error, {file_error, File, Reason}})
    end.

put_item(Item, Out, #options{unique = false} = Os) -> put_one(Item, Out, Os);
put_item(Item, #out{waiting = none} = Out, _) -> Out#out{waiting = Item};
put_item({B, _} = Item, #out{waiting = {A, _}} = Out, #options{order = Order} = Os) ->
    case is_same(A, B, Order) of
        %% of equal ones the first of the input stays, which comes last here
        true when Order =:= descending -> Out#out{waiting = Item};
        true -> Out;
        false -> (put_waiting(Out, Os))#out{waiting = Item}
    end.

put_waiting(#out{waiting = none} = Out, _) -> Out;
put_waiting(#out{waiting = Item} = Out, Os) ->
    put_one(Item, Out#out{waiting = none}, Os).

put_one({_, Given}, #out{piece = Piece, count = N} = Out, Os) ->
    New = Out#out{piece = [Given | Piece], count = N + 1},
    case N + 1 of
        ?PIECE -> flush(New, Os);
        _ -> New
    end.

flush(#out{piece = []} = Out, _) -> Out;
flush(#out{sink = {Device, File}, piece = Piece} = Out, Os) ->
    case file:write(Device, written(lists:reverse(Piece), Os)) of
        ok -> Out#out{piece = [], count = 0};
        {error, Reason} -> failed({error, {file_error, File, Reason}})
    end;
flush(#out{piece = Piece} = Out, _) ->
    put_piece(lists:reverse(Piece), Out#out{piece = [], count = 0}).

%% To a function of the user, which answers with the next.
put_piece(Piece, #out{sink = Fun} = Out) when is_function(Fun) ->
    case Fun(Piece) of
        Next when is_function(Next, 1) -> Out#out{sink = Next};
        Result -> throw({answered, Result})
    end;
put_piece(_, Out) -> Out. % a file has no use for the input's value

%% ---- Input ----

%% {Lists of {What is put out, Term}, values that the input leaves for the
%% output}: only merging has all in memory, and its input is files.
get_all(Files, Os) -> {[get_file(F, Os) || F <- Files], []}.

get_file(File, Os) ->
    lists:reverse(from_file(File, fun(O, Acc) -> [O | Acc] end, [], Os)).

%% {Accumulator, values for the output}; [Do] is given each object.
from_function(Fun, Do, Acc, Os) ->
    case Fun(read) of
        end_of_input -> {Acc, []};
        {end_of_input, Value} -> {Acc, [{value, Value}]};
        {Given, Next} when is_list(Given), is_function(Next, 1) ->
            Objects = try [object(O, Os) || O <- Given]
                      catch error:_ ->
                              catch Next(close),
                              failed({error, bad_object})
                      end,
            from_function(Next, Do, lists:foldl(Do, Acc, Objects), Os);
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

from_file(File, Do, Acc, #options{format = Format} = Os) ->
    Mode = [raw || Format =/= term],
    %% compressed: files that are none are read as they are
    case file:open(File, [read, binary, compressed | Mode]) of
        {ok, Device} ->
            try
                case Format of
                    term -> terms(Device, File, Do, Acc, Os);
                    _ -> objects(Device, File, Do, {<<>>, Acc}, Os)
                end
            after file:close(Device)
            end;
        {error, Reason} -> failed({error, {file_error, File, Reason}})
    end.

terms(Device, File, Do, Acc, Os) ->
    case io:read(Device, '') of
        {ok, Term} ->
            terms(Device, File, Do, Do(told(Term, File, Os), Acc), Os);
        eof -> Acc;
        _ -> failed({error, {bad_term, File}})
    end.

%% [Left] was read, but is no whole object yet.
objects(Device, File, Do, {Left, Acc}, Os) ->
    case file:read(Device, 65536) of
        {ok, Bytes} ->
            New = whole(<<Left/binary, Bytes/binary>>, File, Do, Acc, Os),
            objects(Device, File, Do, New, Os);
        eof when Left =:= <<>> -> Acc;
        eof -> failed({error, {premature_eof, File}});
        {error, Reason} -> failed({error, {file_error, File, Reason}})
    end.

whole(Bytes, File, Do, Acc, #options{header = Header} = Os) ->
    case Bytes of
        <<Size:Header/unit:8, Object:Size/binary, Rest/binary>> ->
            %% a copy: a part would keep all that was read with it
            Own = binary:copy(Object),
            whole(Rest, File, Do, Do(told(Own, File, Os), Acc), Os);
        _ -> {Bytes, Acc}
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

sorted(Lists, Os) -> [Given || {_, Given} <- row(Lists, Os)].

%% {Key, Object} in order. A descending order is the ascending one turned
%% around.
row(Lists, #options{unique = Unique, order = Order} = Os) ->
    Keyed = [[{key(T, Os), Given} || {Given, T} <- List] || List <- Lists],
    Row = case Os of
              #options{merges = true} -> merged(Keyed, Order);
              #options{order = descending} ->
                  lists:reverse(lists:keysort(1, lists:append(Keyed)));
              #options{order = ascending} ->
                  lists:keysort(1, lists:append(Keyed));
              _ -> lists:sort(before(Order), lists:append(Keyed))
          end,
    case Unique of
        true -> kept(Row, Order);
        false -> Row
    end.

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
put_all(Objects, _, File, Os) ->
    Options = [compressed || Os#options.compressed],
    case file:write_file(File, written(Objects, Os), Options) of
        ok -> ok;
        {error, Reason} -> {error, {file_error, File, Reason}}
    end.

%% As they stand in a file.
written(Objects, #options{format = term}) ->
    unicode:characters_to_binary([io_lib:format("~tp.\n", [T])
                                  || T <- Objects]);
written(Objects, #options{header = Header}) ->
    [[<<(byte_size(B)):Header/unit:8>>, B] || B <- Objects].

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
