%% SPDX-License-Identifier: Apache-2.0
%% dbg_text: what dbg prints: trace messages, who is traced, help.
-module(dbg_text).

-export([handle/2, info/2, help/0, help/1, modifier/1]).

%% Text is written as what the device takes: "t" for Unicode, "" for Latin-1.
modifier(Device) ->
    case io:getopts(Device) of
        Options when is_list(Options) ->
            case proplists:get_value(encoding, Options, latin1) of
                latin1 -> "";
                _ -> "t"
            end;
        _ -> ""
    end.

%%% Messages

%% The state of the handler: a device, later with its modifier.
handle(end_of_trace, Out) -> Out;
handle(Trace, Out) ->
    case text(Trace) of
        unknown -> Out;
        none -> out(Out);
        {Format, Args} ->
            {Device, Modifier} = New = out(Out),
            io:format(Device, spell(Format, Modifier) ++ "~n",
                      [spell_arg(A, Modifier) || A <- Args]),
            New
    end.

out({_, _} = Out) -> Out;
out(Device) -> {Device, modifier(Device)}.

%% In a format, ~P and ~S stand for ~p and ~s with the modifier.
spell([$~, $P | Rest], Modifier) ->
    [$~ | Modifier] ++ [$p | spell(Rest, Modifier)];
spell([$~, $S | Rest], Modifier) ->
    [$~ | Modifier] ++ [$s | spell(Rest, Modifier)];
spell([C | Rest], Modifier) -> [C | spell(Rest, Modifier)];
spell([], _) -> [].

spell_arg({text, Format, Args}, Modifier) ->
    io_lib:format(spell(Format, Modifier),
                  [spell_arg(A, Modifier) || A <- Args]);
spell_arg({term, Term}, _) -> Term.

text(Trace) when element(1, Trace) =:= trace, tuple_size(Trace) >= 3 ->
    event(Trace, tuple_size(Trace));
text(Trace) when element(1, Trace) =:= trace_ts, tuple_size(Trace) >= 4 ->
    Size = tuple_size(Trace),
    case event(Trace, Size - 1) of
        {Format, Args} ->
            {Format ++ " (Timestamp: ~p)",
             Args ++ [{term, element(Size, Trace)}]};
        none -> none
    end;
text({drop, Count}) -> {"*** Dropped ~p messages.", [{term, Count}]};
text({seq_trace, Label, Info}) ->
    {Format, Args} = sequential(Info),
    {"SeqTrace [~p]: " ++ Format, [{term, Label} | Args]};
text({seq_trace, Label, Info, Time}) ->
    {Format, Args} = sequential(Info),
    {"SeqTrace ~p [~p]: " ++ Format, [{term, Time}, {term, Label} | Args]};
text(_) -> unknown.

event(Trace, Size) ->
    Pid = {term, element(2, Trace)},
    case element(3, Trace) of
        'receive' when element(4, Trace) =:= {dbg, ok} -> none;
        'receive' -> {"(~p) << ~P", [Pid, {term, element(4, Trace)}]};
        send ->
            {"(~p) ~p ! ~P", [Pid, {term, element(5, Trace)},
                              {term, element(4, Trace)}]};
        call when Size =:= 5 ->
            {"(~p) call ~S (~P)", [Pid, function(element(4, Trace)),
                                   {term, element(5, Trace)}]};
        call -> {"(~p) call ~S", [Pid, function(element(4, Trace))]};
        return_from ->
            {"(~p) returned from ~S -> ~P",
             [Pid, function(element(4, Trace)), {term, element(5, Trace)}]};
        return_to ->
            {"(~p) returning to ~S", [Pid, function(element(4, Trace))]};
        spawn when Size =:= 5 ->
            {"(~p) spawn ~p as ~S", [Pid, {term, element(4, Trace)},
                                     function(element(5, Trace))]};
        Other ->
            Rest = [{term, element(I, Trace)} || I <- lists:seq(4, Size)],
            {"(~p) ~p ~S", [Pid, {term, Other},
                            {text, places(Rest, " "), Rest}]}
    end.

%% A place for each of [Terms].
places(Terms, Between) ->
    lists:append(lists:join(Between, ["~P" || _ <- Terms])).

%% M:F(A1,A2), M:F/A
function({M, F, Args}) when is_list(Args) ->
    {text, "~p:~P(" ++ places(Args, ",") ++ ")",
     [{term, M}, {term, F} | [{term, A} || A <- Args]]};
function({M, F, Arity}) ->
    {text, "~p:~P/~p", [{term, M}, {term, F}, {term, Arity}]};
function(Other) -> {text, "~P", [{term, Other}]}.

sequential({send, Serial, From, To, Message}) ->
    {"(~p) ~p ! ~P [Serial: ~p]",
     [{term, From}, {term, To}, {term, Message}, {term, Serial}]};
sequential({'receive', Serial, From, To, Message}) ->
    {"(~p) << ~P [Serial: ~p, From: ~p]",
     [{term, To}, {term, Message}, {term, Serial}, {term, From}]};
sequential({print, Serial, From, _, Info}) ->
    {"-> ~P [Serial: ~p, From: ~p]",
     [{term, Info}, {term, Serial}, {term, From}]};
sequential(Other) -> {"~P", [{term, Other}]}.

%%% Who is traced; Call is how functions of other nodes are called

info(Nodes, Call) ->
    Modifier = modifier(group_leader()),
    [info(Node, Call(Node, dbg, get_info, []), Modifier) || Node <- Nodes],
    ok.

info(Node, Traced, Modifier) ->
    io:format("~nNode ~w:~n", [Node]),
    io:format("~-12s ~-21s Trace ~n", ["Pid", "Initial call"]),
    [io:format("~-12s ~-21" ++ Modifier ++ "s ~s~n",
               [io_lib:format("~w", [Pid]),
                io_lib:format("~" ++ Modifier ++ "p", [Initial]),
                lists:join(" | ", [short(Flag) || Flag <- Flags])])
     || {Pid, Initial, Flags} <- Traced].

short(send) -> "s";
short('receive') -> "r";
short(call) -> "c";
short(procs) -> "p";
short(set_on_spawn) -> "sos";
short(set_on_first_spawn) -> "sofs";
short(set_on_link) -> "sol";
short(set_on_first_link) -> "sofl";
short(Flag) -> atom_to_list(Flag).

%%% Help

show(Lines) ->
    [io:format("~s~n", [Line]) || Line <- Lines],
    io:format("~n", []).

help() ->
    show(["The following help items are available:",
          "   p, c",
          "       - Set trace flags for processes",
          "   tp, tpl, ctp, ctpl, ctpg, ltp, dtp, wtp, rtp",
          "       - Manipulate trace patterns for functions",
          "   n, cn, ln",
          "       - Add/remove traced nodes.",
          "   tracer, trace_port, trace_client, get_tracer, stop, stop_clear",
          "       - Manipulate tracer process/port",
          "   i",
          "       - Info",
          "",
          "call dbg:h(Item) for brief help a brief description",
          "of one of the items above."]).

help(p) ->
    show(["p(Item) -> {ok, MatchDesc} | {error, term()}",
          " - Traces messages to and from Item.",
          "p(Item, Flags) -> {ok, MatchDesc} | {error, term()}",
          " - Traces Item according to Flags.",
          "   Flags can be one of s,r,m,c,p,sos,sol,sofs,",
          "   sofl,all,clear or any flag accepted by erlang:trace/3"]);
help(c) ->
    show(["c(Mod, Fun, Args)",
          " - Evaluates apply(M,F,Args) with all trace flags set.",
          "c(Mod, Fun, Args, Flags)",
          " - Evaluates apply(M,F,Args) with Flags trace flags set."]);
help(i) ->
    show(["i() -> ok",
          " - Displays information about all traced processes."]);
help(tp) ->
    show(setters("tp") ++
         [" - Set pattern for traced global function calls."]);
help(tpl) ->
    show(setters("tpl") ++
         [" - Set pattern for traced local (as well as global) function "
          "calls."]);
help(ctp) ->
    show(clearers("ctp") ++
         [" - Clear call trace pattern for the specified functions"]);
help(ctpl) ->
    show(clearers("ctpl") ++
         [" - Clear local call trace pattern for the specified functions"]);
help(ctpg) ->
    show(clearers("ctpg") ++
         [" - Clear global call trace pattern for the specified functions"]);
help(ltp) ->
    show(["ltp() -> ok",
          " - Lists saved and built-in match_spec's on the console."]);
help(dtp) ->
    show(["dtp() -> ok",
          " - Deletes all saved match_spec's.",
          "dtp(N) -> ok",
          " - Deletes a specific saved match_spec."]);
help(wtp) ->
    show(["wtp(Name) -> ok | {error, IOError}",
          " - Writes all saved match_spec's to a file"]);
help(rtp) ->
    show(["rtp(Name) -> ok | {error, Error}",
          " - Read saved match specifications from file."]);
help(n) ->
    show(["n(Nodename) -> {ok, Nodename} | {error, Reason}",
          " - Starts a tracer server on the given node.",
          "n(Nodename,Type,Data) -> {ok, Nodename} | {error, Reason}",
          " - Starts a tracer server with additional args on the given "
          "node."]);
help(cn) ->
    show(["cn(Nodename) -> ok",
          " - Clears a node from the list of traced nodes."]);
help(ln) ->
    show(["ln() -> ok",
          " - Shows the list of traced nodes on the console."]);
help(tracer) ->
    show(["tracer() -> {ok, pid()} | {error, already_started}",
          " - Starts a tracer server that handles trace messages.",
          "tracer(Type, Data) -> {ok, pid()} | {error, Error}",
          " - Starts a tracer server with additional parameters"]);
help(trace_port) ->
    show(["trace_port(Type, Parameters) -> fun()",
          " - Creates and returns a trace port generating fun"]);
help(trace_client) ->
    show(["trace_client(Type, Parameters) -> pid()",
          " - Starts a trace client that reads messages created by a trace "
          "port driver",
          "trace_client(Type, Parameters, HandlerSpec) -> pid()",
          " - Starts a trace client that reads messages created by a",
          "   trace port driver, with a user defined handler"]);
help(get_tracer) ->
    Text = " - Returns the process or port to which all trace messages are "
           "sent.",
    show(["get_tracer() -> {ok, Tracer}", Text,
          "get_tracer(Node) -> {ok, Tracer}", Text]);
help(stop) ->
    show(["stop() -> ok",
          " - Stops the dbg server and the tracing of all processes.",
          "   Does not clear any trace patterns."]);
help(stop_clear) ->
    show(["stop_clear() -> ok",
          " - Stops the dbg server and the tracing of all processes,",
          "   and clears all trace patterns."]).

%% tp and tpl; ctp and its kin
setters(Name) ->
    Same = " - Same as " ++ Name,
    [Name ++ "(Module,MatchSpec)",
     Same ++ "({Module, '_', '_'}, MatchSpec)",
     Name ++ "(Module,Function,MatchSpec)",
     Same ++ "({Module, Function, '_'}, MatchSpec)",
     Name ++ "(Module, Function, Arity, MatchSpec)",
     Same ++ "({Module, Function, Arity}, MatchSpec)",
     Name ++ "({Module, Function, Arity}, MatchSpec) -> {ok, MatchDesc} "
     "| {error, term()}"].

clearers(Name) ->
    Same = " - Same as " ++ Name,
    [Name ++ "()",
     Same ++ "({'_', '_', '_'})",
     Name ++ "(Module)",
     Same ++ "({Module, '_', '_'})",
     Name ++ "(Module, Function)",
     Same ++ "({Module, Function, '_'})",
     Name ++ "(Module, Function, Arity)",
     Same ++ "({Module, Function, Arity})",
     Name ++ "({Module, Function, Arity}) -> {ok, MatchDesc} "
     "| {error, term()}"].
