%% SPDX-License-Identifier: Apache-2.0
%% Cursors of queries: processes that evaluate as they are asked.
%%
%% A cursor gets {Parent, more | stop} and sends {Cursor, Answer}: {answer,
%% Object}, no_more, or {caught, Class, Reason, Stack}. While it opens tables
%% it may ask its parent to call a function.
-module(qlc_cursor).

-export([start/3, answers/2, stop/1, ask_parent/2]).

-include("qlc.hrl").

%% The process, or an error.
-spec start(term(), #qlc_opt{}, default | list()) -> pid() | term().
start(Inner, Settings, Options) ->
    Parent = self(),
    Pid = spawn_opt(fun() -> begin_cursor(Parent, Inner, Settings) end,
                    spawn_options(Options)),
    wait_until_open(Pid, Parent).

spawn_options(default) -> [link];
spawn_options(Options) -> [link | lists:delete(monitor,
                                               lists:delete(link, Options))].

wait_until_open(Pid, Parent) ->
    receive
        {Pid, ok} -> Pid;
        {Pid, {call, Fun}} ->
            Pid ! {Parent, try {value, Fun()}
                           catch Class:Reason:Stack ->
                               {caught, Class, Reason, Stack}
                           end},
            wait_until_open(Pid, Parent);
        {Pid, {caught, throw, {qlc_run, Error}, _}} -> Error;
        {Pid, {caught, Class, Reason, Stack}} ->
            erlang:raise(Class, Reason, Stack)
    end.

%% ---- In the cursor ----

%% Exits are trapped, so that tables are closed when the parent goes.
begin_cursor(Parent, Inner, Settings) ->
    process_flag(trap_exit, true),
    Ref = monitor(process, Parent),
    put('$qlc_cursor_of', Parent),
    qlc_run:with(fun(Run) ->
        try
            Plan = qlc_plan:plan(Inner, not_a_list, Settings),
            Objects = qlc_run:open(Plan, Run),
            Parent ! {self(), ok},
            wait(Parent, Ref),
            give(Objects, Parent, Ref)
        catch
            exit:{?MODULE, stopped} -> ok;
            Class:Reason:Stack ->
                %% The parent may look at what is left as soon as it knows.
                qlc_run:finish(Run),
                Parent ! {self(), {caught, Class, Reason, Stack}}
        end
    end).

give([Object | More], Parent, Ref) ->
    Parent ! {self(), {answer, Object}},
    wait(Parent, Ref),
    give(More, Parent, Ref);
give([], Parent, Ref) ->
    Parent ! {self(), no_more},
    wait(Parent, Ref),
    give([], Parent, Ref);
give(More, Parent, Ref) when is_function(More) -> give(More(), Parent, Ref);
give(Error, _, _) -> qlc_run:failed(Error).

%% Returns when there is to be an answer.
wait(Parent, Ref) ->
    Self = self(),
    receive
        {Parent, more} -> ok;
        {Parent, stop} -> exit({?MODULE, stopped});
        {'EXIT', Parent, _} -> exit({?MODULE, stopped});
        {'DOWN', Ref, process, Parent, _} -> exit({?MODULE, stopped});
        {'EXIT', Self, _} -> wait(Parent, Ref);
        Other ->
            error_logger:error_msg(
                "The qlc cursor ~w received an unexpected message:\n~tp\n",
                [Self, Other]),
            wait(Parent, Ref)
    end.

%% The value of [Fun], called by the parent.
-spec ask_parent(pid(), fun(() -> term())) -> term().
ask_parent(Parent, Fun) ->
    case ask(Parent, {call, Fun}) of
        {value, Value} -> Value;
        {caught, Class, Reason, Stack} -> erlang:raise(Class, Reason, Stack);
        gone -> exit({?MODULE, stopped})
    end.

%% ---- In the parent ----

%% At most [N] answers, all if it is -1.
-spec answers(pid(), integer()) -> list() | term().
answers(Pid, N) -> answers(Pid, N, []).

answers(_, 0, Found) -> lists:reverse(Found);
answers(Pid, N, Found) ->
    case ask(Pid, more) of
        {answer, Object} -> answers(Pid, N - 1, [Object | Found]);
        no_more -> lists:reverse(Found);
        {caught, throw, {qlc_run, Error}, _} -> Error;
        {caught, Class, Reason, Stack} ->
            {current_stacktrace, Here} =
                process_info(self(), current_stacktrace),
            erlang:raise(Class, Reason, Stack ++ Here);
        gone -> error({qlc_cursor_pid_no_longer_exists, Pid})
    end.

%% The answer of [Pid], or gone; an exit signal of it is taken away.
ask(Pid, Request) ->
    Ref = monitor(process, Pid),
    Pid ! {self(), Request},
    receive
        {Pid, Reply} ->
            demonitor(Ref, [flush]),
            Reply;
        {'EXIT', Pid, _} ->
            receive {'DOWN', Ref, process, Pid, _} -> gone end;
        {'DOWN', Ref, process, Pid, _} ->
            receive {'EXIT', Pid, _} -> gone
            after 1 -> gone
            end
    end.

-spec stop(pid()) -> ok.
stop(Pid) ->
    Ref = monitor(process, Pid),
    unlink(Pid),
    receive {'EXIT', Pid, _} -> ok
    after 0 -> Pid ! {self(), stop}
    end,
    receive {'DOWN', Ref, process, Pid, _} -> ok end.
