%% SPDX-License-Identifier: Apache-2.0
%% mnesia_more: what is asked about the database, its copies in files, and its
%% tables in queries.
-module(mnesia_more).

-export([table_info/2, system_info/1, info/0, schema/0, schema/1,
         error_description/1, table/2]).
-export([backup/1, restore/2, dump_to_textfile/1, load_textfile/1]).

tables() ->
    lists:sort([T || [T] <- ets:match(mnesia_gvar,
                                      {{'$1', storage_type}, '_'})]).

is_running() -> whereis(mnesia_server) =/= undefined.

%% ---- Information ----

table_info(Table, Item) ->
    case is_running() andalso mnesia_table:exists(Table) of
        true -> table_item(Table, Item);
        false when Item =:= size; Item =:= memory -> 0;
        false -> mnesia:abort({no_exists, Table, Item})
    end.

table_item(Table, all) ->
    lists:sort([{I, table_item(Table, I)}
                || I <- [size, memory, active_replicas, where_to_read,
                         where_to_write, subscribers, master_nodes]]
               ++ [P || {K, _} = P <- mnesia_table:properties(Table),
                        is_atom(K), K =/= subscribers]);
table_item(Table, size) -> ets:info(Table, size);
table_item(Table, memory) -> ets:info(Table, memory);
table_item(_, where_to_read) -> node();
table_item(_, Item) when Item =:= active_replicas; Item =:= where_to_write;
                         Item =:= where_to_commit; Item =:= all_nodes ->
    [node()];
table_item(Table, subscribers) -> mnesia_table:info(Table, subscribers, []);
table_item(_, Item) when Item =:= master_nodes; Item =:= checkpoints;
                         Item =:= commit_work ->
    [];
table_item(_, load_node) -> node();
table_item(_, load_reason) -> local_only;
table_item(Table, load_by_force) ->
    mnesia_table:info(Table, load_by_force, false);
table_item(Table, cstruct) -> mnesia_table:properties(Table);
table_item(Table, Item) -> mnesia_table:info(Table, Item).

system_info(is_running) ->
    case is_running() of
        true -> yes;
        false -> no
    end;
system_info(directory) -> mnesia_disc:dir();
system_info(version) -> "4.21.3";
system_info(use_dir) ->
    case is_running() of
        true -> mnesia_table:info(schema, storage_type) =:= disc_copies;
        false -> mnesia_disc:has_schema()
    end;
system_info(db_nodes) -> [node()];
system_info(running_db_nodes) -> [node() || is_running()];
system_info(Item) when Item =:= extra_db_nodes; Item =:= master_node_tables;
                       Item =:= checkpoints ->
    [];
system_info(fallback_activated) -> false;
system_info(auto_repair) -> true;
system_info(schema_location) ->
    application:get_env(mnesia, schema_location, opt_disc);
system_info(debug) -> application:get_env(mnesia, debug, none);
system_info(access_module) -> mnesia;
system_info(log_version) -> "4.3";
system_info(protocol_version) -> {8, 6};
system_info(Item) ->
    case is_running() of
        true -> running_item(Item);
        false -> mnesia:abort({node_not_running, node()})
    end.

running_item(Item) when Item =:= tables; Item =:= local_tables -> tables();
running_item(all) ->
    [{I, system_info(I)} || I <- [is_running, directory, version, use_dir,
                                  db_nodes, running_db_nodes, tables,
                                  transaction_commits, transaction_failures]];
running_item(transaction_commits) -> counted(commits);
running_item(transaction_failures) -> counted(failures);
running_item(transaction_log_writes) -> counted(writes);
running_item(transaction_restarts) -> mnesia_locker:info(restarts);
running_item(Item) when Item =:= held_locks; Item =:= lock_queue;
                        Item =:= transactions ->
    mnesia_locker:info(Item);
running_item(Item) -> mnesia:abort({badarg, Item}).

counted(What) -> ets:lookup_element(mnesia_count, What, 2).

info() ->
    case is_running() of
        false ->
            io:format("===> System info in version ~p, debug level = ~p <===~n"
                      "Mnesia is not running.~n",
                      [system_info(version), system_info(debug)]);
        true -> running_info()
    end.

running_info() ->
    Count = fun(Item) -> length(system_info(Item)) end,
    io:format("---> Processes holding locks <--- ~n"
              "---> Processes waiting for locks <--- ~n"
              "---> Participant transactions <--- ~n"
              "---> Coordinator transactions <---~n"
              "---> Uncertain transactions <--- ~n"
              "---> Active tables <--- ~n"),
    [io:format("~-15s: with ~-8w records occupying ~-8w words of mem~n",
               [T, ets:info(T, size), ets:info(T, memory)])
     || T <- tables()],
    io:format("===> System info in version ~p, debug level = ~p <===~n",
              [system_info(version), system_info(debug)]),
    io:format("~w. Directory ~tp is ~sused.~n",
              [system_info(schema_location), system_info(directory),
               case system_info(use_dir) of true -> ""; false -> "NOT " end]),
    By = fun(Storage) -> [T || T <- tables(),
                               mnesia_table:info(T, storage_type) =:= Storage]
         end,
    io:format("use fallback at restart = false~n"
              "running db nodes   = ~w~nstopped db nodes   = [] ~n"
              "master node tables = []~nremote             = []~n"
              "ram_copies         = ~w~ndisc_copies        = ~w~n"
              "disc_only_copies   = ~w~n",
              [[node()], By(ram_copies), By(disc_copies), By(disc_only_copies)]),
    io:format("~w transactions committed, ~w aborted, ~w restarted, "
              "~w logged to disc~n"
              "~w held locks, ~w in queue; ~w local transactions, "
              "0 remote~n0 transactions waits for other nodes: []~n",
              [counted(commits), counted(failures), mnesia_locker:info(restarts),
               counted(writes), Count(held_locks), Count(lock_queue),
               Count(transactions)]).

schema() -> [schema(T) || T <- tables()], ok.

schema(Table) ->
    io:format("-- Properties for ~w table --- ~n", [Table]),
    [io:format("~-15w: ~p~n", [K, V]) || {K, V} <- table_info(Table, all)],
    ok.

%% A text for what a transaction was aborted with.
error_description({error, Reason}) -> error_description(Reason);
error_description({aborted, Reason}) -> error_description(Reason);
error_description(Reason) when is_tuple(Reason), tuple_size(Reason) > 0 ->
    setelement(1, Reason, error_description(element(1, Reason)));
error_description(nested_transaction) -> "Nested transactions are not allowed";
error_description(badarg) -> "Bad or invalid argument, possibly bad type";
error_description(no_transaction) ->
    "Operation not allowed outside transactions";
error_description(combine_error) -> "Table options were illegally combined";
error_description(bad_index) ->
    "Index already exists or was out of bounds";
error_description(already_exists) ->
    "Some schema option we try to set is already on";
error_description(index_exists) ->
    "Some operation not allowed on tables with index";
error_description(no_exists) -> "Tried to perform operation on non-existing "
                                "(not alive) item";
error_description(system_limit) -> "Some system_limit was exhausted";
error_description(mnesia_down) ->
    "A transaction involving records at some remote "
                                  "node which died while transaction was executing";
error_description(not_a_db_node) ->
    "A node which is non existant in the schema "
                                    "was mentioned";
error_description(bad_type) -> "Bad type on some arguments";
error_description(node_not_running) -> "Node not running";
error_description(truncated_binary_file) -> "Truncated binary in file";
error_description(active) -> "Some delete operation requires that all active "
                             "objects are first deleted";
error_description(illegal) -> "Operation not supported on object";
error_description(Other) -> Other.

%% ---- Queries ----

%% Option {traverse, {select, Spec} | select | first_next | last_prev},
%% {lock, Kind}, {n_objects, N}.
table(Table, Options) ->
    Lock = proplists:get_value(lock, Options, read),
    Spec = case proplists:get_value(traverse, Options, select) of
               {select, Given} -> Given;
               _ -> [{'$1', [], ['$1']}]
           end,
    qlc:table(fun() -> mnesia:select(Table, Spec, Lock) end,
              [{info_fun, fun(keypos) -> 2;
                             (is_unique_objects) ->
                                 mnesia_table:info(Table, type) =/= bag;
                             (indices) -> mnesia_table:info(Table, index);
                             (num_of_objects) -> ets:info(Table, size);
                             (_) -> undefined
                          end},
               {lookup_fun,
                fun(2, Keys) ->
                        lists:append([mnesia:read(Table, K, Lock) || K <- Keys]);
                   (P, Values) ->
                        lists:append([mnesia:index_read(Table, V, P)
                                      || V <- Values])
                end}]).

%% ---- Copies ----

definition(Table) ->
    [P || {K, _} = P <- mnesia_table:properties(Table),
          lists:member(K, [attributes, record_name, type, index, ram_copies,
                           disc_copies, disc_only_copies])].

backup(File) ->
    Tables = [{T, definition(T), ets:tab2list(T)} || T <- tables(), T =/= schema],
    case file:write_file(File, term_to_binary({mnesia_backup, Tables}), [sync]) of
        ok -> ok;
        {error, Reason} -> {error, {File, Reason}}
    end.

%% Tables are cleared before they get their old objects, or as the options say.
restore(File, Options) ->
    try
        {ok, Bytes} = file:read_file(File),
        {mnesia_backup, Tables} = binary_to_term(Bytes),
        {atomic, [T || {T, _, _} = Copy <- Tables,
                       restore_table(Copy, Options) =/= skipped]}
    catch error:{badmatch, {error, Reason}} ->
        {aborted, {bad_backup, File, Reason}}
    end.

restore_table({Table, Definition, Objects}, Options) ->
    case operation(Table, Options) of
        skip_tables -> skipped;
        recreate_tables ->
            _ = mnesia:delete_table(Table),
            {atomic, ok} = mnesia:create_table(Table, Definition),
            put_back(Table, Objects);
        clear_tables ->
            {atomic, ok} = mnesia:clear_table(Table),
            put_back(Table, Objects);
        keep_tables -> put_back(Table, Objects)
    end.

put_back(Table, Objects) -> [mnesia:dirty_write(Table, O) || O <- Objects], ok.

operation(Table, Options) ->
    case [Op || {Op, Tables} <- Options, is_list(Tables),
                lists:member(Table, Tables)] of
        [Op | _] -> Op;
        [] -> proplists:get_value(default_op, Options, clear_tables)
    end.

dump_to_textfile(File) ->
    case file:open(File, [write, {encoding, utf8}]) of
        {ok, Device} ->
            Tables = [T || T <- tables(), T =/= schema],
            io:format(Device, "~tp.~n",
                      [{tables, [{T, [P || {K, _} = P <- definition(T),
                                           K =:= attributes
                                               orelse K =:= record_name]}
                                 || T <- Tables]}]),
            [io:format(Device, "~tp.~n", [setelement(1, O, T)])
             || T <- Tables, O <- lists:sort(ets:tab2list(T))],
            file:close(Device);
        {error, Reason} -> {error, Reason}
    end.

load_textfile(File) ->
    case file:consult(File) of
        {ok, [{tables, Tables} | Objects]} ->
            _ = mnesia:start(),
            Made = [{T, mnesia:create_table(T, Definition)}
                    || {T, Definition} <- Tables],
            Write = fun(O) ->
                        Table = element(1, O),
                        Name = mnesia:table_info(Table, record_name),
                        mnesia:write(Table, setelement(1, O, Name), write)
                    end,
            {atomic, ok} = mnesia:transaction(
                fun() -> lists:foreach(Write, Objects) end),
            case [Reason || {_, {aborted, Reason}} <- Made] of
                [] -> {atomic, ok};
                [Reason | _] -> {error, Reason}
            end;
        {ok, _} -> {error, "No tables in file"};
        Error -> Error
    end.
