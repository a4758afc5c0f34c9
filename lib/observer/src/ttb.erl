%% SPDX-License-Identifier: Apache-2.0
%% ttb: traces on several nodes at once, by dbg. Each node writes a log, with
%% information of its processes beside it (see ttb_node); at the end the logs
%% are fetched, and formatted in the order of their times (see ttb_format).
-module(ttb).

-export([tracer/0, tracer/1, tracer/2, start_trace/4, p/2, stop/0, stop/1]).
-export([tp/2, tp/3, tp/4, tpl/2, tpl/3, tpl/4, tpe/2, ctp/0, ctp/1, ctp/2,
         ctp/3, ctpl/0, ctpl/1, ctpl/2, ctpl/3, ctpg/0, ctpg/1, ctpg/2,
         ctpg/3, ctpe/1, seq_trigger_ms/0, seq_trigger_ms/1]).
-export([list_history/0, run_history/1, write_config/2, write_config/3,
         run_config/1, run_config/2, list_config/1, write_trace_info/2,
         format/1, format/2, dump_ti/1]).

-define(LAST_CONFIG, "ttb_last_config").
-define(WRAP_SIZE, 128 * 1024).
-define(WRAP_COUNT, 8).

%%% Starting

tracer() -> tracer(node()).

tracer(shell) -> tracer(node(), [{file, {local, "ttb"}}, shell]);
tracer(dbg) -> tracer(node(), [{shell, only}]);
tracer(Nodes) -> tracer(Nodes, []).

-spec tracer(node() | [node()] | all | existing | new, term()) ->
          {ok, [node()]} | {error, term()}.
tracer(Nodes, Options) ->
    Wish = wish(Options),
    ttb_session:ensure(),
    [ttb_session:set(Key, maps:get(Key, Wish))
     || Key <- [timer, upload], is_map_key(Key, Wish)],
    Started = [N || N <- wanted(Nodes), is_usable(N), start_node(N, Wish)],
    begin_flushes(Wish),
    ttb_session:note({tracer, [Nodes, Options]}),
    {ok, Started}.

wanted(Nodes) when Nodes =:= all; Nodes =:= existing -> [node() | nodes()];
wanted(new) -> [];
wanted(Node) when is_atom(Node) -> [Node];
wanted(Nodes) -> lists:usort(Nodes).

%% Options as a map.
wish(Options) ->
    Default = #{shell => false, processes => true, queue => 50,
                overload => none},
    Wish = lists:foldl(fun wish/2, Default, list(Options)),
    #{shell := Shell} = Wish,
    Dest = case Wish of
               #{file := Dest0} -> Dest0;
               _ when Shell =/= false -> {local, "ttb"};
               _ -> "ttb"
           end,
    check(Dest, Wish),
    Wish#{file => Dest, upload => upload_name(Dest)}.

wish({file, Dest}, W) -> W#{file => Dest};
wish({handler, Handler}, W) -> W#{handler => Handler};
wish({process_info, Is}, W) -> W#{processes => Is};
wish(shell, W) -> W#{shell => true};
wish({shell, What}, W) -> W#{shell => What};
wish({timer, {Time, Options}}, W) -> W#{timer => {Time, Options}};
wish({timer, Time}, W) -> W#{timer => {Time, []}};
wish({overload_check, {_, _, _} = Check}, W) -> W#{overload => Check};
wish({flush, Time}, W) -> W#{flush => Time};
wish({queue_size, Size}, W) -> W#{queue => Size};
wish(resume, _) -> exit({unknown_option, resume});
wish(Other, _) -> exit({unknown_option, Other}).

check({local, _}, #{flush := _}) -> exit(flush_unsupported_with_ip_trace_port);
check({local, _}, _) -> ok;
check(_, #{shell := false}) -> ok;
check(_, _) -> exit(local_client_required_on_shell_tracing).

upload_name({local, Dest}) -> upload_name(Dest);
upload_name(Dest) -> filename:basename(element(1, dest(Dest))).

%% The name of a log and how it wraps.
dest({wrap, Name}) -> {Name, {?WRAP_SIZE, ?WRAP_COUNT}};
dest({wrap, Name, Size, Count}) -> {Name, {Size, Count}};
dest(Name) -> {Name, none}.

list(Options) when is_list(Options) -> Options;
list(Option) -> [Option].

is_usable(Node) ->
    case lists:keymember(Node, 1, ttb_session:nodes()) of
        true -> warn(Node, already_started);
        false ->
            Node =:= node() orelse net_adm:ping(Node) =:= pong
                orelse warn(Node, no_connection)
    end.

warn(Item, Warning) ->
    io:format("Warning: {~tw,~tw}~n", [Warning, Item]),
    false.

start_node(Node, #{file := Dest} = Wish) ->
    Log = log(Node, Dest, maps:get(shell, Wish)),
    case dbg:tracer(Node, port, port(Log, Wish)) of
        {ok, Node} ->
            ttb_session:open(Node, Log),
            {ok, Agent} = start_agent(Node, Log, Wish),
            [ttb_node:write(Agent, K, V)
             || {K, V} <- [{node, Node}, {client, {Dest, maps:get(wrap, Log)}}]
                    ++ [{handler, H} || {ok, H} <- [maps:find(handler, Wish)]]],
            Client = start_client(Node, Log, Wish),
            {ok, Tracer} = dbg:get_tracer(Node),
            erpc:call(Node, seq_trace, set_system_tracer, [Tracer]),
            ttb_session:add(Node, Log#{agent => Agent, client => Client,
                                       tracer => Tracer}),
            true;
        {error, Reason} -> warn(Node, {cannot_start_tracer, Reason})
    end.

%% Where the log of [Node] lies: NODE-NAME in the folder that is named, on the
%% node that writes it. None of a trace that is only shown.
log(Node, {local, Dest}, only) -> (paths(node(), Node, Dest))#{kind => shown};
log(Node, {local, Dest}, _) -> (paths(node(), Node, Dest))#{kind => local};
log(Node, Dest, _) -> (paths(Node, Node, Dest))#{kind => file}.

paths(Host, Node, Dest) ->
    {Name, Wrap} = dest(Dest),
    Own = filename:join(filename:dirname(Name),
                        atom_to_list(Node) ++ "-" ++ filename:basename(Name)),
    Base = erpc:call(Host, filename, absname, [Own]),
    #{host => Host, base => Base, wrap => Wrap,
      information => Base ++ ".ti"}.

port(#{kind := file} = Log, _) -> file_port(Log);
port(_, #{queue := Size}) -> dbg:trace_port(ip, {0, Size}).

file_port(#{base := Base, wrap := none}) -> dbg:trace_port(file, Base);
file_port(#{base := Base, wrap := {Size, Count}}) ->
    dbg:trace_port(file, {Base ++ ".", wrap, ".wrp", Size, Count}).

start_agent(Node, #{kind := Kind, information := Name},
            #{processes := Processes, overload := Overload}) ->
    Sink = case Kind of
               file -> {file, Name};
               _ -> {process, ttb_session:pid()}
           end,
    erpc:call(Node, ttb_node, start,
              [Sink, Processes, ttb_session:pid(), Overload]).

%% Messages of a node that has no log come here through a socket.
start_client(_, #{kind := file}, _) -> none;
start_client(Node, Log, #{shell := Shell}) ->
    {ok, Port} = dbg:trace_port_control(Node, get_listen_port),
    Host = case string:split(atom_to_list(Node), "@") of
               [_, Name] when Node =/= node() -> Name;
               _ -> "localhost"
           end,
    Open = case Log of
               #{kind := shown} -> none;
               _ -> file_port(Log)
           end,
    dbg:trace_client(ip, {Host, Port},
                     {fun relay/2, {Open, Shell =/= false, group_leader()}}).

%% A client's handler: writes and shows.
relay(Trace, {Open, IsShown, Out}) when is_function(Open) ->
    relay(Trace, {Open(), IsShown, Out});
relay(end_of_trace, {Writer, _, _} = State) when is_pid(Writer) ->
    Ref = monitor(process, Writer),
    unlink(Writer),
    exit(Writer, shutdown),
    receive {'DOWN', Ref, _, _, _} -> State end;
relay(end_of_trace, State) -> State;
relay(Trace, {Writer, IsShown, Out} = State) ->
    is_pid(Writer) andalso (Writer ! Trace),
    IsShown andalso dbg:dhandler(Trace, Out),
    State.

begin_flushes(#{flush := Time}) ->
    {ok, _} = timer:send_interval(Time, ttb_session:pid(), flush),
    ok;
begin_flushes(_) -> ok.

%% All in one: patterns are the arguments of tpl.
start_trace(Nodes, Patterns, {Procs, Flags}, Options) ->
    {ok, _} = tracer(Nodes, Options),
    [{ok, _} = apply(?MODULE, tpl, tuple_to_list(Args)) || Args <- Patterns],
    p(Procs, Flags).

%%% What is traced

-spec p(term(), atom() | [atom()]) -> {ok, [{term(), term()}]}.
p(Items, Flags) ->
    ttb_session:note({p, [Items, Flags]}),
    Wanted = stamped(list(Flags)),
    Done = [{Item, Result} || Item <- list(Items),
                              {ok, Result} <- [trace(Item, Wanted)]],
    all_agents(flags, {Items, Flags}),
    ttb_session:begin_timer(),
    {ok, Done}.

%% Logs are put in order by their times.
stamped(Flags) ->
    Stamps = [clear, timestamp, cpu_timestamp, monotonic_timestamp,
              strict_monotonic_timestamp],
    case [F || F <- Flags, lists:member(F, Stamps)] of
        [] -> [timestamp | Flags];
        _ -> Flags
    end.

trace({global, Name} = Item, Flags) ->
    case global:whereis_name(Name) of
        undefined -> warn(Item, no_proc), error;
        Pid -> trace(Pid, Flags)
    end;
trace(Name, Flags) when is_atom(Name) ->
    case is_group(Name) of
        true -> dbg_p(Name, Flags);
        false -> trace_named(Name, Flags)
    end;
trace(Item, Flags) -> dbg_p(Item, Flags).

is_group(Name) ->
    lists:member(Name, [all, processes, ports, new, new_processes, new_ports,
                        existing, existing_processes, existing_ports]).

%% On each node there may be one of this name.
trace_named(Name, Flags) ->
    Found = [Pid || {Node, _} <- ttb_session:nodes(),
                    Pid <- [erpc:call(Node, erlang, whereis, [Name])],
                    Pid =/= undefined],
    case [R || Pid <- Found, {ok, R} <- [dbg_p(Pid, Flags)]] of
        [] -> warn(Name, no_proc), error;
        Results -> {ok, lists:append(Results)}
    end.

dbg_p(Item, Flags) ->
    case dbg:p(Item, Flags) of
        {ok, Result} -> {ok, Result};
        {error, Reason} -> warn(Item, Reason), error
    end.

tp(A, B) -> pattern(tp, [A, B]).
tp(A, B, C) -> pattern(tp, [A, B, C]).
tp(A, B, C, D) -> pattern(tp, [A, B, C, D]).
tpl(A, B) -> pattern(tpl, [A, B]).
tpl(A, B, C) -> pattern(tpl, [A, B, C]).
tpl(A, B, C, D) -> pattern(tpl, [A, B, C, D]).
tpe(A, B) -> pattern(tpe, [A, B]).
ctp() -> noted(ctp, []).
ctp(A) -> noted(ctp, [A]).
ctp(A, B) -> noted(ctp, [A, B]).
ctp(A, B, C) -> noted(ctp, [A, B, C]).
ctpl() -> noted(ctpl, []).
ctpl(A) -> noted(ctpl, [A]).
ctpl(A, B) -> noted(ctpl, [A, B]).
ctpl(A, B, C) -> noted(ctpl, [A, B, C]).
ctpg() -> noted(ctpg, []).
ctpg(A) -> noted(ctpg, [A]).
ctpg(A, B) -> noted(ctpg, [A, B]).
ctpg(A, B, C) -> noted(ctpg, [A, B, C]).
ctpe(A) -> noted(ctpe, [A]).

noted(F, Args) ->
    ttb_session:note({F, Args}),
    apply(dbg, F, Args).

pattern(F, Args) ->
    ttb_session:note({F, Args}),
    {First, [Spec]} = lists:split(length(Args) - 1, Args),
    case spec(Spec) of
        {error, _} = Error -> Error;
        Spec1 -> apply(dbg, F, First ++ [Spec1])
    end.

%% Short names of match specifications.
spec(return) -> [{'_', [], [{return_trace}]}];
spec(caller) -> [{'_', [], [{message, {caller}}]}];
spec({codestr, Text}) ->
    {ok, Tokens, _} = erl_scan:string(lists:flatten(Text) ++ "."),
    {ok, [Fun]} = erl_parse:parse_exprs(Tokens),
    {'fun', _, {clauses, Clauses}} = Fun,
    case ms_transform:transform_from_shell(dbg, Clauses, []) of
        {error, _, _} -> {error, transform_error};
        Spec -> Spec
    end;
spec(Spec) -> Spec.

seq_trigger_ms() -> seq_trigger_ms(all).

seq_trigger_ms(all) -> seq_trigger_ms([send, 'receive', print, timestamp]);
seq_trigger_ms(Flags) ->
    [{'_', [], [{set_seq_token, Flag, true} || Flag <- list(Flags)]}].

%% Keeps what the user wants to know beside the logs of all nodes.
-spec write_trace_info(term(), term()) -> ok.
write_trace_info(Key, Info) -> all_agents(Key, Info).

all_agents(Key, Info) ->
    [ttb_node:write(Agent, Key, Info)
     || {_, #{agent := Agent}} <- ttb_session:nodes()],
    ok.

%%% History and configurations

list_history() -> ttb_session:history().

run_history(Numbers) -> run_calls(list(Numbers), list_history()).

run_calls(Numbers, Calls) ->
    Found = [{N, lists:keyfind(N, 1, Calls)} || N <- Numbers],
    case [N || {N, false} <- Found] of
        [] ->
            [run(Call) || {_, {_, Call}} <- Found],
            ok;
        Missing -> {error, {no_such_entries, Missing}}
    end.

run({M, F, Args}) ->
    Shown = lists:join(",", [io_lib:format("~tp", [A]) || A <- Args]),
    io:format("~w:~tw(~ts) ->~n", [M, F, Shown]),
    io:format("~tp~n~n", [apply(M, F, Args)]).

write_config(File, Config) -> write_config(File, Config, []).

-spec write_config(file:filename(), all | [pos_integer()]
                   | [{module(), atom(), [term()]}], term()) ->
          ok | {error, term()}.
write_config(File, Config, Options) ->
    case chosen(Config) of
        {error, _} = Error -> Error;
        Calls ->
            Mode = [append || lists:member(append, list(Options))],
            file:write_file(File, [ttb_node:pack(C) || C <- Calls], Mode)
    end.

chosen(all) -> [Call || {_, Call} <- list_history()];
chosen([{_, _, _} | _] = Calls) -> Calls;
chosen(Numbers) ->
    History = list_history(),
    Found = [lists:keyfind(N, 1, History) || N <- list(Numbers)],
    case lists:member(false, Found) of
        true -> {error, {no_such_entries, Numbers}};
        false -> [Call || {_, Call} <- Found]
    end.

-spec list_config(file:filename()) ->
          [{pos_integer(), {module(), atom(), [term()]}}] | {error, term()}.
list_config(File) ->
    case ttb_format:terms(File) of
        {ok, Calls} -> lists:enumerate(Calls);
        Error -> Error
    end.

run_config(File) ->
    case list_config(File) of
        {error, _} = Error -> Error;
        Calls -> run_calls([N || {N, _} <- Calls], Calls)
    end.

run_config(File, Numbers) ->
    case list_config(File) of
        {error, _} = Error -> Error;
        Calls -> run_calls(list(Numbers), Calls)
    end.

%%% Stopping

stop() -> stop([]).

-spec stop(term()) -> stopped | {stopped, file:filename()}.
stop(Options0) ->
    Options = list(Options0),
    Logs = ttb_session:nodes(),
    Dir = fetch_dir(Options),
    end_traces(Logs),
    ttb_session:pid() =:= undefined orelse write_config(?LAST_CONFIG, all),
    ttb_session:stop(),
    Kept = [Log || {_, Log} <- Logs, files(Log) =/= []],
    Fetched = Kept =/= [] andalso Dir =/= none andalso fetch(Kept, Dir),
    Fetched andalso format_fetched(Options, Dir),
    case Fetched andalso lists:member(return_fetch_dir, Options) of
        true -> {stopped, Dir};
        false -> stopped
    end.

%% None when nothing is to be fetched. A folder that the user names must be new.
fetch_dir(Options) ->
    Named = [D || {fetch_dir, D} <- Options],
    case {Named, lists:member(nofetch, Options)} of
        {[Dir | _], _} ->
            filelib:is_file(Dir) andalso throw({error, exists, Dir}),
            filename:absname(Dir);
        {[], true} -> none;
        {[], false} ->
            {{Y, Mo, D}, {H, Mi, S}} = calendar:local_time(),
            Name = io_lib:format("ttb_upload_~ts-~4..0w~2..0w~2..0w-"
                                 "~2..0w~2..0w~2..0w",
                                 [ttb_session:get(upload, "ttb"),
                                  Y, Mo, D, H, Mi, S]),
            filename:absname(lists:flatten(Name))
    end.

end_traces(Logs) ->
    %% what is on its way has come when this is done
    [dbg:flush_trace_port(Node) || {Node, _} <- Logs],
    Refs = [monitor(process, Pid)
            || {_, #{tracer := Tracer, client := Client}} <- Logs,
               Pid <- [Tracer, Client], is_pid(Pid)],
    [try
         erpc:call(Node, ttb_node, stop, [Agent]),
         erpc:call(Node, seq_trace, set_system_tracer, [false])
     catch error:{erpc, _} -> ok
     end || {Node, #{agent := Agent}} <- Logs],
    Logs =:= [] orelse dbg:stop_clear(),
    [receive {'DOWN', Ref, _, _, _} -> ok after 5000 -> ok end || Ref <- Refs].

%% The files of a log.
files(#{kind := shown}) -> [];
files(#{host := Host, base := Base, wrap := Wrap, information := Information}) ->
    Pattern = case Wrap of
                  none -> Base;
                  _ -> Base ++ ".*.wrp"
              end,
    try [F || P <- [Pattern, Information],
              F <- erpc:call(Host, filelib, wildcard, [P])]
    catch
        error:{erpc, _} -> []
    end.

fetch(Logs, Dir) ->
    ok = filelib:ensure_dir(filename:join(Dir, "x")),
    [move(Host, File, filename:join(Dir, filename:basename(File)))
     || #{host := Host} = Log <- Logs, File <- files(Log)],
    io:format("Stored logs in ~ts~n", [Dir]),
    true.

move(Host, File, To) when Host =:= node() ->
    case file:rename(File, To) of
        ok -> ok;
        {error, _} ->
            {ok, _} = file:copy(File, To),
            file:delete(File)
    end;
move(Host, File, To) ->
    {ok, Out} = file:open(To, [write, raw, binary]),
    copy(Host, File, 0, Out),
    file:close(Out),
    erpc:call(Host, file, delete, [File]).

copy(Host, File, At, Out) ->
    case erpc:call(Host, ttb_node, read, [File, At, 1024 * 1024]) of
        {ok, Bytes} ->
            ok = file:write(Out, Bytes),
            copy(Host, File, At + byte_size(Bytes), Out);
        _ -> ok
    end.

format_fetched(Options, Dir) ->
    case [case O of {format, How} -> How; format -> [] end
          || O <- Options, O =:= format orelse element(1, O) =:= format] of
        [How | _] -> format(Dir, How);
        [] -> ok
    end.

%%% Formatting

format(Files) -> format(Files, []).
format(Files, Options) -> ttb_format:format(Files, list(Options)).

%% The trace information in a file, for who wants to see it.
dump_ti(File) ->
    case ttb_format:terms(File) of
        {ok, Terms} -> Terms;
        Error -> Error
    end.
