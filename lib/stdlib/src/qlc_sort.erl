%% SPDX-License-Identifier: Apache-2.0
%% Sorted objects of queries: in memory while they are few, else through
%% file_sorter.
-module(qlc_sort).

-export([sorted/3, sorted/4, told/2]).

-include("qlc.hrl").

-spec sorted(term(), #qlc_sort{}, reference()) -> term().
sorted(Objects, Sort, Run) -> sorted(Objects, Sort, Run, sorting).

%% [Why] is told when a file is needed.
sorted(List, Sort, _, _) when is_list(List), Sort#qlc_sort.key =/= undefined,
                              length(List) >= 0 ->
    in_memory(List, Sort);
sorted(Objects, Sort, Run, Why) ->
    Room = proplists:get_value(size, Sort#qlc_sort.options,
                               qlc_options:default(size)),
    case few(Objects, Room, []) of
        {all, List} -> in_memory(List, Sort);
        {more, Begun} -> in_file(Begun, Sort, Run, Why)
    end.

%% {all, List}, or {more, Objects} when there may be more after [Room] bytes and
%% one more object. What is in a list already is taken anyway.
few([], _, List) -> {all, lists:reverse(List)};
few([Object | More], Room, List) when is_integer(Room), Room >= 0 ->
    few(More, Room - erlang:external_size(Object), [Object | List]);
few([Object | More], _, List) -> few(More, full, [Object | List]);
few(More, full, List) when is_function(More) ->
    {more, lists:reverse(List, More)};
few(More, Room, List) when is_function(More) -> few(More(), Room, List);
few(Error, _, _) -> qlc_run:failed(Error).

in_memory(List, #qlc_sort{key = sort, order = Order, unique = Unique}) ->
    case {Order, Unique} of
        {ascending, true} -> lists:usort(List);
        {ascending, false} -> lists:sort(List);
        {descending, true} -> lists:reverse(lists:usort(List));
        {descending, false} -> lists:reverse(lists:sort(List));
        {Fun, true} -> lists:usort(Fun, List);
        {Fun, false} -> lists:sort(Fun, List)
    end;
in_memory(List, #qlc_sort{key = {keysort, Key}, order = Order, unique = Unique})
  when is_integer(Key), is_atom(Order) ->
    Ascending = case Unique of
                    true -> lists:ukeysort(Key, List);
                    false -> lists:keysort(Key, List)
                end,
    case Order of
        ascending -> Ascending;
        descending -> lists:reverse(Ascending)
    end;
in_memory(List, Sort) ->
    In = fun(_) -> {List, fun(_) -> end_of_input end} end,
    file_sort(In, terms_out([]), [{format, term} | options(Sort)], Sort).

terms_out(Lists) ->
    fun(close) -> lists:append(lists:reverse(Lists));
       (Terms) -> terms_out([Terms | Lists])
    end.

%% The directory of the evaluation goes before that of the sort.
options(#qlc_sort{options = Options, tmpdir = ""}) -> Options;
options(#qlc_sort{options = Options, tmpdir = Dir}) ->
    [{tmpdir, Dir} | lists:keydelete(tmpdir, 1, Options)].

file_sort(In, Out, Options, #qlc_sort{key = Key}) ->
    Result = case Key of
                 sort -> file_sorter:sort(In, Out, Options);
                 {keysort, Positions} ->
                     file_sorter:keysort(Positions, In, Out, Options)
             end,
    case Result of
        {error, Reason} -> qlc_run:failed({error, qlc, Reason});
        _ -> Result
    end.

in_file(_, #qlc_sort{tmpdir_usage = not_allowed}, _, Why) ->
    qlc_run:failed({error, qlc, {tmpdir_usage, Why}});
in_file(Objects, #qlc_sort{tmpdir = Dir, compressed = Modes} = Sort, Run, Why) ->
    told(Sort#qlc_sort.tmpdir_usage, Why),
    case file_sort(bytes_in(Objects, 0), bytes_out(Dir, Modes),
                   options(Sort), Sort) of
        {terms, Items} -> [binary_to_term(I) || I <- Items];
        {file, Name} ->
            case qlc_file:open(Name, Modes) of
                {error, _, _} = Error -> qlc_run:failed(Error);
                File ->
                    qlc_run:later(Run, fun() -> qlc_file:remove(File) end),
                    fun() -> qlc_file:objects(File) end
            end
    end.

%% The input tells file_sorter how many objects there were, and it the output.
bytes_in(Objects, N) ->
    fun(close) -> ok;
       (read) ->
            case qlc_run:next(Objects, fun(List) -> List end) of
                [] -> {end_of_input, N};
                [Object | More] ->
                    {[term_to_binary(Object)], bytes_in(More, N + 1)};
                Error -> qlc_run:failed(Error)
            end
    end.

bytes_out(Dir, Modes) ->
    fun(close) -> {terms, []};
       ({value, _}) -> bytes_out(Dir, Modes);
       (Items) -> to_file(Items, Dir, Modes)
    end.

to_file(Items, Dir, Modes) ->
    Name = qlc_file:name(Dir),
    case file:open(Name, [write, raw, binary | Modes]) of
        {ok, Fd} -> (writer(Name, Fd))(Items);
        {error, Reason} ->
            qlc_run:failed({error, qlc, {file_error, Name, Reason}})
    end.

writer(Name, Fd) ->
    fun(close) ->
            _ = file:close(Fd),
            {file, Name};
       (Items) ->
            case file:write(Fd, [[<<(byte_size(I)):32>>, I] || I <- Items]) of
                ok -> writer(Name, Fd);
                {error, Reason} ->
                    _ = file:close(Fd),
                    qlc_run:failed({error, qlc, {file_error, Name, Reason}})
            end
    end.

%% Tells the log that a file is needed, with where it was asked for.
-spec told(atom(), atom()) -> ok.
told(allowed, _) -> ok;
told(Level, Why) ->
    {current_stacktrace, All} = process_info(self(), current_stacktrace),
    Stack = [Frame || {M, _, _, _} = Frame <- All, not own(M)],
    Text = erl_error:format_stacktrace(
        1, Stack, fun(M, _, _) -> M =:= erl_eval end,
        fun(Term, I) -> io_lib:print(Term, I, 80, -1) end),
    error_logger:Level("qlc: temporary file was needed for ~w\n~ts\n",
                       [Why, lists:flatten(Text)]).

own(Module) -> lists:prefix("qlc", atom_to_list(Module)).
