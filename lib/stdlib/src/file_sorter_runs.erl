%% SPDX-License-Identifier: Apache-2.0
%% file_sorter_runs: sorted rows that did not fit into memory, each in a
%% temporary file as terms {Key, Object}, and what merges them.
%%
%% Rows are kept in the order in which they were read, so that equal keys stay
%% in the order of the input; or in the opposite one, see Later in merge/4.
-module(file_sorter_runs).

-export([new/3, count/1, add/2, merge/4, delete/1]).

-define(PIECE, 1000). % items that are written at once
-define(BYTES, 65536). % that are read at once

-record(runs, {prefix, next = 1, modes = [],
               most,          % files read at once
               files = []}).  % the newest first

-type row() :: [{Key :: term(), Object :: term()}].
-type before() :: fun(({term(), term()}, {term(), term()}) -> boolean()).
-opaque runs() :: #runs{}.
-export_type([runs/0]).

%% Files in [Dir], at most [Most] of which are merged at a time.
-spec new(file:filename(), pos_integer(), boolean()) -> runs().
new(Dir, Most, Compressed) ->
    Own = [C || C <- pid_to_list(self()), C >= $0, C =< $9 orelse C =:= $.],
    Name = lists:concat(["fs_", node(), "_", os:getpid(), "_", Own, "."]),
    #runs{prefix = filename:join(Dir, Name), most = Most,
          modes = [compressed || Compressed]}.

count(#runs{files = Files}) -> length(Files).

%% Writes a row; throws {file_error, File, Reason}.
-spec add(row(), runs()) -> runs().
add(Row, Runs) ->
    {File, Device, Runs1} = create(Runs),
    try write_row(Row, Device, File)
    after file:close(Device)
    end,
    Runs1#runs{files = [File | Runs1#runs.files]}.

%% Some at a time: a write for each would be slow where they are compressed.
write_row([], _, _) -> ok;
write_row(Row, Device, File) ->
    {Piece, Rest} = case length(Row) > ?PIECE of
                        true -> lists:split(?PIECE, Row);
                        false -> {Row, []}
                    end,
    write(Device, File, [packed(Item) || Item <- Piece]),
    write_row(Rest, Device, File).

packed(Item) ->
    Bytes = term_to_binary(Item),
    [<<(byte_size(Bytes)):32>>, Bytes].

create(#runs{prefix = Prefix, next = N, modes = Modes} = Runs) ->
    File = Prefix ++ integer_to_list(N),
    case file:open(File, [write, raw, binary | Modes]
                         ++ [{delayed_write, 65536, 2000} || Modes =:= []]) of
        {ok, Device} -> {File, Device, Runs#runs{next = N + 1}};
        {error, Reason} -> throw({file_error, File, Reason})
    end.

write(Device, File, Bytes) ->
    case file:write(Device, Bytes) of
        ok -> ok;
        {error, Reason} -> throw({file_error, File, Reason})
    end.

%% Gives all items in order to [Do], with an accumulator. [Before] says whether
%% one may stand in front of another; with [Later], of two that may stand
%% either way the one of the later row goes first. The files are gone then.
-spec merge(runs(), {before(), Later :: boolean()},
            fun(({term(), term()}, Acc) -> Acc), Acc) -> Acc.
merge(#runs{files = Files, most = Most} = Runs, Order, Do, Acc)
  when length(Files) > Most ->
    %% the oldest become one, which is the oldest then
    {Newer, Oldest} = lists:split(length(Files) - Most, Files),
    {File, Device, Runs1} = create(Runs),
    Keep = fun(Item, {N, Row}) when N < ?PIECE -> {N + 1, [Item | Row]};
              (Item, {_, Row}) ->
                   write_row(lists:reverse(Row), Device, File),
                   {1, [Item]}
           end,
    try
        {_, Last} = merge_files(Oldest, Order, Runs#runs.modes, Keep, {0, []}),
        write_row(lists:reverse(Last), Device, File)
    after file:close(Device)
    end,
    merge(Runs1#runs{files = Newer ++ [File]}, Order, Do, Acc);
merge(#runs{files = Files, modes = Modes}, Order, Do, Acc) ->
    merge_files(Files, Order, Modes, Do, Acc).

%% Of each row its first item, in order; few, so each finds its place from the
%% front.
-record(head, {item, row, device, left = <<>>}). % row: its number

merge_files(Files, Order, Modes, Do, Acc) ->
    Goes = goes_first(Order),
    Rows = [#head{row = N, device = open(File, Modes)}
            || {N, File} <- lists:enumerate(lists:reverse(Files))],
    try
        Heads = lists:foldl(fun(H, Hs) -> enter(H, Hs, Goes) end, [], Rows),
        drain(Heads, Goes, Do, Acc)
    after
        [file:close(Device) || #head{device = Device} <- Rows],
        [file:delete(File) || File <- Files]
    end.

%% Where either may stand first, or neither must, the rows decide.
goes_first({Before, Later}) ->
    fun(#head{item = A, row = N1}, #head{item = B, row = N2}) ->
        case {Before(A, B), Before(B, A)} of
            {Same, Same} when Later -> N1 > N2;
            {Same, Same} -> N1 < N2;
            {First, _} -> First
        end
    end.

open(File, Modes) ->
    case file:open(File, [read, raw, binary | Modes]) of
        {ok, Device} -> Device;
        {error, Reason} -> throw({file_error, File, Reason})
    end.

drain([#head{item = Item} = Head | Heads], Goes, Do, Acc) ->
    drain(enter(Head, Heads, Goes), Goes, Do, Do(Item, Acc));
drain([], _, _, Acc) -> Acc.

%% A row with its next item, among the others; or not, at its end.
enter(#head{device = Device, left = Left} = Head, Heads, Goes) ->
    case Left of
        <<Size:32, Bytes:Size/binary, Rest/binary>> ->
            insert(Head#head{item = binary_to_term(Bytes), left = Rest},
                   Heads, Goes);
        _ ->
            case file:read(Device, ?BYTES) of
                {ok, More} ->
                    enter(Head#head{left = <<Left/binary, More/binary>>},
                          Heads, Goes);
                eof when Left =:= <<>> -> Heads
            end
    end.

insert(New, [Head | Heads] = All, Goes) ->
    case Goes(Head, New) of
        true -> [Head | insert(New, Heads, Goes)];
        false -> [New | All]
    end;
insert(New, [], _) -> [New].

%% What a failure left.
-spec delete(runs()) -> ok.
delete(#runs{prefix = Prefix}) ->
    Dir = filename:dirname(Prefix),
    case file:list_dir(Dir) of
        {ok, Names} ->
            Own = filename:basename(Prefix),
            [file:delete(filename:join(Dir, Name))
             || Name <- Names, lists:prefix(Own, Name)],
            ok;
        {error, _} -> ok
    end.
