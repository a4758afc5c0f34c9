%% SPDX-License-Identifier: Apache-2.0
%% The soak: workers do at random what a machine has to stand, each checking
%% its own counts, until the time is over. Then all is let come to rest and
%% compared with the rest before: processes, tables, timers, memory.
%%
%%     merle -noshell -pa DIR -run soak main SECONDS
-module(soak).

-export([main/1, echo/0, park/0]).

-define(WORKERS, 8).
-define(WARM_UP_MS, 3000).

main([Seconds]) ->
    process_flag(trap_exit, true),
    Table = ets:new(soak_counters, [named_table, public, ordered_set,
                                    {write_concurrency, true}]),
    %% What is loaded and grows once does so before the first rest.
    run(?WARM_UP_MS),
    Before = rest(),
    ets:delete_all_objects(Table),
    run(list_to_integer(Seconds) * 1000),
    After = rest(),
    io:format("~p~n", [ets:tab2list(Table)]),
    case grown(Before, After) of
        [] -> io:format("no leak, no loss~n");
        Leaks ->
            io:format("grown: ~p~n", [Leaks]),
            halt(1)
    end.

run(Ms) ->
    Until = erlang:monotonic_time(millisecond) + Ms,
    Pids = [spawn_link(fun() -> work(N, Until, 0) end)
            || N <- lists:seq(1, ?WORKERS)],
    [receive
         {'EXIT', Pid, done} -> ok;
         {'EXIT', Pid, Reason} ->
             io:format("worker failed: ~p~n", [Reason]),
             halt(1)
     end || Pid <- Pids].

work(N, Until, Rounds) ->
    process_flag(trap_exit, true),
    case erlang:monotonic_time(millisecond) >= Until of
        true -> exit(done);
        false ->
            Jobs = jobs(),
            {Name, Job} = element(rand:uniform(tuple_size(Jobs)), Jobs),
            try Job(N)
            catch Class:Reason:Stack ->
                exit({Name, Class, Reason, Stack})
            end,
            receive Stray -> exit({Name, stray, Stray}) after 0 -> ok end,
            ets:update_counter(soak_counters, Name, 1, {Name, 0}),
            work(N, Until, Rounds + 1)
    end.

jobs() ->
    {{ring, fun ring/1}, {links, fun links/1}, {monitors, fun monitors/1},
     {flood, fun flood/1}, {code, fun code/1}, {shared, fun shared/1},
     {private, fun private/1}, {timers, fun timers/1},
     {binaries, fun binaries/1}, {names, fun names/1},
     {suspending, fun suspending/1}, {looking, fun looking/1},
     {selective, fun selective/1}, {calls, fun calls/1},
     {persistent, fun persistent/1}, {heir, fun heir/1}}.

%% ---- rest ----

%% What there is when nothing runs and all is collected.
rest() ->
    timer:sleep(1500),
    [erlang:garbage_collect(P) || P <- processes()],
    timer:sleep(1500),
    Memory = erlang:memory(),
    [{processes, length(processes())}, {tables, length(ets:all())},
     {names, length(registered())}
     | [{memory, K, proplists:get_value(K, Memory)}
        || K <- [total, processes, atom, binary, code, ets]]].

%% Counts are to be the same; of memory, a little more is no leak. The memory
%% that all processes lay in when there were most is kept for later ones.
grown(Before, After) ->
    [{A, B} || {A, B} <- lists:zip(Before, After), more(A, B)].

more({memory, total, A}, {memory, total, B}) -> B > A + A div 4 + 8000000;
more({memory, K, A}, {memory, K, B}) -> B > A + A div 4 + 500000;
more(A, B) -> A =/= B.

%% ---- processes ----

%% A token goes round and is counted at each station.
ring(_) ->
    Length = rand:uniform(200),
    Rounds = rand:uniform(20),
    Last = lists:foldl(fun(_, Next) -> spawn(fun() -> station(Next) end) end,
                       self(), lists:seq(1, Length)),
    Last ! {token, 0},
    Total = turns(Last, Rounds, 0),
    Total = Length * Rounds,
    Last ! stop,
    receive stop -> ok end.

station(Next) ->
    receive
        {token, N} -> Next ! {token, N + 1}, station(Next);
        stop -> Next ! stop
    end.

turns(First, Rounds, _) ->
    receive
        {token, N} when Rounds =:= 1 -> N;
        {token, N} -> First ! {token, N}, turns(First, Rounds - 1, N)
    end.

%% Each end comes to the one who is linked, once, with its reason.
links(_) ->
    Pids = [spawn_link(?MODULE, park, []) || _ <- lists:seq(1, 100)],
    {Kept, Gone} = lists:split(50, Pids),
    [unlink(P) || P <- Kept],
    [exit(P, kill) || P <- Kept],
    [exit(P, {why, P}) || P <- Gone],
    [receive {'EXIT', P, {why, P}} -> ok end || P <- Gone],
    chain(rand:uniform(100)).

%% The end of one ends all that are linked in a row.
chain(N) ->
    Self = self(),
    {First, Ref} = spawn_monitor(fun() -> grow_chain(N, Self) end),
    receive {chain, Last} -> exit(Last, snap) end,
    receive {'DOWN', Ref, process, First, snap} -> ok end.

grow_chain(0, Top) -> Top ! {chain, self()}, park();
grow_chain(N, Top) -> spawn_link(fun() -> grow_chain(N - 1, Top) end), park().

park() -> receive never -> ok end.

monitors(_) ->
    Refs = [spawn_monitor(fun() -> exit({bye, I}) end)
            || I <- lists:seq(1, 200)],
    [receive {'DOWN', R, process, P, {bye, _}} -> ok end || {P, R} <- Refs],
    Parked = [spawn_monitor(?MODULE, park, []) || _ <- lists:seq(1, 50)],
    [demonitor(R, [flush]) || {_, R} <- Parked],
    [exit(P, kill) || {P, _} <- Parked].

%% Many send to one; order pair by pair, nothing lost.
flood(_) ->
    Self = self(),
    Senders = 1 + rand:uniform(4),
    Each = rand:uniform(2000),
    Ids = lists:seq(1, Senders),
    [spawn(fun() ->
         [Self ! {flood, Id, N, payload(N)} || N <- lists:seq(1, Each)]
     end) || Id <- Ids],
    drain(maps:from_list([{Id, 1} || Id <- Ids]), Senders * Each).

drain(_, 0) -> ok;
drain(Next, Left) ->
    receive
        {flood, Id, N, Payload} ->
            N = map_get(Id, Next),
            true = Payload =:= payload(N),
            drain(Next#{Id := N + 1}, Left - 1)
    end.

payload(N) when N rem 50 =:= 0 -> lists:seq(1, N);
payload(N) when N rem 7 =:= 0 -> #{N => {N, 1 bsl N}};
payload(N) -> {N, float(N), <<N:64>>}.

%% Several answers are awaited at once, behind many that nobody wants yet.
selective(_) ->
    Self = self(),
    [Self ! {later, N} || N <- lists:seq(1, 500)],
    Pid = spawn_link(?MODULE, echo, []),
    Refs = [begin R = make_ref(), Pid ! {Self, R, N}, {R, N} end
            || N <- lists:seq(1, 20)],
    [receive {R, N} -> ok end || {R, N} <- lists:reverse(Refs)],
    [receive {later, N} -> ok end || N <- lists:seq(500, 1, -1)],
    unlink(Pid),
    exit(Pid, kill).

echo() -> receive {From, Ref, X} -> From ! {Ref, X}, echo() end.

%% Calls by alias with a time limit: a late answer never arrives.
calls(_) ->
    Pid = spawn_link(?MODULE, echo, []),
    [begin
         Ref = monitor(process, Pid, [{alias, reply_demonitor}]),
         Pid ! {Ref, Ref, N},
         receive {Ref, N} -> ok
         after N rem 2 ->
             demonitor(Ref, [flush]),
             receive {Ref, N} -> ok after 0 -> ok end
         end
     end || N <- lists:seq(1, 50)],
    unlink(Pid),
    exit(Pid, kill).

names(N) ->
    Name = list_to_atom("soak_" ++ integer_to_list(N rem 3)),
    Pid = spawn(?MODULE, park, []),
    try register(Name, Pid) of
        true -> catch Name ! hello
    catch error:badarg -> ok
    end,
    exit(Pid, kill),
    gone(Pid).

gone(Pid) ->
    Ref = monitor(process, Pid),
    receive {'DOWN', Ref, process, Pid, _} -> ok end.

suspending(_) ->
    Pid = spawn_link(?MODULE, echo, []),
    true = erlang:suspend_process(Pid),
    Ref = make_ref(),
    Pid ! {self(), Ref, x},
    receive {Ref, _} -> exit(not_suspended) after 1 -> ok end,
    true = erlang:resume_process(Pid),
    receive {Ref, x} -> ok end,
    unlink(Pid),
    exit(Pid, kill).

%% Questions to all that live or end just now.
looking(_) ->
    [process_info(P, [memory, links, message_queue_len, current_function,
                      dictionary, current_stacktrace])
     || P <- processes()],
    [erlang:garbage_collect(P)
     || P <- processes(), rand:uniform(10) =:= 1].

%% ---- time ----

timers(_) ->
    Refs = [{I, erlang:start_timer(rand:uniform(20), self(), I)}
            || I <- lists:seq(1, 200)],
    {Some, Others} = lists:partition(fun({I, _}) -> I rem 2 =:= 0 end, Refs),
    [erlang:cancel_timer(R) || {_, R} <- Some],
    [receive {timeout, R, I} -> ok end || {I, R} <- Others],
    [receive {timeout, R, _} -> ok after 0 -> ok end || {_, R} <- Some].

%% ---- terms ----

binaries(_) ->
    Big = binary:copy(<<(rand:uniform(255))>>, 100000 + rand:uniform(100000)),
    Self = self(),
    Parts = [binary:part(Big, I * 1000, 1000) || I <- lists:seq(0, 99)],
    Pid = spawn_link(fun() ->
        receive L -> Self ! {hash, self(), erlang:md5(L)} end
    end),
    Pid ! Parts,
    Hash = erlang:md5(binary:part(Big, 0, 100000)),
    receive {hash, Pid, Hash} -> ok end,
    receive {'EXIT', Pid, normal} -> ok end,
    Grown = lists:foldl(fun(I, B) -> <<B/binary, I:32>> end, <<>>,
                        lists:seq(1, 2000)),
    8000 = byte_size(Grown).

persistent(N) ->
    Key = {?MODULE, N},
    persistent_term:put(Key, lists:seq(1, rand:uniform(100))),
    L = persistent_term:get(Key),
    true = length(L) =:= lists:max(L),
    persistent_term:erase(Key).

%% ---- tables ----

%% Several processes count in one table; the sums are what they did.
shared(_) ->
    T = ets:new(t, [public, {write_concurrency, true}]),
    Pids = [spawn_link(fun() ->
                [ets:update_counter(T, I rem 10, 1, {I rem 10, 0})
                 || I <- lists:seq(1, 1000)]
            end) || _ <- lists:seq(1, 4)],
    [receive {'EXIT', P, normal} -> ok end || P <- Pids],
    4000 = lists:sum([N || {_, N} <- ets:tab2list(T)]),
    ets:delete(T).

private(_) ->
    [begin
         T = ets:new(t, [Type]),
         Keys = [rand:uniform(1000) || _ <- lists:seq(1, 500)],
         [ets:insert(T, {K, payload(K)}) || K <- Keys],
         Distinct = length(lists:usort(Keys)),
         Distinct = ets:info(T, size),
         Distinct = length(ets:select(T, [{{'$1', '_'}, [], ['$1']}])),
         [true = ets:delete(T, K) || K <- Keys],
         0 = ets:info(T, size),
         case rand:uniform(2) of
             1 -> ets:delete(T);
             2 -> ok = ets_owner(T)
         end
     end || Type <- [set, ordered_set]].

%% A table may end with its owner, too.
ets_owner(T) ->
    Pid = spawn(?MODULE, park, []),
    ets:give_away(T, Pid, gift),
    exit(Pid, kill),
    gone(Pid).

heir(_) ->
    Self = self(),
    Pid = spawn(fun() ->
        T = ets:new(t, [{heir, Self, data}]),
        ets:insert(T, {a, 1})
    end),
    receive
        {'ETS-TRANSFER', T, Pid, data} ->
            [{a, 1}] = ets:lookup(T, a),
            ets:delete(T)
    end.

%% ---- code ----

%% New versions under a process that runs the old one.
code(N) ->
    Module = list_to_atom("soak_code_" ++ integer_to_list(N)),
    {module, Module} = load(Module, 1),
    Pid = spawn_link(Module, loop, [self()]),
    receive {Pid, 1} -> ok end,
    {module, Module} = load(Module, 2),
    Pid ! next,
    receive {Pid, 2} -> ok end,
    true = code:soft_purge(Module),
    {module, Module} = load(Module, 3),
    true = code:purge(Module),
    receive {'EXIT', Pid, killed} -> ok end,
    3 = Module:version(),
    true = code:delete(Module),
    code:purge(Module),
    {'EXIT', {undef, _}} = (catch Module:nothing()),
    ok.

load(Module, Version) ->
    {ok, Module, Beam} = compile:forms(forms(Module, Version)),
    code:load_binary(Module, "soak", Beam).

%% version() -> V.
%% loop(To) -> To ! {self(), V}, receive next -> M:loop(To) end.
forms(Module, V) ->
    Version = {integer, 1, V},
    To = {var, 1, 'To'},
    Self = {call, 1, {atom, 1, self}, []},
    Loop = {call, 1, {remote, 1, {atom, 1, Module}, {atom, 1, loop}}, [To]},
    [{attribute, 1, module, Module},
     {attribute, 1, export, [{version, 0}, {loop, 1}]},
     {function, 1, version, 0, [{clause, 1, [], [], [Version]}]},
     {function, 1, loop, 1,
      [{clause, 1, [To], [],
        [{op, 1, '!', To, {tuple, 1, [Self, Version]}},
         {'receive', 1,
          [{clause, 1, [{atom, 1, next}], [], [Loop]}]}]}]}].
