%% SPDX-License-Identifier: Apache-2.0
%% dbg: tracing from the prompt. A server, registered as dbg, knows the nodes
%% that are traced and their tracers, and the saved match specifications.
%% What it prints is made by dbg_text, trace files and sockets by dbg_port,
%% reading them again by dbg_client.
-module(dbg).

-export([start/0, stop/0, stop_clear/0, tracer/0, tracer/2, tracer/3,
         get_tracer/0, get_tracer/1, i/0, p/1, p/2, c/3, c/4]).
-export([tp/2, tp/3, tp/4, tpl/2, tpl/3, tpl/4, tpe/2, ctp/0, ctp/1, ctp/2,
         ctp/3, ctpl/0, ctpl/1, ctpl/2, ctpl/3, ctpg/0, ctpg/1, ctpg/2,
         ctpg/3, ctpe/1, ltp/0, dtp/0, dtp/1, wtp/1, rtp/1, fun2ms/1]).
-export([n/1, cn/1, ln/0, h/0, h/1, trace_port/2, trace_port_control/1,
         trace_port_control/2, flush_trace_port/0, flush_trace_port/1,
         trace_client/2, trace_client/3, stop_trace_client/1]).
-export([dhandler/2, transform_flags/1]).
%% called on other nodes
-export([erlang_trace/3, get_info/0, deliver_and_flush/1, relay/2]).

-type spec() :: {module(), atom(), arity() | '_'}.

%%% Match specifications

fun2ms(Fun) when is_function(Fun) ->
    case erl_eval:fun_data(Fun) of
        {fun_data, Bindings, Clauses} ->
            case ms_transform:transform_from_shell(?MODULE, Clauses,
                                                   Bindings) of
                {error, [{_, [{_, _, Code} | _]} | _], _} ->
                    io:format("Error: ~" ++ modifier() ++ "s~n",
                              [ms_transform:format_error(Code)]),
                    {error, transform_error};
                Spec -> Spec
            end;
        false ->
            exit({badarg, {?MODULE, fun2ms,
                           [function, called, with, real, 'fun', should, be,
                            transformed, with, parse_transform, 'or', called,
                            with, a, 'fun', generated, in, the, shell]}})
    end.

%%% Patterns of functions

tp({_, _, _} = MFA, Pattern) -> set_pattern(MFA, Pattern, []);
tp(M, Pattern) when is_atom(M) -> set_pattern({M, '_', '_'}, Pattern, []).
tp(M, F, Pattern) -> set_pattern({M, F, '_'}, Pattern, []).
tp(M, F, A, Pattern) -> set_pattern({M, F, A}, Pattern, []).

tpl({_, _, _} = MFA, Pattern) -> set_pattern(MFA, Pattern, [local]);
tpl(M, Pattern) when is_atom(M) -> set_pattern({M, '_', '_'}, Pattern, [local]).
tpl(M, F, Pattern) -> set_pattern({M, F, '_'}, Pattern, [local]).
tpl(M, F, A, Pattern) -> set_pattern({M, F, A}, Pattern, [local]).

tpe(Event, Pattern) when Event =:= send; Event =:= 'receive' ->
    set_pattern(Event, Pattern, []).

-spec set_pattern(spec() | atom(), term(), [atom()]) -> term().
set_pattern(What, Saved, Flags) when is_integer(Saved); is_atom(Saved) ->
    case ets:lookup(patterns(), Saved) of
        [{_, Pattern}] -> set_pattern(What, binary_to_term(Pattern), Flags);
        [] -> {error, unknown_pattern}
    end;
set_pattern(What, Pattern, Flags) when is_list(Pattern) ->
    Nodes = request(nodes),
    load_on(Nodes, What),
    case check(Pattern) of
        ok ->
            Saved = [{saved, N} || N <- [save(Pattern)], N =/= 0],
            {ok, set_on(Nodes, What, Pattern, Flags) ++ Saved};
        Error -> Error
    end.

%% A module that is not loaded has no functions to trace.
load_on(Nodes, {M, _, _}) when is_atom(M) ->
    [call(Node, M, module_info, []) || Node <- Nodes];
load_on(_, _) -> ok.

set_on(Nodes, What, Pattern, Flags) ->
    [case call(Node, erlang, trace_pattern, [What, Pattern, Flags]) of
         N when is_integer(N) -> {matched, Node, N};
         Other -> {matched, Node, 0, Other}
     end || Node <- Nodes].

check([]) -> ok;
check(Pattern) ->
    case erlang:match_spec_test([], Pattern, trace) of
        {ok, _, _, _} -> ok;
        {error, _} = Error -> Error
    end.

ctp() -> clear({'_', '_', '_'}).
ctp({_, _, _} = MFA) -> clear(MFA);
ctp(M) when is_atom(M) -> clear({M, '_', '_'}).
ctp(M, F) -> clear({M, F, '_'}).
ctp(M, F, A) -> clear({M, F, A}).

ctpl() -> clear({'_', '_', '_'}, [local]).
ctpl({_, _, _} = MFA) -> clear(MFA, [local]);
ctpl(M) when is_atom(M) -> clear({M, '_', '_'}, [local]).
ctpl(M, F) -> clear({M, F, '_'}, [local]).
ctpl(M, F, A) -> clear({M, F, A}, [local]).

ctpg() -> clear({'_', '_', '_'}, [global]).
ctpg({_, _, _} = MFA) -> clear(MFA, [global]);
ctpg(M) when is_atom(M) -> clear({M, '_', '_'}, [global]).
ctpg(M, F) -> clear({M, F, '_'}, [global]).
ctpg(M, F, A) -> clear({M, F, A}, [global]).

ctpe(Event) when Event =:= send; Event =:= 'receive' ->
    {ok, set_on(request(nodes), Event, true, [])}.

clear(MFA) ->
    {ok, _} = clear(MFA, [global]),
    clear(MFA, [local]).

clear(MFA, Flags) -> {ok, set_on(request(nodes), MFA, false, Flags)}.

%%% Saved patterns: {Number or name, Pattern as binary} in a table

patterns() ->
    {ok, Table} = request(table),
    Table.

save([]) -> 0;
save(Pattern) ->
    Table = patterns(),
    Binary = term_to_binary(Pattern),
    case ets:match(Table, {'$1', Binary}) of
        [[Name] | _] -> Name;
        [] ->
            Number = 1 + lists:max([0 | [N || {N, _} <- ets:tab2list(Table),
                                              is_integer(N)]]),
            ets:insert(Table, {Number, Binary}),
            Number
    end.

saved() ->
    [{Name, binary_to_term(Binary)}
     || {Name, Binary} <- ets:tab2list(patterns())].

ltp() ->
    Format = "~p: ~" ++ modifier() ++ "p~n",
    [io:format(Format, [Name, Pattern]) || {Name, Pattern} <- saved()],
    ok.

dtp() ->
    [dtp(N) || {N, _} <- saved(), is_integer(N)],
    ok.

dtp(N) when is_integer(N) ->
    ets:delete(patterns(), N),
    ok;
dtp(_) -> ok.

wtp(Name) ->
    case file:open(Name, [write, {encoding, utf8}]) of
        {ok, File} ->
            io:format(File, "%% ~s\n", [epp:encoding_to_string(utf8)]),
            [io:format(File, "~tp.~n", [Pattern])
             || {_, Pattern} <- saved(), is_list(Pattern)],
            file:close(File);
        Error -> Error
    end.

rtp(Name) ->
    case file:consult(Name) of
        {ok, Patterns} ->
            try lists:all(fun(P) -> check(P) =:= ok end, Patterns) of
                true -> lists:foreach(fun save/1, Patterns);
                false -> {error, {file_format_error, bad_match_spec}}
            catch
                error:_ -> {error, {file_format_error, bad_match_spec}}
            end;
        {error, Reason} -> {error, {read_error, Reason}}
    end.

%%% Tracers

tracer() -> tracer(process, {fun dhandler/2, user}).

tracer(Type, Data) -> start(starter(Type, Data)).

tracer(Node, Type, Data) when Node =:= node() ->
    case tracer(Type, Data) of
        {ok, _} -> {ok, Node};
        Error -> Error
    end;
tracer(Node, Type, Data) -> add_node(Node, {add_node, Node, {Type, Data}}).

%% A fun that starts the tracer when it is called by the server.
starter(process, {Handler, State}) ->
    fun() -> dbg_tracer:start_link(Handler, State) end;
starter(port, Fun) when is_function(Fun) -> Fun;
starter(port, Port) when is_port(Port); is_pid(Port) -> fun() -> Port end;
starter(module, Fun) when is_function(Fun) -> Fun;
starter(module, {Module, State}) -> fun() -> {Module, State} end.

get_tracer() -> get_tracer(node()).
get_tracer(Node) -> request({get_tracer, Node}).

trace_port(Type, Data) -> dbg_port:starter(Type, Data).

flush_trace_port() -> trace_port_control(flush).
flush_trace_port(Node) -> trace_port_control(Node, flush).

trace_port_control(Operation) -> trace_port_control(node(), Operation).

trace_port_control(Node, Operation) ->
    case get_tracer(Node) of
        {ok, Tracer} when is_pid(Tracer); is_port(Tracer) ->
            control(Node, Tracer, Operation);
        _ -> {error, no_trace_driver}
    end.

control(Node, Tracer, flush) ->
    case call(Node, ?MODULE, deliver_and_flush, [Tracer]) of
        ok -> ok;
        {error, _} = Error -> Error;
        _ -> {error, not_supported_by_trace_driver}
    end;
control(Node, Tracer, get_listen_port) ->
    case call(Node, dbg_port, listen_port, [Tracer]) of
        {ok, _} = Port -> Port;
        _ -> {error, no_trace_driver}
    end.

deliver_and_flush(Tracer) ->
    Ref = erlang:trace_delivered(all),
    receive {trace_delivered, all, Ref} -> ok end,
    dbg_port:flush(Tracer).

trace_client(Type, Source) ->
    trace_client(Type, Source, {fun dhandler/2, user}).

trace_client(Type, Source, {Handler, State}) when is_function(Handler) ->
    Reader = dbg_client:reader(Type, Source),
    Client = spawn(fun() -> dbg_client:run(Reader, Handler, State) end),
    case request({link, Client}) of
        ok -> Client;
        Error -> Error
    end.

stop_trace_client(Client) when is_pid(Client) ->
    Ref = monitor(process, Client),
    exit(Client, abnormal),
    receive {'DOWN', Ref, _, _, _} -> ok
    after 5000 -> {error, timeout}
    end.

dhandler(Trace, Out) -> dbg_text:handle(Trace, Out).

%%% Processes

p(Item) -> p(Item, [m]).

p(Item, Flag) when is_atom(Flag) -> p(Item, [Flag]);
p(Item, Flags) -> request({p, Item, Flags}).

i() -> request(i).

%% Traces apply(M, F, Args) in a process of its own, then stops.
c(M, F, Args) -> c(M, F, Args, all).

c(M, F, Args, Flag) when is_atom(Flag) -> c(M, F, Args, [Flag]);
c(M, F, Args, Flags) ->
    case transform_flags(Flags) of
        {error, _} = Error -> Error;
        All -> traced_call(M, F, Args, All)
    end.

traced_call(M, F, Args, Flags) ->
    tracer(),
    Self = self(),
    {ok, Tracer} = get_tracer(),
    {Pid, Ref} = spawn_monitor(fun() ->
        %% not by p/2: the answer of the server is nothing to show
        erlang:trace(self(), true, [tracer_flag(Tracer) | Flags]),
        Result = apply(M, F, Args),
        erlang:trace(self(), false, [all]),
        Self ! {self(), Result}
    end),
    receive
        {Pid, Result} ->
            demonitor(Ref, [flush]),
            timer:sleep(1), % for the tracer to get it all
            stop_clear(),
            Result;
        {'DOWN', Ref, _, _, Reason} ->
            stop_clear(),
            {error, Reason}
    end.

tracer_flag({Module, State}) -> {tracer, Module, State};
tracer_flag(Tracer) -> {tracer, Tracer}.

transform_flags(Flags) -> transform_flags(Flags, []).

transform_flags([], Flags) -> Flags;
transform_flags([all | _], _) -> all_flags() -- [silent, running];
transform_flags([Short | Rest] = All, Flags) when is_atom(Short) ->
    case lists:keyfind(Short, 1, short_flags()) of
        {_, Long} -> transform_flags(Rest, Long ++ Flags);
        false ->
            case lists:member(Short, all_flags()) of
                true -> transform_flags(Rest, [Short | Flags]);
                false -> {error, {bad_flags, All}}
            end
    end;
transform_flags(Bad, _) -> {error, {bad_flags, Bad}}.

short_flags() ->
    [{m, [send, 'receive']}, {s, [send]}, {r, ['receive']}, {c, [call]},
     {p, [procs]}, {sos, [set_on_spawn]}, {sol, [set_on_link]},
     {sofs, [set_on_first_spawn]}, {sofl, [set_on_first_link]}].

all_flags() ->
    [send, 'receive', call, procs, ports, garbage_collection, running,
     set_on_spawn, set_on_first_spawn, set_on_link, set_on_first_link,
     timestamp, monotonic_timestamp, strict_monotonic_timestamp, arity,
     return_to, silent, running_procs, running_ports, exiting].

%%% Nodes

n(Node) when Node =:= node() -> {error, cant_add_local_node};
n(Node) -> add_node(Node, {add_node, Node}).

add_node(Node, Request) ->
    try net_adm:ping(Node) of
        pong -> request(Request);
        pang -> {error, {nodedown, Node}};
        Other -> {error, Other}
    catch
        error:undef -> {error, {nodedown, Node}};
        _:_ -> {error, {bad_node, Node}}
    end.

cn(Node) -> request({remove_node, Node}).

ln() ->
    [io:format("~p~n", [Node]) || Node <- request(nodes)],
    ok.

%% As rpc:call, which is not needed on this node.
call(Node, M, F, Args) when Node =:= node() ->
    try apply(M, F, Args)
    catch
        throw:Term -> Term;
        exit:Reason -> {badrpc, {'EXIT', Reason}};
        error:Reason:Stack -> {badrpc, {'EXIT', {Reason, Stack}}}
    end;
call(Node, M, F, Args) -> rpc:call(Node, M, F, Args).

%%% The server

start() -> start(none).

start(Starter) ->
    Self = self(),
    Running = whereis(dbg),
    if
        Running =:= undefined ->
            Server = spawn(fun() -> init(Self) end),
            receive {Server, started} -> ok end,
            case Starter of
                none -> {ok, Server};
                _ -> request({tracer, Starter})
            end;
        true -> request({tracer, Starter})
    end.

stop() ->
    {ok, _} = ctp(),
    {ok, _} = ctpe('receive'),
    {ok, _} = ctpe(send),
    Ref = monitor(process, dbg),
    catch dbg ! {self(), stop},
    receive {'DOWN', Ref, _, _, _} -> ok end.

stop_clear() -> stop().

request(Request) ->
    Server = case whereis(dbg) of
                 undefined ->
                     {ok, Pid} = start(),
                     Pid;
                 Pid -> Pid
             end,
    Ref = monitor(process, Server),
    Server ! {self(), Request},
    receive
        {'DOWN', Ref, _, _, _} -> exit(dbg_server_crash);
        {dbg, Answer} ->
            demonitor(Ref, [flush]),
            Answer
    end.

%% tracers: [{Node, Relay, Tracer}]; clients and relays are linked, but their
%% end is not the server's.
init(Parent) ->
    process_flag(trap_exit, true),
    register(dbg, self()),
    Parent ! {self(), started},
    loop(#{tracers => [], clients => [], relays => [], table => none}).

loop(State) ->
    receive
        {_, stop} ->
            [call(Node, ?MODULE, deliver_and_flush, [Tracer])
             || {Node, _, Tracer} <- maps:get(tracers, State)],
            exit(done);
        {'EXIT', Pid, Reason} -> loop(ended(Pid, Reason, State));
        {From, Request} when is_pid(From) ->
            {Answer, New} = handle(Request, State),
            From ! {dbg, Answer},
            loop(New);
        Other ->
            io:format(user, "** dbg got garbage: ~" ++ modifier(user) ++ "p~n",
                      [Other]),
            loop(State)
    end.

ended(Pid, Reason, #{clients := Clients, relays := Relays,
                     tracers := Tracers} = State) ->
    case {lists:member(Pid, Clients), lists:member(Pid, Relays)} of
        {true, _} -> State#{clients := lists:delete(Pid, Clients)};
        {_, true} ->
            State#{relays := lists:delete(Pid, Relays),
                   tracers := lists:keydelete(node(Pid), 1, Tracers)};
        _ ->
            io:format(user, "** dbg got EXIT - terminating: ~"
                      ++ modifier(user) ++ "p~n", [Reason]),
            exit(done)
    end.

handle(nodes, State) -> {nodes_of(State), State};
handle(i, State) -> {dbg_text:info(nodes_of(State), fun call/4), State};
handle({p, Item, Flags}, State) -> {trace(Item, Flags, State), State};
handle({tracer, Starter}, State) -> add_tracer(Starter, State);
handle({get_tracer, Node}, #{tracers := Tracers} = State) ->
    case lists:keyfind(Node, 1, Tracers) of
        {_, _, Tracer} -> {{ok, Tracer}, State};
        false -> {{error, {no_tracer_on_node, Node}}, State}
    end;
handle(table, #{table := none} = State) ->
    handle(table, State#{table := new_table()});
handle(table, #{table := Table} = State) -> {{ok, Table}, State};
handle({link, Pid}, #{clients := Clients} = State) ->
    link(Pid),
    {ok, State#{clients := [Pid | Clients]}};
handle({add_node, Node}, #{tracers := Tracers} = State) ->
    case lists:keyfind(node(), 1, Tracers) of
        false -> {{error, no_local_tracer}, State};
        {_, _, Tracer} when is_pid(Tracer) -> add_relay(Node, Tracer, State);
        {_, _, Tracer} when is_port(Tracer) ->
            {{error, cant_trace_remote_pid_to_local_port}, State};
        _ -> {{error, cant_trace_remote_pid_to_local_module}, State}
    end;
handle({add_node, Node, {_, _} = Data}, State) ->
    add_relay(Node, Data, State);
handle({remove_node, Node}, #{tracers := Tracers} = State) ->
    {ok, State#{tracers := lists:keydelete(Node, 1, Tracers)}}.

nodes_of(#{tracers := Tracers}) -> [Node || {Node, _, _} <- Tracers].

add_tracer(none, State) -> {{error, already_started}, State};
add_tracer(Starter, #{tracers := Tracers} = State) ->
    case lists:keymember(node(), 1, Tracers) of
        true -> {{error, already_started}, State};
        false ->
            case catch Starter() of
                {'EXIT', Reason} -> {{error, Reason}, State};
                Tracer ->
                    New = [{node(), self(), Tracer} | Tracers],
                    {{ok, self()}, State#{tracers := New}}
            end
    end.

new_table() ->
    Table = ets:new(dbg_tab, [ordered_set, public]),
    [ets:insert(Table, {Name, term_to_binary(Pattern)})
     || {Name, Pattern} <- [
            {x, [{'_', [], [{exception_trace}]}]},
            {exception_trace, x},
            {c, [{'_', [], [{message, {caller}}]}]},
            {caller_trace, c},
            {cx, [{'_', [], [{exception_trace}, {message, {caller}}]}]},
            {caller_exception_trace, cx}]],
    Table.

%%% Flags of processes

trace(Item, [clear], State) -> trace(Item, false, all_flags(), State);
trace(Item, Flags, State) ->
    case transform_flags(Flags) of
        {error, _} = Error -> Error;
        All -> trace(Item, true, All, State)
    end.

%% Names go to all nodes, what leads to one process to its own.
trace(_, _, _, #{tracers := []}) -> {error, no_tracers};
trace(Name, On, Flags, #{tracers := Tracers}) when is_atom(Name) ->
    {ok, [trace_on(Tracer, Name, On, Flags) || Tracer <- Tracers]};
trace(Item, On, Flags, #{tracers := Tracers}) ->
    case to_pid(Item) of
        {badpid, _} = Bad -> {error, Bad};
        Pid ->
            case lists:keyfind(node(Pid), 1, Tracers) of
                false -> {error, {no_tracer_on_node, node(Pid)}};
                Tracer -> {ok, [trace_on(Tracer, Pid, On, Flags)]}
            end
    end.

trace_on({Node, _, Tracer}, Item, On, Flags) ->
    case call(Node, ?MODULE, erlang_trace,
              [Item, On, [tracer_flag(Tracer) | Flags]]) of
        N when is_integer(N) -> {matched, Node, N};
        {badrpc, Reason} -> {matched, Node, 0, Reason};
        Other -> {matched, Node, 0, Other}
    end.

erlang_trace(Item, On, Flags) ->
    case to_spec(Item) of
        {badpid, _} -> {no_proc, Item};
        Spec -> erlang:trace(Spec, On, Flags)
    end.

to_spec(Pid) when is_pid(Pid) ->
    case is_process_alive(Pid) of
        true -> Pid;
        false -> {badpid, Pid}
    end;
to_spec(Port) when is_port(Port) -> Port;
to_spec(Name) when is_atom(Name) ->
    Kinds = [all, ports, processes, new, new_ports, new_processes, existing,
             existing_ports, existing_processes],
    case lists:member(Name, Kinds) orelse whereis(Name) of
        true -> Name;
        undefined -> {badpid, Name};
        Pid -> Pid
    end;
to_spec(Other) -> {badpid, Other}.

to_pid(Pid) when is_pid(Pid); is_port(Pid) -> Pid;
to_pid(N) when is_integer(N) -> to_pid({0, N, 0});
to_pid({X, Y, Z}) ->
    to_pid(lists:concat(["<", X, ".", Y, ".", Z, ">"]));
to_pid(Text) when is_list(Text) ->
    try list_to_pid(Text)
    catch error:badarg -> {badpid, Text}
    end;
to_pid(Other) -> {badpid, Other}.

%% [{Pid, Initial call, Flags}] of what is traced here.
get_info() ->
    [{Pid, Call, Flags}
     || Pid <- lists:reverse(processes()),
        {initial_call, Call} <- [process_info(Pid, initial_call)],
        {flags, [_ | _] = Flags} <- [erlang:trace_info(Pid, flags)]].

%%% Other nodes: a process there takes the messages and sends them here

add_relay(Node, To, #{tracers := Tracers, relays := Relays} = State) ->
    case lists:keyfind(Node, 1, Tracers) of
        {_, _, Tracer} -> {{error, {already_started, Tracer}}, State};
        false ->
            Pid = spawn_link(Node, ?MODULE, relay, [self(), To]),
            receive
                {started, Tracer} ->
                    New = [{Node, Pid, Tracer} | Tracers],
                    {{ok, Node}, State#{tracers := New,
                                        relays := [Pid | Relays]}};
                {'EXIT', Pid, Reason} -> {{error, Reason}, State}
            end
    end.

relay(Parent, To) ->
    process_flag(trap_exit, true),
    Parent ! {started, case To of
                           {Type, Data} -> (starter(Type, Data))();
                           _ -> self()
                       end},
    relay(To).

relay(To) ->
    receive
        {'EXIT', _, _} -> exit(normal);
        Trace when is_pid(To) ->
            To ! Trace,
            relay(To);
        Other ->
            io:format(user, "** relay got garbage: ~" ++ modifier(user)
                      ++ "p~n", [Other]),
            relay(To)
    end.

%%% Help

h() -> dbg_text:help().
h(Item) -> dbg_text:help(Item).

modifier() -> modifier(group_leader()).
modifier(Device) -> dbg_text:modifier(Device).
