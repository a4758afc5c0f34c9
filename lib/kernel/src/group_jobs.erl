%% SPDX-License-Identifier: Apache-2.0
%% group_jobs: the jobs of a terminal, and the switch command (C-g) that
%% chooses among them.
%%
%% A job is a shell with its group leader. The first one's is the terminal's io
%% server itself; others have one of their own, which hands what it is asked
%% to the server as {job_request, Leader, From, ReplyAs, Request}. Who wants to
%% read while another job has the terminal waits in its job's list.
-module(group_jobs).

-export([new/1, current/1, park/3, park/2, take/1, is_current/2, ended/2,
         switch/3, start_shell/2]).

-record(job, {number :: pos_integer(),
              leader :: pid(),
              shell :: pid() | none,
              start :: tuple(),       % what is listed
              waiting = [] :: list()}). % requests, oldest first

-record(jobs, {current = 1 :: pos_integer(), list = [] :: [#job{}]}).

%% The jobs of a terminal whose first [Shell] talks to the caller.
new(Shell) ->
    #jobs{list = [#job{number = 1, leader = self(), shell = Shell,
                       start = {shell, start, [init]}}]}.

%% The shell that has the terminal.
-spec current(#jobs{}) -> pid() | none.
current(#jobs{current = N, list = Jobs}) ->
    case lists:keyfind(N, #job.number, Jobs) of
        #job{shell = Shell} -> Shell;
        false -> none
    end.

is_current(Leader, #jobs{current = N, list = Jobs}) ->
    case lists:keyfind(Leader, #job.leader, Jobs) of
        #job{number = M} -> M =:= N;
        false -> true
    end.

%% Has a request wait until its job has the terminal (again).
park(Request, #jobs{current = N} = Jobs) -> add(N, #job.number, Request, Jobs).

park(Leader, Request, Jobs) -> add(Leader, #job.leader, Request, Jobs).

add(Key, Place, Request, #jobs{list = List} = Jobs) ->
    case lists:keyfind(Key, Place, List) of
        #job{waiting = Waiting} = Job ->
            store(Job#job{waiting = Waiting ++ [Request]}, Jobs);
        false -> Jobs
    end.

store(#job{number = N} = Job, #jobs{list = List} = Jobs) ->
    Jobs#jobs{list = lists:keystore(N, #job.number, List, Job)}.

%% The next request that waited for the job that now has the terminal.
take(#jobs{current = N, list = List} = Jobs) ->
    case lists:keyfind(N, #job.number, List) of
        #job{waiting = [Request | Rest]} = Job ->
            {Request, store(Job#job{waiting = Rest}, Jobs)};
        _ -> none
    end.

%% [Shell], which does not have the terminal, has ended.
ended(Shell, #jobs{list = List} = Jobs) ->
    Jobs#jobs{list = lists:keydelete(Shell, #job.shell, List)}.

%%% The switch command

%% [Read](Prompt) answers a line, [Write](Text) writes.
-spec switch(#jobs{}, fun(), fun()) -> #jobs{}.
switch(Jobs, Read, Write) ->
    case Read(" --> ") of
        eof -> Jobs;
        Line ->
            case command(string:lexemes(Line, " \t\n"), Jobs) of
                {done, Jobs1} -> Jobs1;
                {Text, Jobs1} ->
                    Write(Text),
                    switch(Jobs1, Read, Write)
            end
    end.

command([], Jobs) -> {"", Jobs};
command(["c" | Which], Jobs) ->
    with_job(Which, Jobs,
             fun(#job{shell = none}) -> {"Unknown job\n", Jobs};
                (#job{number = N}) -> {done, Jobs#jobs{current = N}}
             end);
command(["i" | Which], Jobs) ->
    with_job(Which, Jobs,
             fun(#job{shell = Shell}) ->
                     is_pid(Shell) andalso exit(Shell, interrupt),
                     {"", Jobs}
             end);
command(["k" | Which], Jobs) ->
    with_job(Which, Jobs,
             fun(#job{shell = none}) -> {"Unknown job\n", Jobs};
                (#job{} = Job) -> {"", kill_job(Job, Jobs)}
             end);
command(["j"], Jobs) -> {listed(Jobs), Jobs};
command(["s"], Jobs) -> {"", start(node(), shell, Jobs)};
command(["s", Module], Jobs) -> {"", start(node(), list_to_atom(Module), Jobs)};
command(["r" | Where], Jobs) -> remote(Where, is_alive(), Jobs);
command(["q"], _) -> halt();
command([Help], Jobs) when Help =:= "h"; Help =:= "?" -> {help(), Jobs};
command(_, Jobs) -> {"Unknown command\n", Jobs}.

with_job([], #jobs{current = N} = Jobs, Fun) -> with_number(N, Jobs, Fun);
with_job([Text], Jobs, Fun) ->
    case string:to_integer(Text) of
        {N, ""} -> with_number(N, Jobs, Fun);
        _ -> {"Illegal input\n", Jobs}
    end;
with_job(_, Jobs, _) -> {"Unknown command\n", Jobs}.

with_number(N, #jobs{list = List} = Jobs, Fun) ->
    case lists:keyfind(N, #job.number, List) of
        #job{} = Job -> Fun(Job);
        false -> {"Unknown job\n", Jobs}
    end.

kill_job(#job{number = N, shell = Shell, leader = Leader}, Jobs) ->
    unlink(Shell),
    exit(Shell, kill),
    case Leader of
        Self when Self =:= self() -> ok;
        _ ->
            unlink(Leader),
            exit(Leader, kill)
    end,
    %% a job whose leader is the server itself keeps its place without a shell
    #jobs{list = List} = Jobs,
    Jobs#jobs{list = lists:keydelete(N, #job.number, List)}.

listed(#jobs{current = N, list = List}) ->
    [io_lib:format("~4w~s ~w\n", [M, case M of N -> "*"; _ -> " " end, Start])
     || #job{number = M, start = Start, shell = Shell} <- List,
        Shell =/= none].

%% A new job, which the next "c" connects to.
start(Node, Module, #jobs{list = List} = Jobs) ->
    Self = self(),
    Number = lists:max([0 | [M || #job{number = M} <- List]]) + 1,
    Leader = spawn_link(fun() -> lead(Self) end),
    group_leader(Leader, Self),
    Shell = start_shell(Node, Module),
    group_leader(Self, Self),
    Start = case Node =:= node() of
                true -> {Module, start, []};
                false -> {Node, Module, start, []}
            end,
    case is_pid(Shell) of
        true ->
            Job = #job{number = Number, leader = Leader, shell = Shell,
                       start = Start},
            Jobs#jobs{current = Number, list = List ++ [Job]};
        false ->
            unlink(Leader),
            exit(Leader, kill),
            Jobs
    end.

%% A shell that is linked to the caller and has its group leader.
start_shell(Node, Module) ->
    case Node =:= node() of
        true -> linked(Module:start());
        false -> linked(rpc:call(Node, Module, start, []))
    end.

linked(Pid) when is_pid(Pid) ->
    link(Pid),
    Pid;
linked(_) -> none.

remote(_, false, Jobs) -> {remote_refused(), Jobs};
remote([], true, Jobs) -> {"", start(node(), shell, Jobs)};
remote([Node], true, Jobs) -> remote([Node, "shell"], true, Jobs);
remote([Name, Module | _], true, Jobs) ->
    Node = list_to_atom(Name),
    case net_kernel:connect_node(Node) of
        true -> {"", start(Node, list_to_atom(Module), Jobs)};
        _ -> {"Could not connect to node " ++ Name ++ "\n", Jobs}
    end.

lead(Server) ->
    receive
        {io_request, From, ReplyAs, Request} ->
            Server ! {job_request, self(), From, ReplyAs, Request};
        _ -> ok
    end,
    lead(Server).

remote_refused() ->
    "Not alive: a remote shell needs a node with a name, which this has not\n".

help() ->
    ["  c [nn]            - connect to job\n",
     "  i [nn]            - interrupt job\n",
     "  k [nn]            - kill job\n",
     "  j                 - list all jobs\n",
     "  s [shell]         - start local shell\n",
     "  r [node [shell]]  - start remote shell\n",
     "  q                 - quit erlang\n",
     "  ? | h             - this message\n"].
