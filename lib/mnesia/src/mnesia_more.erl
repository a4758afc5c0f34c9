%% SPDX-License-Identifier: Apache-2.0
%% mnesia_more: what is asked about the database, its copies in files, and its
%% tables in queries.
-module(mnesia_more).

-export([table_info/2, system_info/1, info/0, schema/0, schema/1, is_setting/2,
         error_description/1, table/2, dump_tables/1, set_master_nodes/2]).
-export([dump_to_textfile/1, load_textfile/1]).

tables() -> mnesia_lib:tables().

is_running() -> mnesia_lib:is_running() =:= yes.

%% ---- Settings ----

is_setting(Key, V) when Key =:= auto_repair; Key =:= dump_log_load_regulation;
                        Key =:= dump_log_update_in_place;
                        Key =:= ignore_fallback_at_startup;
                        Key =:= embedded_mnemosyne ->
    is_boolean(V);
is_setting(Key, V) when Key =:= dump_log_write_threshold; Key =:= dc_dump_limit;
                        Key =:= no_table_loaders; Key =:= max_transfer_size ->
    is_number(V) andalso V > 0;
is_setting(Key, V) when Key =:= dump_log_time_threshold; Key =:= max_wait_for_decision ->
    V =:= infinity orelse is_integer(V) andalso V > 0;
is_setting(debug, V) ->
    lists:member(V, [none, verbose, debug, trace, false, true]);
is_setting(schema_location, V) -> lists:member(V, [disc, ram, opt_disc]);
is_setting(extra_db_nodes, V) -> is_list(V) andalso lists:all(fun is_atom/1, V);
is_setting(Key, V) when Key =:= access_module; Key =:= backup_module;
                        Key =:= event_module ->
    is_atom(V);
is_setting(dir, V) -> is_list(V) orelse is_atom(V);
is_setting(send_compressed, V) -> is_integer(V) andalso V >= 0 andalso V < 10;
is_setting(_, _) -> true.

%% ---- Information ----

table_info(Table, _) when not is_atom(Table) -> mnesia:abort({bad_type, Table});
table_info(Table, name) -> Table;
table_info(Table, Item) ->
    case mnesia_table:info(Table, cs, none) of
        none when Item =:= size; Item =:= memory -> 0;
        none when Item =:= master_nodes -> masters(Table);
        none -> mnesia:abort({no_exists, Table, Item});
        _ -> table_item(Table, Item)
    end.

masters(Table) -> proplists:get_value(Table, mnesia_lib:val(masters), []).

table_item(Table, all) ->
    Items = [access_mode, active_replicas, all_nodes, arity, attributes,
             checkpoints, commit_work, cookie, cstruct, disc_copies,
             disc_only_copies, external_copies, frag_properties, index,
             index_info, load_by_force, load_node,
             load_order, load_reason, local_content, majority, master_nodes,
             memory, ram_copies, record_name, record_validation, size, snmp,
             storage_properties, storage_type, subscribers, type,
             user_properties, version, where_to_commit, where_to_read,
             where_to_wlock, where_to_write, wild_pattern],
    [{I, table_item(Table, I)} || I <- Items];
table_item(Table, Item) when Item =:= size; Item =:= memory ->
    case mnesia_table:info(Table, where_to_read) of
        nowhere -> 0;
        Node when Node =:= node() -> ets:info(Table, Item);
        Node ->
            try mnesia_lib:ask(Node, ets, info, [Table, Item])
            catch exit:_ -> 0
            end
    end;
table_item(Table, all_nodes) -> mnesia_cs:holders(mnesia_lib:val({Table, cs}));
table_item(Table, where_to_wlock) ->
    {mnesia_table:info(Table, where_to_write), mnesia_table:info(Table, majority)};
table_item(Table, record_validation) ->
    {mnesia_table:info(Table, record_name), mnesia_table:info(Table, arity),
     mnesia_table:info(Table, type)};
table_item(Table, subscribers) ->
    [P || {P, _} <- mnesia_table:info(Table, subscribers, [])];
table_item(Table, master_nodes) -> masters(Table);
table_item(_, external_copies) -> [];
table_item(Table, checkpoints) -> mnesia_checkpoint:names(Table);
table_item(_, commit_work) -> [];
table_item(Table, load_node) -> mnesia_table:info(Table, load_node, node());
table_item(Table, load_reason) ->
    mnesia_table:info(Table, load_reason, {dumper, create_table});
table_item(Table, load_by_force) -> mnesia_table:info(Table, load_by_force, false);
table_item(Table, cstruct) ->
    list_to_tuple([cstruct | [V || {_, V} <- mnesia_cs:to_list(mnesia_lib:val({Table, cs}))]]);
table_item(Table, Item) ->
    case mnesia_table:info(Table, Item, none) of
        none -> mnesia:abort({no_exists, Table, Item});
        Value -> Value
    end.

%% Writes the tables to disc, those in memory too.
dump_tables(Tables) when is_list(Tables) ->
    Asked = mnesia_tm:schema(
        fun() ->
            [mnesia_tm:lock({T, '______WHOLETABLE_____'}, read) || T <- Tables],
            [dump_at(T, N) || T <- Tables, N <- mnesia_table:info(T, active_replicas)],
            ok
        end),
    case Asked of
        {aborted, {no_exists, {T, _}}} -> {aborted, {no_exists, T}};
        _ -> Asked
    end;
dump_tables(Tables) -> {aborted, {bad_type, Tables}}.

dump_at(Table, Node) ->
    Holders = mnesia_cs:disc_holders(mnesia_lib:val({Table, cs})),
    Holders =:= [] orelse mnesia:abort({"Only allowed on ram_copies", Table, Holders}),
    case mnesia_lib:ask(Node, mnesia_dumper, dump, [[Table]]) of
        [has_no_disc] -> mnesia:abort({has_no_disc, Node});
        _ -> ok
    end.

set_master_nodes(Tables, Nodes) when is_list(Nodes) ->
    Running = is_running(),
    case [T || T <- Tables, Running, T =/= schema, not mnesia_table:exists(T)] of
        [] when Running ->
            Bad = [{T, Ns} || T <- Tables,
                              Ns <- [Nodes -- mnesia_cs:holders(mnesia_lib:val({T, cs}))],
                              Ns =/= []],
            case Bad of
                [] -> lists:foreach(fun(T) -> mnesia_monitor:masters(T, Nodes) end, Tables);
                [{T, Ns} | _] when length(Tables) =:= 1 -> {error, {no_exists, T, Ns}};
                _ -> [mnesia_monitor:masters(T, Nodes) || T <- Tables -- [T || {T, _} <- Bad]], ok
            end;
        [] -> offline_masters(Tables, Nodes);
        [T | _] -> {error, {no_exists, T}}
    end;
set_master_nodes(_, Nodes) -> {error, {bad_type, Nodes}}.

offline_masters(Tables, Nodes) ->
    case mnesia_disc:has_schema() of
        true ->
            {Downs, Masters} = mnesia_disc:read("RECOVER.DAT", {[], []}),
            All = case Tables of
                      [] -> [map_get(name, Cs) || Cs <- mnesia_disc:read_schema()];
                      _ -> Tables
                  end,
            mnesia_disc:write("RECOVER.DAT",
                              {Downs, [{T, Nodes} || T <- All]
                                      ++ [M || {T, _} = M <- Masters,
                                               not lists:member(T, All)]});
        false -> {error, {"No schema on disc", node()}}
    end.

system_info(is_running) -> mnesia_lib:is_running();
system_info(directory) -> mnesia_disc:dir();
system_info(version) -> "4.21.3";
system_info(use_dir) ->
    case is_running() of
        true -> mnesia_disc:has_log();
        false -> mnesia_disc:has_schema()
    end;
system_info(db_nodes) ->
    case {mnesia_lib:is_running(), mnesia_disc:has_schema()} of
        {no, true} ->
            lists:append([mnesia_cs:holders(Cs) || #{name := schema} = Cs
                                                       <- mnesia_disc:read_schema()]);
        {no, false} -> [node()];
        _ -> mnesia_cs:holders(mnesia_lib:val({schema, cs}))
    end;
system_info(running_db_nodes) ->
    case mnesia_lib:is_running() of
        no -> [N || N <- system_info(db_nodes), N =/= node(), lists:member(N, nodes()),
                    erpc:call(N, mnesia_lib, is_running, []) =:= yes];
        _ -> mnesia_lib:running()
    end;
system_info(master_node_tables) ->
    case is_running() of
        true -> [T || {T, [_ | _]} <- mnesia_lib:val(masters)];
        false -> []
    end;
system_info(fallback_activated) ->
    filelib:is_regular(mnesia_disc:path("FALLBACK.BUP"));
system_info(subscribers) ->
    case is_running() of
        true -> mnesia_subscr:subscribers();
        false -> []
    end;
system_info(log_version) -> "4.3";
system_info(schema_version) -> {3, 0};
system_info(protocol_version) -> {8, 6};
system_info(backend_types) -> mnesia_cs:copy_kinds();
system_info(Item) when Item =:= access_module; Item =:= auto_repair;
                       Item =:= backup_module; Item =:= debug;
                       Item =:= dump_log_load_regulation;
                       Item =:= dump_log_time_threshold;
                       Item =:= dump_log_update_in_place;
                       Item =:= dump_log_write_threshold;
                       Item =:= event_module; Item =:= extra_db_nodes;
                       Item =:= fallback_error_function;
                       Item =:= ignore_fallback_at_startup;
                       Item =:= max_wait_for_decision; Item =:= schema_location;
                       Item =:= core_dir; Item =:= no_table_loaders;
                       Item =:= dc_dump_limit; Item =:= send_compressed;
                       Item =:= max_transfer_size ->
    mnesia_lib:env(Item);
system_info(all) ->
    Items = [access_module, auto_repair, backend_types, backup_module,
             checkpoints, db_nodes, debug,
             directory, dump_log_load_regulation, dump_log_time_threshold,
             dump_log_update_in_place, dump_log_write_threshold, event_module,
             extra_db_nodes, fallback_activated, held_locks, ignore_fallback_at_startup,
             fallback_error_function, is_running, local_tables, lock_queue,
             log_version, master_node_tables, max_wait_for_decision,
             protocol_version, running_db_nodes, schema_location, schema_version,
             subscribers, tables, transaction_commits, transaction_failures,
             transaction_log_writes, transaction_restarts, transactions, use_dir,
             core_dir, no_table_loaders, dc_dump_limit, send_compressed,
             max_transfer_size, version],
    Stopped = Items -- [access_module, backend_types, checkpoints,
                        fallback_activated, held_locks, local_tables, lock_queue,
                        master_node_tables, subscribers, tables,
                        transaction_commits, transaction_failures,
                        transaction_log_writes, transaction_restarts,
                        transactions, no_table_loaders, dc_dump_limit,
                        send_compressed, max_transfer_size],
    [{I, system_info(I)} || I <- case is_running() of
                                     true -> Items;
                                     false -> Stopped
                                 end];
system_info(Item) ->
    case mnesia_lib:is_running() of
        no -> mnesia:abort({node_not_running, node()});
        _ -> running_item(Item)
    end.

running_item(tables) -> tables();
running_item(local_tables) -> [T || T <- tables(), mnesia_table:is_local(T)];
running_item(checkpoints) -> mnesia_checkpoint:names();
running_item(transactions) -> mnesia_tm:get_transactions();
running_item(transaction_commits) -> counted(commits);
running_item(transaction_failures) -> counted(failures);
running_item(transaction_log_writes) -> counted(writes);
running_item(transaction_restarts) -> mnesia_locker:info(restarts);
running_item(Item) when Item =:= held_locks; Item =:= lock_queue ->
    mnesia_locker:info(Item);
running_item(Item) -> mnesia:abort({badarg, Item}).

counted(What) -> ets:lookup_element(mnesia_count, What, 2).

info() ->
    case is_running() of
        false -> mini_info();
        true -> running_info()
    end.

mini_info() ->
    io:format("===> System info in version ~p, debug level = ~p <===~n",
              [system_info(version), system_info(debug)]),
    Running = system_info(running_db_nodes),
    io:format("~w. Directory ~tp is ~sused.~n"
              "use fallback at restart = ~w~n"
              "running db nodes   = ~w~nstopped db nodes   = ~w ~n",
              [system_info(schema_location), system_info(directory),
               case system_info(use_dir) of true -> ""; false -> "NOT " end,
               system_info(fallback_activated), Running,
               system_info(db_nodes) -- Running]).

running_info() ->
    Count = fun(Item) -> length(system_info(Item)) end,
    io:format("---> Processes holding locks <--- ~n"
              "---> Processes waiting for locks <--- ~n"
              "---> Participant transactions <--- ~n"
              "---> Coordinator transactions <---~n"
              "---> Uncertain transactions <--- ~n"
              "---> Active tables <--- ~n"),
    [io:format("~-15w: with ~-8w records occupying ~-8w words of mem~n",
               [T, ets:info(T, size), ets:info(T, memory)])
     || T <- tables(), mnesia_table:info(T, where_to_read) =:= node()],
    mini_info(),
    By = fun(Storage) -> [T || T <- tables(),
                               mnesia_table:info(T, storage_type) =:= Storage]
         end,
    Participants = Count(transactions),
    io:format("master node tables = ~w~nremote             = ~w~n"
              "ram_copies         = ~w~ndisc_copies        = ~w~n"
              "disc_only_copies   = ~w~n",
              [system_info(master_node_tables),
               By(unknown), By(ram_copies), By(disc_copies), By(disc_only_copies)]),
    [io:format("~w = ~w~n", KindTables) || KindTables <- by_copies()],
    io:format("~w transactions committed, ~w aborted, ~w restarted, "
              "~w logged to disc~n"
              "~w held locks, ~w in queue; ~w local transactions, "
              "~w remote~n0 transactions waits for other nodes: []~n",
              [counted(commits), counted(failures), mnesia_locker:info(restarts),
               counted(writes), Count(held_locks), Count(lock_queue),
               Participants, 0]).

%% The tables that have the same copies.
by_copies() ->
    By = maps:groups_from_list(
        fun(T) -> [{N, mnesia_cs:storage(Cs, N)}
                   || Cs <- [mnesia_lib:val({T, cs})], N <- mnesia_cs:holders(Cs)]
        end, tables()),
    [[Copies, Tables] || {Copies, Tables} <- maps:to_list(By)].

schema() -> [schema(T) || T <- tables()], ok.

schema(Table) ->
    io:format("-- Properties for ~w table --- ~n", [Table]),
    [io:format("~-15w: ~p~n", [K, V]) || {K, V} <- table_info(Table, all)],
    ok.

%% A text for what a transaction was aborted with.
error_description({Tag, Reason}) when Tag =:= error; Tag =:= aborted; Tag =:= 'EXIT' ->
    error_description(Reason);
error_description(Reason) when is_tuple(Reason), tuple_size(Reason) > 0 ->
    setelement(1, Reason, error_description(element(1, Reason)));
error_description(Reason) ->
    proplists:get_value(Reason, descriptions(), Reason).

descriptions() ->
    [{nested_transaction, "Nested transactions are not allowed"},
     {badarg, "Bad or invalid argument, possibly bad type"},
     {no_transaction, "Operation not allowed outside transactions"},
     {combine_error, "Table options were ilegally combined"},
     {bad_index, "Index already exists or was out of bounds"},
     {already_exists, "Some schema option we try to set is already on"},
     {index_exists, "Some ops cannot  be performed on tabs with index"},
     {no_exists, "Tried to perform op on non-existing (non alive) item"},
     {system_limit, "Some system_limit was exhausted"},
     {mnesia_down, "A transaction involving objects at some remote node which died "
                   "while transaction was executing*and* object(s) are no longer "
                   "available elsewherein the network"},
     {not_a_db_node, "A node which is non existent in the schema was mentioned"},
     {bad_type, "Bad type on some provided arguments"},
     {node_not_running, "Node not running"},
     {truncated_binary_file, "Truncated binary in file"},
     {active, "Some delete ops require that all active objects are removed"},
     {illegal, "Operation not supported on object"}].

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
               {parent_fun, fun mnesia_tm:lend/0},
               {pre_fun, fun(Given) ->
                             mnesia_tm:borrow(proplists:get_value(parent_value, Given))
                         end},
               {lookup_fun,
                fun(2, Keys) ->
                        lists:append([mnesia:read(Table, K, Lock) || K <- Keys]);
                   (P, Values) ->
                        lists:append([mnesia:index_read(Table, V, P)
                                      || V <- Values])
                end}]).

%% ---- Copies ----

definition(Table) -> mnesia_cs:to_list(mnesia_lib:val({Table, cs})).

dump_to_textfile(File) ->
    case is_running() andalso file:open(File, [write, {encoding, utf8}]) of
        false -> error;
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
        {error, _} -> error
    end.

load_textfile(File) ->
    case file:consult(File) of
        {ok, [{tables, Tables} | Objects]} ->
            _ = mnesia:start(),
            [made(T, Definition) || {T, Definition} <- Tables],
            Write = fun(O) ->
                        Table = element(1, O),
                        Name = mnesia:table_info(Table, record_name),
                        mnesia:write(Table, setelement(1, O, Name), write)
                    end,
            mnesia:transaction(fun() -> lists:foreach(Write, Objects) end);
        {ok, _} ->
            io:format("No tables found\n"),
            {error, bad_header};
        {error, {Line, Module, Reason}} ->
            io:format("Error in line:~p of:~tp ~ts\n",
                      [Line, File, Module:format_error(Reason)]),
            {error, read};
        {error, _} -> {error, open}
    end.

made(Table, Definition) ->
    case mnesia:create_table(Table, Definition) of
        {atomic, ok} -> io:format("New table ~p~n", [Table]);
        {aborted, {already_exists, Table}} ->
            io:format("** Table ~p already exists on ~p, just entering data~n",
                      [Table, node()]);
        {aborted, Reason} ->
            io:format("** Failed to create table ~p ~n"
                      "** Reason = ~p, Args = ~p~n", [Table, Reason, Definition])
    end.
