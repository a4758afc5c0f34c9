%% SPDX-License-Identifier: Apache-2.0
%% Linked-in drivers: who uses which, and when they are loaded and unloaded.
%%
%% The runtime loads libraries and counts their ports. All else is in the state
%% of one process, which is there once somebody has asked for a driver. A
%% driver is used by the processes that have loaded it (as often as they have)
%% and by its ports; what is to be unloaded or loaded anew waits for both, but
%% for a new load the processes stay users of what comes then.
-module(erl_ddll).

-export([start/0, stop/0, load_driver/2, load/2, try_load/3, reload_driver/2,
         reload/2, unload_driver/1, unload/1, try_unload/2, loaded_drivers/0,
         info/0, info/1, info/2, monitor/2, demonitor/1, format_error/1]).

-export([serve/0]). % internal

-record(driver, {name,              % string
                 path,
                 options = [],      % [kill_ports]
                 status = ok,       % unload; {reload, Path, Options}; linked_in
                 permanent = false,
                 users = [],        % pids, each as often as it has loaded
                 waiting = []}).    % {load | unload | unload_only, Pid, Ref}

-define(SERVER, erl_ddll_server).

%% Drivers of OTP's that are a part of the program here, too.
-define(LINKED_IN, ["ram_file_drv", "sctp_inet", "tcp_inet", "tty_sl",
                    "udp_inet"]).

-type name() :: iolist() | atom().

%% Of a server that once was.
start() -> {error, {already_started, undefined}}.
stop() -> ok.

%% ---- what is asked for ----

-spec load_driver(file:filename() | atom(), name()) -> ok | {error, term()}.
load_driver(Path, Name) ->
    load(Path, Name, [{driver_options, [kill_ports]}]).

-spec load(file:filename() | atom(), name()) -> ok | {error, term()}.
load(Path, Name) -> load(Path, Name, []).

load(Path, Name, Options) ->
    case try_load(Path, Name, [{monitor, pending_driver} | Options]) of
        {error, already_loaded} -> ok;
        Answer -> await(Answer, 'UP', loaded)
    end.

-spec reload_driver(file:filename() | atom(), name()) -> ok | {error, term()}.
reload_driver(Path, Name) ->
    reload(Path, Name, [{driver_options, [kill_ports]}]).

-spec reload(file:filename() | atom(), name()) -> ok | {error, term()}.
reload(Path, Name) -> reload(Path, Name, []).

reload(Path, Name, Options) ->
    await(try_load(Path, Name, [{reload, pending_driver},
                                {monitor, pending_driver} | Options]),
          'UP', loaded).

-spec unload_driver(name()) -> ok | {error, term()}.
unload_driver(Name) ->
    await(try_unload(Name, [{monitor, pending_driver}, kill_ports]),
          'DOWN', unloaded).

-spec unload(name()) -> ok | {error, term()}.
unload(Name) -> await(try_unload(Name, []), 'DOWN', unloaded).

%% Waits for what is still to come.
await({ok, pending_driver, Ref}, Kind, What) ->
    receive
        {Kind, Ref, driver, _, What} -> ok;
        {_, Ref, driver, _, load_cancelled} -> {error, load_cancelled};
        {_, Ref, driver, _, {load_failure, Why}} -> {error, Why};
        {_, Ref, driver, _, Other} -> {error, Other}
    end;
await({error, _} = Error, _, _) -> Error;
await(_, _, _) -> ok.

-spec try_load(file:filename() | atom(), name(), list()) ->
          {ok, atom()} | {ok, atom(), reference()} | {error, term()}.
try_load(Path, Name, Options) ->
    try
        {load, text(Path), text(Name), load_options(Options, #{})}
    of
        Request -> call(Request)
    catch
        _:_ -> error(badarg, [Path, Name, Options])
    end.

load_options([{driver_options, List} | Rest], M) ->
    true = lists:all(fun(O) -> O =:= kill_ports end, List),
    load_options(Rest, M#{options => lists:usort(List)});
load_options([{Key, When} | Rest], M)
  when Key =:= monitor orelse Key =:= reload,
       When =:= pending_driver orelse When =:= pending ->
    load_options(Rest, M#{Key => When});
load_options([], M) -> M.

-spec try_unload(name(), list()) ->
          {ok, atom()} | {ok, atom(), reference()} | {error, term()}.
try_unload(Name, Options) ->
    try
        {unload, text(Name), unload_options(Options, #{})}
    of
        Request -> call(Request)
    catch
        _:_ -> error(badarg, [Name, Options])
    end.

unload_options([kill_ports | Rest], M) ->
    unload_options(Rest, M#{kill_ports => true});
unload_options([{monitor, When} | Rest], M)
  when When =:= pending_driver; When =:= pending ->
    unload_options(Rest, M#{monitor => When});
unload_options([], M) -> M.

-spec loaded_drivers() -> {ok, [string()]}.
loaded_drivers() -> {ok, call(names)}.

-spec info() -> [{string(), list()}].
info() -> [{Name, info(Name)} || Name <- call(names) -- ?LINKED_IN].

-spec info(name()) -> list().
info(Name) ->
    try [{Item, info(Name, Item)} || Item <- items()]
    catch error:badarg -> error(badarg, [Name]) end.

items() ->
    [processes, driver_options, port_count, linked_in_driver, permanent,
     awaiting_load, awaiting_unload].

-spec info(name(), atom()) -> term().
info(Name, Item) ->
    try
        true = lists:member(Item, items()),
        {ok, Answer} = call({info, text(Name), Item}),
        Answer
    catch _:_ -> error(badarg, [Name, Item]) end.

-spec monitor(driver, {name(), atom()}) -> reference().
monitor(driver, {Name, When})
  when When =:= loaded; When =:= unloaded; When =:= unloaded_only ->
    try text(Name) of
        Text -> call({monitor, Text, When})
    catch _:_ -> error(badarg, [driver, {Name, When}]) end;
monitor(Kind, What) -> error(badarg, [Kind, What]).

-spec demonitor(reference()) -> true.
demonitor(Ref) when is_reference(Ref) -> call({demonitor, Ref});
demonitor(Ref) -> error(badarg, [Ref]).

%% A name as a string that is not empty.
text(Atom) when is_atom(Atom) -> atom_to_list(Atom);
text(Text) -> [_ | _] = unicode:characters_to_list(Text).

-spec format_error(term()) -> string().
format_error({open_error, Number}) when is_integer(Number) ->
    call({open_error, Number});
format_error(Why) ->
    case Why of
        inconsistent -> "Driver name and/or driver options are inconsistent "
                        "with currently loaded driver";
        linked_in_driver -> "Driver is statically linked and cannot be "
                            "loaded/unloaded";
        permanent -> "DDLL driver is permanent an cannot be unloaded/loaded";
        not_loaded -> "DDLL driver is not loaded";
        not_loaded_by_this_process ->
            "DDLL driver was not loaded by this process";
        not_pending -> "DDLL load not pending for this driver name";
        already_loaded -> "DDLL driver is already loaded successfully";
        pending_reload -> "Driver reloading is already pending";
        pending_process -> "Driver is loaded by others when attempting "
                           "option {reload, pending_driver}";
        load_cancelled -> "Loading was cancelled from other process";
        no_error -> "No error";
        no_driver_init -> "No driver init in dynamic library";
        driver_init_failed -> "Driver init failed";
        bad_driver_name -> "Bad driver name";
        driver_name_to_long -> "Driver name to long";
        driver_incorrect_version ->
            "Driver compiled with incorrect version of erl_driver.h";
        no_ddll_available ->
            "DDLL functionality not available on this platform";
        unspecified_error -> "Unspecified dynamic library error";
        symbol_not_found -> "Symbol not found in dynamic library";
        _ -> error(badarg, [Why])
    end.

%% ---- the process ----

call(Request) ->
    Server = server(),
    Ref = erlang:monitor(process, Server),
    Server ! {Ref, self(), Request},
    receive
        {Ref, Answer} ->
            erlang:demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, _, Why} -> exit(Why)
    end.

server() ->
    case whereis(?SERVER) of
        undefined ->
            {Pid, Ref} = spawn_opt(?MODULE, serve, [], [monitor]),
            receive
                {Pid, ready} -> erlang:demonitor(Ref, [flush]), Pid;
                {'DOWN', Ref, _, _, _} -> server() % another was first
            after 0 ->
                Pid ! {announce, self()},
                receive
                    {Pid, ready} -> erlang:demonitor(Ref, [flush]), Pid;
                    {'DOWN', Ref, _, _, _} -> server()
                end
            end;
        Pid -> Pid
    end.

serve() ->
    true = try register(?SERVER, self()) catch error:badarg -> exit(normal) end,
    process_flag(trap_exit, true),
    group_leader(whereis(init), self()),
    loop(maps:from_list([{Name, #driver{name = Name, status = linked_in}}
                         || Name <- ?LINKED_IN]), []).

%% Texts: what the loader has said, by the number that stands for it.
loop(Drivers, Texts) ->
    receive
        {announce, Pid} ->
            Pid ! {self(), ready},
            loop(Drivers, Texts);
        {Ref, From, {open_error, Number}} ->
            Answer = case lists:keyfind(Number, 1, Texts) of
                         {_, Text} -> Text;
                         false -> "Unknown dlload error"
                     end,
            From ! {Ref, Answer},
            loop(Drivers, Texts);
        {Ref, From, Request} when is_reference(Ref) ->
            {Answer, Next} = handle(Request, From, Drivers),
            {Coded, Texts1} = encode(Answer, Texts),
            From ! {Ref, Coded},
            loop(Next, Texts1);
        {driver_idle, Name} ->
            loop(with(atom_to_list(Name), fun settle/1, Drivers), Texts);
        {driver_permanent, Name} ->
            loop(with(atom_to_list(Name), fun become_permanent/1, Drivers),
                 Texts);
        {'DOWN', _, process, Pid, _} ->
            loop(drop_user(Pid, Drivers), Texts);
        _ ->
            loop(Drivers, Texts)
    end.

encode({error, {open_error, Text}}, Texts) when is_list(Text) ->
    {Number, Texts1} = number(Text, Texts),
    {{error, {open_error, Number}}, Texts1};
encode(Answer, Texts) -> {Answer, Texts}.

number(Text, Texts) ->
    case lists:keyfind(Text, 2, Texts) of
        {Number, _} -> {Number, Texts};
        false ->
            Number = -100 - length(Texts),
            {Number, [{Number, Text} | Texts]}
    end.

%% The driver of that name becomes what F makes of it, or gone.
with(Name, F, Drivers) ->
    case Drivers of
        #{Name := D} -> put_driver(Name, F(D), Drivers);
        _ -> Drivers
    end.

put_driver(Name, gone, Drivers) -> maps:remove(Name, Drivers);
put_driver(Name, D, Drivers) -> Drivers#{Name => D}.

handle(names, _, Drivers) -> {maps:keys(Drivers), Drivers};
handle({load, Path, Name, Options}, From, Drivers) ->
    {Answer, D} = load(maps:get(Name, Drivers, gone), Path, Name, Options,
                       From),
    {Answer, put_driver(Name, D, Drivers)};
handle({unload, Name, Options}, From, Drivers) ->
    {Answer, D} = unload(maps:get(Name, Drivers, gone), Options, From),
    {Answer, put_driver(Name, D, Drivers)};
handle({info, Name, Item}, _, Drivers) ->
    case Drivers of
        #{Name := D} -> {{ok, item(Item, D)}, Drivers};
        _ -> {error, Drivers}
    end;
handle({monitor, Name, When}, From, Drivers) ->
    {Ref, D} = watch(maps:get(Name, Drivers, gone), Name, When, From),
    {Ref, put_driver(Name, D, Drivers)};
handle({demonitor, Ref}, _, Drivers) ->
    {true, maps:map(fun(_, #driver{waiting = W} = D) ->
                            D#driver{waiting = lists:keydelete(Ref, 3, W)}
                    end, Drivers)}.

%% ---- loading ----

load(gone, _, _, #{reload := _}, _) -> {{error, not_loaded}, gone};
load(gone, Path, Name, Options, From) ->
    case open(Path, Name) of
        ok ->
            D = #driver{name = Name, path = Path,
                        options = maps:get(options, Options, [])},
            {{ok, loaded}, add_user(D, From)};
        Error -> {Error, gone}
    end;
load(#driver{status = linked_in} = D, _, _, _, _) ->
    {{error, linked_in_driver}, D};
load(#driver{permanent = true} = D, _, _, _, _) -> {{error, permanent}, D};
load(#driver{status = ok} = D, Path, _, #{reload := When} = Options, From) ->
    reload(D, Path, When, Options, From);
load(#driver{status = {reload, _, _}} = D, _, _, #{reload := _}, _) ->
    {{error, pending_reload}, D};
load(#driver{} = D, _, _, #{reload := _}, _) ->
    {{error, not_loaded_by_this_process}, D};
load(#driver{status = {reload, Path1, Options1}} = D, Path, _, Options, From) ->
    case {Path, maps:get(options, Options, [])} of
        {Path1, Options1} ->
            {Answer, D1} = pending(pending_driver, load, Options, From,
                                   D#driver{}),
            {Answer, add_user(D1, From)};
        _ -> {{error, inconsistent}, D}
    end;
load(#driver{path = Path, options = Given} = D, Path, _, Options, From) ->
    case maps:get(options, Options, []) of
        Given ->
            D1 = case D#driver.status of
                     unload -> tell(unload, 'UP', unload_cancelled, D);
                     ok -> D
                 end,
            {{ok, already_loaded}, add_user(D1#driver{status = ok}, From)};
        _ -> {{error, inconsistent}, D}
    end;
load(D, _, _, _, _) -> {{error, inconsistent}, D}.

%% The process that asks takes what comes in the place of what it has.
reload(#driver{users = Users} = D, Path, When, Options, From) ->
    New = maps:get(options, Options, []),
    if
        When =:= pending_driver, Users =/= [From] ->
            {{error, pending_process}, D};
        New =/= D#driver.options ->
            {{error, inconsistent}, D};
        true ->
            case lists:member(From, Users) of
                true ->
                    Status = case When of
                                 pending_driver -> pending_driver;
                                 pending -> pending_process
                             end,
                    kill_ports(lists:member(kill_ports, D#driver.options), D),
                    D1 = D#driver{status = {reload, Path, New}},
                    {Answer, D2} = pending(Status, load, Options, From, D1),
                    {Answer, settle(D2)};
                false ->
                    {{error, not_loaded_by_this_process}, D}
            end
    end.

open(Path, Name) ->
    erts_internal:driver_open(filename:join(Path, Name), Name).

%% The answer to what is to come, for one who may want to be told.
pending(Status, Kind, Options, From, D) ->
    Wanted = case Options of
                 #{monitor := pending} -> true;
                 #{monitor := pending_driver} -> Status =:= pending_driver;
                 _ -> false
             end,
    case Wanted of
        true ->
            Ref = make_ref(),
            {{ok, Status, Ref}, wait(Kind, From, Ref, D)};
        false ->
            {{ok, Status}, D}
    end.

wait(Kind, Pid, Ref, #driver{waiting = W} = D) ->
    erlang:monitor(process, Pid),
    D#driver{waiting = [{Kind, Pid, Ref} | W]}.

add_user(#driver{users = Users} = D, Pid) ->
    erlang:monitor(process, Pid),
    D#driver{users = [Pid | Users]}.

%% ---- unloading ----

unload(gone, _, _) -> {{error, not_loaded}, gone};
unload(#driver{status = linked_in} = D, _, _) ->
    {{error, linked_in_driver}, D};
unload(#driver{permanent = true} = D, _, _) -> {{error, permanent}, D};
unload(#driver{users = Users} = D, Options, From) ->
    case lists:member(From, Users) of
        false when Users =/= [] -> {{error, not_loaded_by_this_process}, D};
        _ -> unload_own(D#driver{users = lists:delete(From, Users)}, Options,
                        From)
    end.

unload_own(#driver{users = []} = D, Options, From) ->
    D1 = to_unload(D),
    {Answer, D2} = pending(pending_driver, unload, Options, From, D1),
    kill_ports(maps:is_key(kill_ports, Options)
               orelse lists:member(kill_ports, D#driver.options), D2),
    {Answer, settle(D2)};
unload_own(D, Options, From) ->
    {Answer, D1} = pending(pending_process, unload, Options, From, D),
    {Answer, settle(D1)}.

%% Nobody uses it any more but its ports.
to_unload(#driver{status = {reload, _, _}} = D) ->
    to_unload((tell(load, 'DOWN', load_cancelled, D))#driver{status = unload});
to_unload(D) -> D#driver{status = unload}.

kill_ports(true, #driver{name = Name}) ->
    erts_internal:driver_kill_ports(list_to_atom(Name));
kill_ports(false, _) -> true.

%% Does what had to wait for users and ports, if there are none.
settle(#driver{status = ok} = D) -> D;
settle(#driver{status = unload, users = [_ | _]} = D) -> D;
settle(#driver{name = Name, status = Status} = D) ->
    case erts_internal:driver_close(list_to_atom(Name)) of
        false -> D;
        true ->
            D1 = tell(unload, 'DOWN', unloaded,
                      tell(unload_only, 'DOWN', unloaded, D)),
            closed(Status, D1)
    end.

closed(unload, _) -> gone;
closed({reload, Path, Options}, #driver{name = Name} = D) ->
    case open(Path, Name) of
        ok ->
            tell(load, 'UP', loaded,
                 D#driver{status = ok, path = Path, options = Options});
        {error, Why} ->
            tell(load, 'DOWN', {load_failure, Why}, D),
            gone
    end.

drop_user(Pid, Drivers) ->
    maps:fold(fun(Name, D, All) -> put_driver(Name, drop(Pid, D), All) end,
              Drivers, Drivers).

drop(Pid, #driver{users = Users, waiting = W} = D) ->
    D1 = D#driver{users = [P || P <- Users, P =/= Pid],
                  waiting = [X || {_, P, _} = X <- W, P =/= Pid]},
    case Users =/= [] andalso D1#driver.users =:= []
        andalso not D#driver.permanent of
        true ->
            kill_ports(lists:member(kill_ports, D#driver.options), D),
            settle(to_unload(D1));
        false -> D1
    end.

become_permanent(D) ->
    D1 = lists:foldl(fun(Kind, X) -> tell(Kind, 'UP', permanent, X) end, D,
                     [load, unload, unload_only]),
    D1#driver{permanent = true, users = [], status = ok}.

%% ---- telling ----

%% Whoever waits for Kind hears of it, once.
tell(Kind, How, What, #driver{name = Name, waiting = Waiting} = D) ->
    {Now, Later} = lists:partition(fun({K, _, _}) -> K =:= Kind end, Waiting),
    [Pid ! {How, Ref, driver, list_to_atom(Name), What}
     || {_, Pid, Ref} <- Now],
    D#driver{waiting = Later}.

watch(gone, Name, _, From) -> at_once('DOWN', unloaded, Name, From, gone);
watch(#driver{permanent = Always, status = Status} = D, Name, _, From)
  when Always; Status =:= linked_in ->
    at_once('UP', permanent, Name, From, D);
watch(#driver{status = ok} = D, Name, loaded, From) ->
    at_once('UP', loaded, Name, From, D);
watch(#driver{status = unload} = D, Name, loaded, From) ->
    at_once('DOWN', load_cancelled, Name, From, D);
watch(D, _, When, From) ->
    Ref = make_ref(),
    Kind = case When of
               loaded -> load;
               unloaded -> unload;
               unloaded_only -> unload_only
           end,
    {Ref, wait(Kind, From, Ref, D)}.

at_once(How, What, Name, From, D) ->
    Ref = make_ref(),
    From ! {How, Ref, driver, list_to_atom(Name), What},
    {Ref, D}.

%% ---- what info answers ----

item(linked_in_driver, #driver{status = Status}) -> Status =:= linked_in;
item(permanent, #driver{permanent = P}) -> P;
item(_, #driver{status = linked_in}) -> linked_in_driver;
item(driver_options, #driver{options = Options}) -> Options;
item(_, #driver{permanent = true}) -> permanent;
item(port_count, #driver{name = Name}) ->
    erts_internal:driver_count(list_to_atom(Name));
item(processes, #driver{users = Users}) -> count(Users);
item(awaiting_load, #driver{waiting = W}) ->
    count([P || {load, P, _} <- W]);
item(awaiting_unload, #driver{waiting = W}) ->
    count([P || {unload, P, _} <- W]).

count(Pids) ->
    [{P, length([Q || Q <- Pids, Q =:= P])} || P <- lists:usort(Pids)].
