%% SPDX-License-Identifier: Apache-2.0
%% fprof_sums: sums a trace for fprof, and writes what came of it.
-module(fprof_sums).

-export([sum/1, write/3]).

%% Of a process: frames, the topmost first, each {Function, Caller, Entered};
%% when its last event was; which pairs are on the stack, and how often; the
%% first functions it ran; for one that was seen to start, {Parent, Function}.
-record(proc, {frames = [], last, held = #{}, first = [], spawned = none}).

%% #{Pid => {#{{Caller, Function} => {Calls, Acc, Own}}, Origin}}, times in
%% microseconds. Origin is none, or {Parent, Function, FirstCalls}.
sum(Events) ->
    Procs = lists:foldl(fun event/2, #{}, Events),
    maps:map(fun(_, {P, Sums}) ->
                 {element(2, leave_all(P, Sums)), origin(P)}
             end, Procs).

origin(#proc{spawned = none}) -> none;
origin(#proc{spawned = {Parent, Function}, first = First}) ->
    {Parent, Function, lists:reverse(First)}.

event({trace_ts, Parent, spawn, Child, Function, Time}, Procs) ->
    {P, Sums} = maps:get(Child, Procs, {#proc{last = micros(Time)}, #{}}),
    event({trace_ts, Parent, spawned_one, Child, Time},
          Procs#{Child => {P#proc{spawned = {Parent, Function}}, Sums}});
event({trace_ts, Pid, in, 0, Time}, Procs) -> % the beginning of a process
    case Procs of
        #{Pid := {#proc{first = [], spawned = {_, {M, F, Args}}}, _}} ->
            event({trace_ts, Pid, in, {M, F, length(Args)}, Time}, Procs);
        #{Pid := {#proc{frames = []}, _}} -> Procs;
        _ -> event({trace_ts, Pid, in, none, Time}, Procs)
    end;
event(Event, Procs) ->
    case parse(Event) of
        none ->
            Procs;
        {Pid, Time, What} ->
            {P0, Sums0} = maps:get(Pid, Procs, {#proc{last = Time}, #{}}),
            {P1, Sums1} = spend(Time, P0, Sums0),
            Procs#{Pid => step(What, noted(What, P1), Sums1)}
    end.

%% How it was entered, and what that called first.
noted({in, F}, #proc{first = []} = P) -> P#proc{first = [F]};
noted({call, F, _}, #proc{first = First} = P) when length(First) < 2 ->
    P#proc{first = [F | First]};
noted(_, P) -> P.

parse({trace_ts, Pid, call, F, {cp, Caller}, Time}) ->
    {Pid, micros(Time), {call, F, Caller}};
parse({trace_ts, Pid, return_to, F, Time}) -> {Pid, micros(Time), {return, F}};
parse({trace_ts, Pid, out, _, Time}) -> {Pid, micros(Time), out};
parse({trace_ts, Pid, in, F, Time}) -> {Pid, micros(Time), {in, F}};
parse({trace_ts, Pid, spawned_one, _, Time}) -> {Pid, micros(Time), spawned};
parse({trace_ts, Pid, exit, _, Time}) -> {Pid, micros(Time), exit};
parse({trace_ts, Pid, What, _, Time})
  when What =:= gc_minor_start; What =:= gc_major_start ->
    {Pid, micros(Time), collect};
parse({trace_ts, Pid, What, _, Time})
  when What =:= gc_minor_end; What =:= gc_major_end ->
    {Pid, micros(Time), collected};
parse(_) -> none.

%% Whole microseconds, as they are shown: so the sums of what is shown are right.
micros({Mega, Seconds, Micros}) ->
    (Mega * 1000000 + Seconds) * 1000000 + Micros;
micros(Time) -> erlang:convert_time_unit(Time, native, microsecond).

%% Time since the last event belongs to the topmost frame.
spend(Time, #proc{frames = [{F, Caller, _} | _], last = Last} = P, Sums) ->
    {P#proc{last = Time}, add({Caller, F}, {0, 0, Time - Last}, Sums)};
spend(Time, P, Sums) ->
    {P#proc{last = Time}, Sums}.

add(Pair, {Calls, Acc, Own}, Sums) ->
    maps:update_with(Pair, fun({C, A, O}) -> {C + Calls, A + Acc, O + Own} end,
                     {Calls, Acc, Own}, Sums).

step({call, F, undefined}, #proc{frames = []} = P, Sums) ->
    enter(F, undefined, 1, P, Sums);
step({call, F, Caller}, #proc{frames = []} = P0, Sums0) ->
    {P, Sums} = enter(Caller, undefined, 0, P0, Sums0),
    enter(F, Caller, 1, P, Sums);
step({call, F, Caller}, #proc{frames = Frames} = P, Sums) ->
    case lists:keymember(Caller, 1, Frames) of
        true ->
            {P1, Sums1} = leave_until(Caller, P, Sums),
            enter(F, Caller, 1, P1, Sums1);
        false ->
            %% a tail call of the topmost frame: its caller is not seen
            [{Top, _, _} | _] = Frames,
            enter(F, Top, 1, P, Sums)
    end;
step({return, F}, #proc{frames = Frames} = P, Sums) ->
    case lists:keymember(F, 1, Frames) of
        true -> leave_until(F, P, Sums);
        false -> {P, Sums}
    end;
step(out, #proc{frames = [{F, _, _} | _]} = P, Sums) ->
    enter(suspend, F, 1, P, Sums);
step({in, _}, #proc{frames = [{suspend, _, _} | _]} = P, Sums) ->
    leave(P, Sums);
step({in, F}, #proc{frames = [], first = [F]} = P, Sums) ->
    enter(F, undefined, 1, P, Sums);
step(collect, #proc{frames = [{F, _, _} | _]} = P, Sums) ->
    enter(garbage_collect, F, 1, P, Sums);
step(collected, #proc{frames = [{garbage_collect, _, _} | _]} = P, Sums) ->
    leave(P, Sums);
step(exit, P, Sums) ->
    leave_all(P, Sums);
step(_, P, Sums) ->
    {P, Sums}.

enter(F, Caller, Calls, #proc{frames = Frames, last = Now, held = Held} = P,
      Sums) ->
    Pair = {Caller, F},
    {P#proc{frames = [{F, Caller, Now} | Frames],
            held = maps:update_with(Pair, fun(N) -> N + 1 end, 1, Held)},
     add(Pair, {Calls, 0, 0}, Sums)}.

%% A pair's accumulated time is that of its outermost frame.
leave(#proc{frames = [{F, Caller, Entered} | Rest], last = Now, held = Held} = P,
      Sums) ->
    Pair = {Caller, F},
    case Held of
        #{Pair := 1} ->
            {P#proc{frames = Rest, held = maps:remove(Pair, Held)},
             add(Pair, {0, Now - Entered, 0}, Sums)};
        #{Pair := N} ->
            {P#proc{frames = Rest, held = Held#{Pair := N - 1}}, Sums}
    end.

leave_until(F, #proc{frames = [{F, _, _} | _]} = P, Sums) ->
    {P, Sums};
leave_until(F, P, Sums) ->
    {P1, Sums1} = leave(P, Sums),
    leave_until(F, P1, Sums1).

leave_all(#proc{frames = []} = P, Sums) ->
    {P, Sums};
leave_all(P, Sums) ->
    {P1, Sums1} = leave(P, Sums),
    leave_all(P1, Sums1).

%% ---- The output: terms that file:consult/1 reads ----

write(Device, Sums, Options) ->
    Callers = proplists:get_value(callers, Options, true),
    Sort = proplists:get_value(sort, Options, acc),
    Totals = proplists:get_bool(totals, Options),
    io:format(Device, "%% Analysis results:~n{  analysis_options,~n"
              " [{callers, ~w},~n  {sort, ~w},~n  {totals, ~w},~n"
              "  {details, true}]}.~n", [Callers, Sort, Totals]),
    write_all(Device, [S || {S, _} <- maps:values(Sums)], Totals,
              {Callers, Sort}),
    [write_process(Device, Pid, maps:to_list(S), Origin, {Callers, Sort})
     || {Pid, {S, Origin}} <- lists:sort(maps:to_list(Sums))],
    ok.

write_head(Device) ->
    io:format(Device, "~n%~50s~10s~10s        ~n", ["CNT", "ACC", "OWN"]).

%% The sum of all processes; with [Totals] also of each function.
write_all(Device, Sums, Totals, {Callers, Sort}) ->
    All = maps:to_list(lists:foldl(fun(S, Acc) -> maps:fold(fun add/3, Acc, S)
                                   end, #{}, Sums)),
    {Calls, _, Own} = total(All),
    write_head(Device),
    io:format(Device, "[{ ~ts].  %%%~n~n", [row(totals, {Calls, Own, Own})]),
    Totals andalso write_functions(Device, All, Callers, Sort).

write_process(Device, Pid, Pairs, Origin, {Callers, Sort}) ->
    {Calls, _, Own} = total(Pairs),
    write_head(Device),
    io:format(Device, "[{ ~ts~10w,undefined,~9.3f}~ts~n~n",
              [named(pid_to_list(Pid)), Calls, Own / 1000, origin_text(Origin)]),
    write_functions(Device, Pairs, Callers, Sort).

origin_text(none) -> "].   %%";
origin_text({Parent, {M, F, Args}, First}) ->
    io_lib:format(",    %%~n { spawned_by, ~tp},~n { spawned_as, ~0tp},~n"
                  " { initial_calls, ~tw}].",
                  [pid_to_list(Parent), {M, F, fprof:parsify(Args)},
                   First]).

write_functions(Device, Pairs, Callers, Sort) ->
    %% What called the first function seen is undefined: it has no times.
    Functions = lists:usort(lists:append([[C, F] || {{C, F}, _} <- Pairs])),
    ByFunction = [{F, total_of(F, Pairs)} || F <- Functions],
    [write_function(Device, F, Total, Pairs, Callers)
     || {F, Total} <- sorted(ByFunction, Sort)],
    ok.

total(Pairs) ->
    lists:foldl(fun({_, {C, A, O}}, {C0, A0, O0}) -> {C0 + C, A0 + A, O0 + O} end,
                {0, 0, 0}, Pairs).

sorted(Rows, Sort) ->
    Key = case Sort of own -> 3; _ -> 2 end,
    [{F, V} || {_, F, V} <- lists:reverse(
                   lists:sort([{element(Key, V), F, V} || {F, V} <- Rows]))].

%% Time in calls of itself is in the time of the call from elsewhere.
total_of(F, Pairs) ->
    total([case Caller of
               F -> {Pair, {Calls, 0, Own}};
               _ -> {Pair, {Calls, Acc, Own}}
           end || {{Caller, G} = Pair, {Calls, Acc, Own}} <- Pairs, G =:= F]).

write_function(Device, F, Total, Pairs, Callers) ->
    From = if Callers -> [called(C, F, V) || {{C, G}, V} <- Pairs, G =:= F];
              true -> []
           end,
    To = if Callers -> [called(G, F, V) || {{C, G}, V} <- Pairs, C =:= F];
            true -> []
         end,
    io:format(Device, "{[~ts,~ts~n { ~ts,     %~n [~ts}.~ts~n~n",
              [rows(From), blanks("     ", From), row(F, Total), rows(To),
               blanks("    ", To)]).

%% What stands behind the last of [Rows], if there are any.
blanks(_, []) -> "";
blanks(Blanks, _) -> Blanks.

%% Time in calls of itself is in the call from elsewhere.
called(F, F, {Calls, _, Own}) -> {F, {Calls, 0, Own}};
called(G, _, Times) -> {G, Times}.

%% What is in a list of rows, and its end.
rows([]) -> " ]";
rows(Rows) ->
    [lists:join(",      \n  ", [["{", row(F, V)] || {F, V} <- sorted(Rows, acc)]),
     "]"].

%% Function, Calls, Acc, Own and the end of the tuple; times in milliseconds.
row(F, {Calls, Acc, Own}) ->
    io_lib:format("~ts~10w,~9.3f,~9.3f}",
                  [named(F), Calls, Acc / 1000, Own / 1000]).

%% The first element of a row, in its column.
named(F) -> string:pad(io_lib:format("~tp,", [F]), 38).
