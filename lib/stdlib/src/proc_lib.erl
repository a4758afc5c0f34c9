%% SPDX-License-Identifier: Apache-2.0
%% Processes that know their ancestors, start in step with their starter, and
%% report when they crash.
-module(proc_lib).

-export([spawn/1, spawn_link/1, spawn_monitor/1, spawn_opt/2,
         spawn/2, spawn_link/2, spawn_opt/3,
         spawn/3, spawn_link/3, spawn_monitor/3, spawn_opt/4,
         spawn/4, spawn_link/4, spawn_opt/5,
         start/3, start/4, start/5, start_link/3, start_link/4, start_link/5,
         start_monitor/3, start_monitor/4, start_monitor/5,
         hibernate/3, init_ack/1, init_ack/2, init_fail/2, init_fail/3,
         init_p/3, init_p/5, wake_up/3,
         format/1, format/2, format/3, report_cb/2,
         initial_call/1, translate_initial_call/1,
         stop/1, stop/3, set_label/1, get_label/1]).

-export_type([exception/0]).

-type exception() :: {error | exit | throw, term()}
                   | {error | exit | throw, term(), erlang:raise_stacktrace()}.

%% ---- spawning ----

spawn(F) when is_function(F) ->
    erlang:spawn(?MODULE, init_p, [my_name(), my_ancestors(), F]).

spawn(M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn(?MODULE, init_p, [my_name(), my_ancestors(), M, F, A]).

spawn_link(F) when is_function(F) ->
    erlang:spawn_link(?MODULE, init_p, [my_name(), my_ancestors(), F]).

spawn_link(M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn_link(?MODULE, init_p, [my_name(), my_ancestors(), M, F, A]).

spawn_monitor(F) when is_function(F) ->
    erlang:spawn_monitor(?MODULE, init_p, [my_name(), my_ancestors(), F]).

spawn_monitor(M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn_monitor(?MODULE, init_p,
                         [my_name(), my_ancestors(), M, F, A]).

spawn(Node, F) when is_function(F) ->
    erlang:spawn(Node, ?MODULE, init_p, [my_name(), my_ancestors(), F]).

spawn(Node, M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn(Node, ?MODULE, init_p, [my_name(), my_ancestors(), M, F, A]).

spawn_link(Node, F) when is_function(F) ->
    erlang:spawn_link(Node, ?MODULE, init_p, [my_name(), my_ancestors(), F]).

spawn_link(Node, M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn_link(Node, ?MODULE, init_p,
                      [my_name(), my_ancestors(), M, F, A]).

spawn_opt(F, Options) when is_function(F) ->
    erlang:spawn_opt(?MODULE, init_p, [my_name(), my_ancestors(), F], Options).

spawn_opt(Node, F, Options) when is_function(F) ->
    erlang:spawn_opt(Node, ?MODULE, init_p, [my_name(), my_ancestors(), F],
                     Options).

spawn_opt(M, F, A, Options) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn_opt(?MODULE, init_p,
                     [my_name(), my_ancestors(), M, F, A], Options).

spawn_opt(Node, M, F, A, Options) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn_opt(Node, ?MODULE, init_p,
                     [my_name(), my_ancestors(), M, F, A], Options).

my_name() ->
    case process_info(self(), registered_name) of
        {registered_name, Name} -> Name;
        [] -> self()
    end.

my_ancestors() ->
    case get('$ancestors') of
        Ancestors when is_list(Ancestors) -> Ancestors;
        _ -> []
    end.

%% Where every such process begins.
init_p(Parent, Ancestors, Fun) when is_function(Fun) ->
    put('$ancestors', [Parent | Ancestors]),
    {module, M} = erlang:fun_info(Fun, module),
    {name, F} = erlang:fun_info(Fun, name),
    {arity, A} = erlang:fun_info(Fun, arity),
    put('$initial_call', {M, F, A}),
    try Fun()
    catch Class:Reason:Trace -> exit_p(Class, Reason, Trace)
    end.

init_p(Parent, Ancestors, M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    put('$ancestors', [Parent | Ancestors]),
    put('$initial_call', trans_init(M, F, A)),
    init_p_do_apply(M, F, A).

init_p_do_apply(M, F, A) ->
    try apply(M, F, A)
    catch Class:Reason:Trace -> exit_p(Class, Reason, Trace)
    end.

wake_up(M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    try apply(M, F, A)
    catch Class:Reason:Trace -> exit_p(Class, Reason, Trace)
    end.

hibernate(M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:hibernate(?MODULE, wake_up, [M, F, A]).

exit_p(Class, Reason, Trace) ->
    Start = case get('$initial_call') of
                {M, F, A} when is_atom(M), is_atom(F), is_integer(A) ->
                    {M, F, dummy_arguments(A)};
                _ -> []
            end,
    crash_report(Class, Reason, Start, Trace),
    erlang:raise(exit, exit_reason(Class, Reason, Trace), Trace).

exit_reason(exit, Reason, _) -> Reason;
exit_reason(error, Reason, Trace) -> {Reason, Trace};
exit_reason(throw, Value, Trace) -> {{nocatch, Value}, Trace}.

dummy_arguments(Arity) ->
    [list_to_atom("Argument__" ++ integer_to_list(N))
     || N <- lists:seq(1, Arity)].

%% The function that says most about the process, which for a behaviour is the
%% callback module's init.
trans_init(gen, init_it, [gen_server, _, _, supervisor, {_, M, _}, _]) ->
    {supervisor, M, 1};
trans_init(gen, init_it, [gen_server, _, _, _, supervisor, {_, M, _}, _]) ->
    {supervisor, M, 1};
trans_init(gen, init_it, [gen_server, _, _, supervisor_bridge, [M | _], _]) ->
    {supervisor_bridge, M, 1};
trans_init(gen, init_it,
           [gen_server, _, _, _, supervisor_bridge, [M | _], _]) ->
    {supervisor_bridge, M, 1};
trans_init(gen, init_it, [gen_event | _]) -> {gen_event, init_it, 6};
trans_init(gen, init_it, [_, _, _, M, _, _]) when is_atom(M) -> {M, init, 1};
trans_init(gen, init_it, [_, _, _, _, M | _]) when is_atom(M) -> {M, init, 1};
trans_init(M, F, A) when is_atom(M), is_atom(F) -> {M, F, length(A)}.

initial_call(Process) ->
    case raw_initial_call(Process) of
        {M, F, A} -> {M, F, dummy_arguments(A)};
        false -> false
    end.

translate_initial_call(Process) ->
    case raw_initial_call(Process) of
        {_, _, _} = MFA -> MFA;
        false -> {?MODULE, init_p, 5}
    end.

raw_initial_call({X, Y, Z}) when is_integer(X), is_integer(Y), is_integer(Z) ->
    raw_initial_call(c:pid(X, Y, Z));
raw_initial_call(Pid) when is_pid(Pid) ->
    initial_call_in(info(Pid, dictionary));
raw_initial_call(Info) when is_list(Info) ->
    initial_call_in(lists:keyfind(dictionary, 1, Info)).

initial_call_in({dictionary, Dict}) ->
    case lists:keyfind('$initial_call', 1, Dict) of
        {_, {_, _, _} = MFA} -> MFA;
        _ -> false
    end;
initial_call_in(_) -> false.

%% ---- starting in step ----

start(M, F, A) -> start(M, F, A, infinity).

start(M, F, A, Timeout) when is_atom(M), is_atom(F), is_list(A) ->
    sync_start(?MODULE:spawn_monitor(M, F, A), Timeout).

start(M, F, A, Timeout, Options) when is_atom(M), is_atom(F), is_list(A) ->
    refuse_monitor(Options),
    sync_start(?MODULE:spawn_opt(M, F, A, [monitor | Options]), Timeout).

start_link(M, F, A) -> start_link(M, F, A, infinity).

start_link(M, F, A, Timeout) when is_atom(M), is_atom(F), is_list(A) ->
    sync_start_link(?MODULE:spawn_link(M, F, A), Timeout).

start_link(M, F, A, Timeout, Options) when is_atom(M), is_atom(F), is_list(A) ->
    refuse_monitor(Options),
    sync_start_link(?MODULE:spawn_opt(M, F, A, [link | Options]), Timeout).

start_monitor(M, F, A) -> start_monitor(M, F, A, infinity).

start_monitor(M, F, A, Timeout) when is_atom(M), is_atom(F), is_list(A) ->
    sync_start_monitor(?MODULE:spawn_monitor(M, F, A), Timeout).

start_monitor(M, F, A, Timeout, Options)
  when is_atom(M), is_atom(F), is_list(A) ->
    refuse_monitor(Options),
    sync_start_monitor(?MODULE:spawn_opt(M, F, A, [monitor | Options]),
                       Timeout).

refuse_monitor(Options) ->
    case [O || O <- Options,
               O =:= monitor orelse
                   is_tuple(O) andalso element(1, O) =:= monitor] of
        [] -> ok;
        _ -> error(badarg)
    end.

sync_start({Pid, Ref}, Timeout) ->
    receive
        {ack, Pid, Return} ->
            demonitor(Ref, [flush]),
            Return;
        {nack, Pid, Return} ->
            _ = down(Ref),
            Return;
        {'DOWN', Ref, process, Pid, Reason} ->
            {error, Reason}
    after Timeout ->
        demonitor(Ref, [flush]),
        kill_flush(Pid),
        {error, timeout}
    end.

sync_start_link(Pid, Timeout) ->
    receive
        {ack, Pid, Return} -> Return;
        {nack, Pid, Return} ->
            unlink_flush(Pid),
            _ = down(monitor(process, Pid)),
            Return;
        {'EXIT', Pid, Reason} -> {error, Reason}
    after Timeout ->
        kill_flush(Pid),
        {error, timeout}
    end.

sync_start_monitor({Pid, Ref}, Timeout) ->
    receive
        {ack, Pid, Return} -> {Return, Ref};
        {nack, Pid, Return} ->
            self() ! down(Ref),
            {Return, Ref};
        {'DOWN', Ref, process, Pid, Reason} = Down ->
            self() ! Down,
            {{error, Reason}, Ref}
    after Timeout ->
        kill_flush(Pid),
        {{error, timeout}, Ref}
    end.

kill_flush(Pid) ->
    unlink_flush(Pid),
    exit(Pid, kill).

unlink_flush(Pid) ->
    unlink(Pid),
    receive {'EXIT', Pid, _} -> ok after 0 -> ok end.

down(Ref) ->
    receive {'DOWN', Ref, _, _, _} = Down -> Down end.

init_ack(Return) ->
    [Parent | _] = get('$ancestors'),
    init_ack(Parent, Return).

init_ack(Parent, Return) ->
    Parent ! {ack, self(), Return},
    ok.

%% The starter gets Return when this process, which fails, is gone.
-spec init_fail(term(), exception()) -> no_return().
init_fail(Return, Exception) ->
    [Parent | _] = get('$ancestors'),
    init_fail(Parent, Return, Exception).

-spec init_fail(pid(), term(), exception()) -> no_return().
init_fail(Parent, Return, Exception) ->
    Parent ! {nack, self(), Return},
    case Exception of
        {error, Reason} -> erlang:error(Reason);
        {exit, Reason} -> exit(Reason);
        {throw, Value} -> throw(Value);
        {Class, Reason, Trace} -> erlang:raise(Class, Reason, Trace)
    end.

stop(Process) -> stop(Process, normal, infinity).

stop(Process, Reason, Timeout) ->
    Ref = monitor(process, Process),
    Until = case Timeout of
                infinity -> infinity;
                _ -> erlang:monotonic_time(millisecond) + Timeout
            end,
    try sys:terminate(Process, Reason, Timeout)
    catch
        exit:{noproc, {sys, terminate, _}} -> stop_failed(Ref, noproc);
        exit:{timeout, {sys, terminate, _}} -> stop_failed(Ref, timeout);
        exit:Other -> stop_failed(Ref, Other)
    end,
    receive
        {'DOWN', Ref, _, _, Reason} -> ok;
        {'DOWN', Ref, _, _, Other2} -> exit(Other2)
    after left(Until) ->
        stop_failed(Ref, timeout)
    end.

stop_failed(Ref, Reason) ->
    demonitor(Ref, [flush]),
    exit(Reason).

left(infinity) -> infinity;
left(Until) -> max(0, Until - erlang:monotonic_time(millisecond)).

%% ---- labels: any term, to tell processes apart that have no names ----

-spec set_label(term()) -> ok.
set_label(Label) ->
    put('$process_label', Label),
    ok.

-spec get_label(pid()) -> undefined | term().
get_label(Pid) when Pid =:= self() -> get('$process_label');
get_label(Pid) ->
    case from_dictionary(Pid, '$process_label') of
        {_, Label} -> Label;
        false -> undefined
    end.

%% ---- crash reports ----

crash_report(exit, normal, _, _) -> ok;
crash_report(exit, shutdown, _, _) -> ok;
crash_report(exit, {shutdown, _}, _, _) -> ok;
%% The end of the application controller is the node's, which init tells; by then
%% nobody is there to handle a report.
crash_report(_, _, {application_controller, init, _}, _) -> ok;
crash_report(Class, Reason, Start, Trace) ->
    Report = #{label => {proc_lib, crash},
               report => [my_info(Class, Reason, Start, Trace),
                          neighbour_reports()]},
    logger:error(Report,
                 #{domain => [otp, sasl],
                   mfa => {?MODULE, crash_report, 4},
                   file => ?FILE, line => ?LINE,
                   report_cb => fun ?MODULE:report_cb/2,
                   logger_formatter => #{title => "CRASH REPORT"},
                   error_logger => #{tag => error_report,
                                     type => crash_report}}).

my_info(Class, Reason, Start, Trace) ->
    Self = self(),
    [{initial_call, Start} || Start =/= []] ++
        [{pid, Self},
         info(Self, registered_name)] ++
        [{process_label, Label} || Label <- [get_label(Self)],
                                   Label =/= undefined] ++
        [{error_info, {Class, Reason, Trace}},
         ancestors(Self),
         info(Self, message_queue_len),
         {messages, error_logger:limit_term(messages())},
         info(Self, links),
         {dictionary, error_logger:limit_term(own_dictionary())},
         info(Self, trap_exit),
         info(Self, status),
         info(Self, heap_size),
         info(Self, stack_size),
         info(Self, reductions)].

messages() ->
    {messages, Messages} = process_info(self(), messages),
    case error_logger:get_format_depth() of
        unlimited -> Messages;
        Depth -> lists:sublist(Messages, Depth)
    end.

own_dictionary() ->
    [E || {Key, _} = E <- get(),
          not lists:member(Key, ['$ancestors', '$initial_call',
                                 '$process_label'])].

ancestors(Pid) ->
    case from_dictionary(Pid, '$ancestors') of
        {_, Ancestors} -> {ancestors, Ancestors};
        false -> {ancestors, []}
    end.

from_dictionary(Pid, Key) ->
    case info(Pid, dictionary) of
        {dictionary, Dict} -> lists:keyfind(Key, 1, Dict);
        _ -> false
    end.

%% Processes that go down with this one, as far as links lead.
neighbour_reports() ->
    {_, Seen} = visit(adjacents(self()), {15, [self()]}),
    Reports = [neighbour_report(P) || P <- lists:delete(self(), Seen)],
    [{neighbour, R} || R <- Reports, not lists:member(undefined, R)].

visit([P | Ps], {N, Seen} = Found) when N > 0 ->
    case lists:member(P, Seen) of
        false -> visit(adjacents(P), visit(Ps, {N - 1, [P | Seen]}));
        true -> visit(Ps, Found)
    end;
visit(_, Found) -> Found.

adjacents(Pid) ->
    case info(Pid, links) of
        {links, Links} ->
            [L || L <- Links, info(L, trap_exit) =:= {trap_exit, false}];
        _ -> []
    end.

neighbour_report(Pid) ->
    Call = case from_dictionary(Pid, '$initial_call') of
               {_, {M, F, A}} -> {initial_call, {M, F, dummy_arguments(A)}};
               _ -> info(Pid, initial_call)
           end,
    [{pid, Pid}, info(Pid, registered_name), Call,
     info(Pid, current_function), ancestors(Pid)
     | [info(Pid, Item) || Item <- [message_queue_len, links, trap_exit,
                                    status, heap_size, stack_size,
                                    reductions, current_stacktrace]]].

info(Pid, Item) when is_pid(Pid), node(Pid) =:= node() ->
    case process_info(Pid, Item) of
        [] -> {registered_name, []};
        Info -> Info
    end;
info(Pid, Item) when is_pid(Pid) ->
    case lists:member(node(Pid), nodes()) of
        true ->
            case rpc:call(node(Pid), erlang, process_info, [Pid, Item]) of
                {badrpc, _} -> undefined;
                Info -> Info
            end;
        false -> undefined
    end;
info(_, _) -> undefined.

%% ---- texts of crash reports ----

format(Report) -> format(Report, latin1).

format(Report, Encoding) -> format(Report, Encoding, unlimited).

format(Report, Encoding, Depth) ->
    format_report(Report, gen_report:options(#{encoding => Encoding,
                                               depth => Depth})).

report_cb(#{label := {proc_lib, crash}, report := Report}, Options) ->
    format_report(Report, gen_report:options(Options)).

format_report([Own, Neighbours], #{single_line := Single,
                                   chars_limit := Limit} = O) ->
    Indent = case Single of true -> ""; false -> "  " end,
    Parts = case is_list(Own) of
                true -> length(Own);
                false -> 1
            end,
    Part = part_limit(Limit, Parts),
    Linked = neighbours(Neighbours, Indent, O, Part),
    [Indent, "crasher:", line_end(Single, " "),
     own_report(Own, Indent ++ Indent, O, Part, Limit),
     line_end(Single, "; "), Linked].

%% With a limit a third of the characters is for the reason of the crash, the
%% rest is shared.
part_limit(unlimited, _) -> unlimited;
part_limit(Limit, Parts) -> max(1, Limit * 2 div 3 div max(1, Parts)).

own_report(Own, Indent, O, _, Limit) when not is_list(Own) ->
    pairs(Own, Indent, O, Limit);
own_report(Own, Indent, #{single_line := Single} = O, Part, Limit) ->
    Separator = line_end(Single, ", "),
    case lists:splitwith(fun(E) -> not is_tuple(E)
                                       orelse element(1, E) =/= error_info
                         end, Own) of
        {First, [{error_info, {Class, Reason, Trace}} | Rest]} ->
            lists:join(Separator,
                       [pairs(First, Indent, O, Part),
                        exception(Class, Reason, Trace, O, Limit),
                        pairs(Rest, Indent, O, Part)]);
        _ -> pairs(Own, Indent, O, Limit)
    end.

%% Up to what is no pair; what is no list is shown as it is.
pairs(Pairs, Indent, #{single_line := Single} = O, Limit)
  when is_list(Pairs) ->
    Good = lists:takewhile(fun(P) -> tuple_size_is(P, 2) end, Pairs),
    lists:join(line_end(Single, ", "),
               [pair(P, Indent, O, Limit) || P <- Good]);
pairs(Other, Indent, #{single_line := Single} = O, Limit) ->
    {P, Depth} = control(O),
    Width = case Single of true -> "0"; false -> "" end,
    io_lib:format("~s~" ++ Width ++ P, [indent(Indent, O), Other | Depth],
                  limit(Limit)).

tuple_size_is(Term, Size) -> is_tuple(Term) andalso tuple_size(Term) =:= Size.

pair({initial_call, {M, F, Args}}, Indent, O, _) when is_list(Args) ->
    io_lib:format("~sinitial call: ~ts:~ts/~w",
                  [indent(Indent, O), name(M, O), name(F, O), length(Args)]);
pair({Tag, Data}, Indent, #{single_line := Single} = O, Limit) ->
    {P, Depth} = control(O),
    Width = case Single of true -> "0"; false -> "" end,
    io_lib:format("~s~" ++ Width ++ "p: ~" ++ Width ++ ".18" ++ P,
                  [indent(Indent, O), Tag, Data | Depth], limit(Limit)).

name(Atom, #{encoding := latin1}) -> io_lib:write_atom_as_latin1(Atom);
name(Atom, _) -> io_lib:write_atom(Atom).

exception(Class, Reason, Trace, #{single_line := true} = O, Limit) ->
    {P, Depth} = control(O),
    [atom_to_list(Class), ": ",
     io_lib:format("~0" ++ P, [{Reason, Trace} | Depth], limit(Limit))];
exception(Class, Reason, Trace, #{encoding := Encoding} = O, Limit) ->
    Skip = fun(M, _, _) -> M =:= erl_eval orelse M =:= ?MODULE end,
    {P, Depth} = control(O),
    Print = fun(Term, Column, Left) ->
                    S = io_lib:format("~." ++ integer_to_list(Column) ++ P,
                                      [Term | Depth], limit_of(Left)),
                    {S, still_left(Left, S)}
            end,
    Left = case Limit of unlimited -> -1; _ -> Limit end,
    ["    ", erl_error:format_exception(5, Class, Reason, Trace, Skip, Print,
                                        Encoding, Left)].

limit_of(Left) when Left < 0 -> [];
limit_of(Left) -> [{chars_limit, Left}].

still_left(Left, _) when Left < 0 -> Left;
still_left(Left, Text) -> max(0, Left - string:length(Text)).

neighbours(Neighbours, Indent, O, Limit) when is_integer(Limit) ->
    {P, Depth} = control(O),
    Pids = [Pid || {neighbour, [{pid, Pid} | _]} <- Neighbours],
    [Indent, "neighbours: ",
     io_lib:format("~0" ++ P, [Pids | Depth], limit(Limit))];
neighbours(Neighbours, Indent, #{single_line := Single} = O, Limit) ->
    Inner = Indent ++ Indent,
    [Indent, "neighbours:", line_end(Single, " "),
     case is_list(Neighbours) of
         true ->
             lists:join(line_end(Single, "; "),
                        [neighbour(N, Inner, O, Limit) || N <- Neighbours]);
         false -> [line_end(Single, "; "), pairs(Neighbours, Inner, O, Limit)]
     end].

neighbour({neighbour, Report}, Indent, O, Limit) ->
    neighbour(Report, Indent, O, Limit);
neighbour(Report, Indent, #{single_line := Single} = O, Limit) ->
    [indent(Indent, O), "neighbour:", line_end(Single, " "),
     pairs(Report, "  " ++ indent(Indent, O), O, Limit)].

control(#{encoding := Encoding, depth := Depth}) ->
    Modifier = case Encoding of latin1 -> ""; _ -> "t" end,
    case Depth of
        unlimited -> {Modifier ++ "p", []};
        _ -> {Modifier ++ "P", [Depth]}
    end.

limit(Limit) -> [{chars_limit, Limit} || is_integer(Limit)].

indent(_, #{single_line := true}) -> "";
indent(Indent, _) -> Indent.

line_end(true, Text) -> Text;
line_end(false, _) -> "\n".
