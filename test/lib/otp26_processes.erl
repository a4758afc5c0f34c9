%% SPDX-License-Identifier: Apache-2.0
%% Newer functions of proc_lib, timer and application.
%% only merle: OTP has them since 26 and 27
%% expect: ok
%% expect: nack
%% expect: {nack,none}
%% expect: {nack,gone}
%% expect: {error,why}
%% expect: {{error,why},undefined,none}
%% expect: {error,why}
%% expect: {{a,label},{label,{a,label}},{{dictionary,'$process_label'},{a,label}}}
%% expect: [{{dictionary,no_such},undefined},{label,{a,label}}]
%% expect: {"name",{label,"name"},{{dictionary,'$process_label'},"name"},true}
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: undefined
%% expect: here
%% expect: there
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: {ok,cancel}
%% expect: true
%% expect: {error,badarg}
%% expect: {true,[2,1]}
%% expect: {ok,[]}
%% expect: {ok,[crypto]}
%% expect: {error,{no_such_application,{"no such file or directory","no_such_application.app"}}}
%% expect: {error,{no_such_application,{"no such file or directory","no_such_application.app"}}}
%% expect: {[public_key,ssl,xmerl],ok}
-module(otp26_processes).
-export([main/0, fails/2, labelled/1, init/1, callback_mode/0]).

main() ->
    show(fun() -> logger:set_primary_config(level, none) end),
    show(fun() -> proc_lib:start(?MODULE, fails, [nack, {exit, normal}]) end),
    show(fun() -> begin process_flag(trap_exit, true), R =
                  proc_lib:start_link(?MODULE, fails, [nack, {error, bad}]), {R,
                  receive M -> M after 0 -> none end} end end),
    show(fun() -> begin {R, Ref} = proc_lib:start_monitor(?MODULE, fails, [nack,
                  {exit, gone}]), receive {'DOWN', Ref, _, _, Why} -> {R, Why}
                  end end end),
    show(fun() -> gen_server:start(?MODULE, {error, why}, []) end),
    show(fun() -> begin R = gen_server:start_link({local, some_name}, ?MODULE,
                  {error, why}, []), {R, whereis(some_name), receive M -> M
                  after 0 -> none end} end end),
    show(fun() -> gen_statem:start(?MODULE, {error, why}, []) end),
    show(fun() -> begin proc_lib:set_label({a, label}),
                  {proc_lib:get_label(self()), process_info(self(), label),
                  process_info(self(), {dictionary, '$process_label'})} end
                  end),
    show(fun() -> process_info(self(), [{dictionary, no_such}, label]) end),
    show(fun() -> begin P = proc_lib:spawn(?MODULE, labelled, [self()]), receive
                  P -> ok end, {proc_lib:get_label(P), process_info(P, label),
                  process_info(P, {dictionary, '$process_label'}), exit(P,
                  kill)} end end),
    show(fun() -> process_info(self(), {dictionary}) end),
    show(fun() -> process_info(self(), [{links, x}]) end),
    show(fun() -> begin P = spawn(fun() -> ok end), Ref = monitor(process, P),
                  receive {'DOWN', Ref, _, _, _} -> proc_lib:get_label(P) end
                  end end),
    show(fun() -> begin Self = self(), {ok, _} = timer:apply_after(1, fun() ->
                  Self ! here end), receive here -> here end end end),
    show(fun() -> begin {ok, _} = timer:apply_after(0, fun(To, M) -> To ! M end,
                  [self(), there]), receive there -> there end end end),
    show(fun() -> timer:apply_after(1, fun(_) -> ok end) end),
    show(fun() -> timer:apply_interval(-1, fun() -> ok end) end),
    show(fun() -> timer:apply_repeatedly(1, fun() -> ok end, [x]) end),
    show(fun() -> begin Self = self(), {ok, T} = timer:apply_interval(1, fun()
                  -> Self ! tick end), [receive tick -> ok end || _ <- [1, 2,
                  3]], timer:cancel(T) end end),
    show(fun() -> begin Self = self(), {ok, T} = timer:apply_repeatedly(1, fun()
                  -> Self ! {self(), on}, timer:sleep(5), Self ! {self(), off}
                  end), Seen = [receive {P, S} -> {P, S} end || _ <- [1, 2, 3,
                  4]], timer:cancel(T), [{P1, on}, {P1, off}, {P2, on}, {P2,
                  off}] = Seen, P1 =/= P2 end end),
    show(fun() -> timer:apply_repeatedly(x, erlang, self, []) end),
    show(fun() -> begin {N, V} = timer:tc(lists, reverse, [[1, 2]], nanosecond),
                  {is_integer(N), V} end end),
    show(fun() -> application:ensure_all_started([kernel, stdlib], temporary,
                  concurrent) end),
    show(fun() -> application:ensure_all_started(crypto, temporary, serial)
                  end),
    show(fun() -> application:ensure_all_started([sasl, no_such_application],
                  temporary, concurrent) end),
    show(fun() -> application:ensure_all_started([no_such_application, sasl],
                  temporary, serial) end),
    show(fun() -> begin {ok, L} = application:ensure_all_started([ssl, xmerl],
                  temporary, concurrent), {lists:sort(L) -- [asn1],
                  application:stop(xmerl)} end end).

show(Fun) ->
    Answer = try Fun()
             catch Class:Reason -> {Class, Reason}
             end,
    io:format("~0tp~n", [Answer]).

fails(Answer, Exception) -> proc_lib:init_fail(Answer, Exception).

labelled(To) ->
    proc_lib:set_label("name"),
    To ! self(),
    receive stop -> ok end.

%% Of a gen_server and a gen_statem.
init(Answer) -> Answer.

callback_mode() -> handle_event_function.
