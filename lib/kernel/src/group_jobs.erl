%% SPDX-License-Identifier: Apache-2.0
%% group_jobs: the jobs of a terminal, and the commands behind C-g that choose
%% among them. A job is a process of group; see user_drv.
-module(group_jobs).

-export([new/1, add/3, replace/3, delete/2, current/1, shell/2, groups/1,
         kill/2, command/3]).

-export_type([jobs/0]).

-record(job, {number :: non_neg_integer(),
              group :: pid(),
              shell :: term()}). % what was started, none in the first

-record(jobs, {next = 1 :: pos_integer(),
               current :: {non_neg_integer(), pid()},
               list :: [#job{}]}).

-opaque jobs() :: #jobs{}.

-define(PATIENCE, 1000). % milliseconds that a job has to die in

%% The first, number 0, is the process user, which has no shell. Commands do
%% not find it.
-spec new(pid()) -> jobs().
new(User) ->
    #jobs{current = {0, User},
          list = [#job{number = 0, group = User, shell = none}]}.

%% A new job, which has the terminal.
-spec add(pid(), term(), jobs()) -> jobs().
add(Group, Shell, #jobs{next = N, list = List} = Jobs) ->
    Job = #job{number = N, group = Group, shell = Shell},
    Jobs#jobs{next = N + 1, current = {N, Group}, list = List ++ [Job]}.

%% Another process in the place of [Old].
-spec replace(pid(), pid(), jobs()) -> jobs().
replace(Old, New, #jobs{current = Current, list = List} = Jobs) ->
    #job{number = N} = Job = lists:keyfind(Old, #job.group, List),
    List1 = lists:keyreplace(N, #job.number, List, Job#job{group = New}),
    Current1 = case Current of
                   {N, _} -> {N, New};
                   _ -> Current
               end,
    Jobs#jobs{current = Current1, list = List1}.

%% The terminal stays with a job that is gone until another one gets it.
-spec delete(pid(), jobs()) -> jobs().
delete(Group, #jobs{list = List} = Jobs) ->
    Jobs#jobs{list = lists:keydelete(Group, #job.group, List)}.

-spec current(jobs()) -> pid().
current(#jobs{current = {_, Group}}) -> Group.

%% What was started as [Group]'s shell.
-spec shell(pid(), jobs()) -> term() | none.
shell(Group, #jobs{list = List}) ->
    case lists:keyfind(Group, #job.group, List) of
        #job{shell = Shell} -> Shell;
        false -> none
    end.

-spec groups(jobs()) -> [pid()].
groups(#jobs{list = List}) -> [Group || #job{group = Group} <- List].

%% Ends a job, with force if it does not listen.
-spec kill(pid(), jobs()) -> {string(), jobs()}.
kill(Group, Jobs) ->
    exit(Group, die),
    receive {'EXIT', Group, _} -> ok
    after ?PATIENCE ->
            exit(Group, kill),
            receive {'EXIT', Group, _} -> ok end
    end,
    {"", delete(Group, Jobs)}.

%%% Commands

%% Serves the [Line] that was typed: what to say, or done, and the jobs.
%% [Start](Shell) answers a new group's pid.
-spec command(string() | eof, jobs(), fun((term()) -> pid())) ->
          {done | iodata(), jobs()}.
command(Line, Jobs, Start) ->
    serve(string:lexemes(Line, " \t\n"), Jobs, Start).

serve([], Jobs, _) -> {"", Jobs};
serve(["c" | Which], Jobs, _) ->
    with_job(Which, Jobs, fun(#job{number = N, group = Group}) ->
                                  {done, Jobs#jobs{current = {N, Group}}}
                          end);
serve(["i" | Which], Jobs, _) ->
    with_job(Which, Jobs, fun(#job{group = Group}) ->
                                  exit(Group, interrupt),
                                  {"", Jobs}
                          end);
serve(["k" | Which], Jobs, _) ->
    with_job(Which, Jobs, fun(#job{group = Group}) -> kill(Group, Jobs) end);
serve(["j"], Jobs, _) -> {listed(Jobs), Jobs};
serve(["s"], Jobs, Start) -> started({shell, start, []}, Jobs, Start);
serve(["s", Module], Jobs, Start) ->
    started({as_atom(Module), start, []}, Jobs, Start);
serve(["r" | Where], Jobs, Start) -> remote(Where, is_alive(), Jobs, Start);
serve(["q"], Jobs, _) ->
    case erlang:system_info(break_ignored) of
        true -> {"Unknown command\n", Jobs};
        false -> halt()
    end;
serve([Help], Jobs, _) when Help =:= "h"; Help =:= "?" -> {help(), Jobs};
serve(_, Jobs, _) -> {"Unknown command\n", Jobs}.

with_job([], #jobs{current = {N, _}} = Jobs, Fun) -> with_number(N, Jobs, Fun);
with_job([Text], Jobs, Fun) ->
    case string:to_integer(Text) of
        {N, ""} -> with_number(N, Jobs, Fun);
        _ -> {"Illegal input\n", Jobs}
    end;
with_job(_, Jobs, _) -> {"Unknown command\n", Jobs}.

with_number(N, #jobs{list = List} = Jobs, Fun) ->
    case lists:keyfind(N, #job.number, List) of
        #job{shell = Shell} = Job when Shell =/= none -> Fun(Job);
        _ -> {"Unknown job\n", Jobs}
    end.

listed(#jobs{current = {N, _}, list = List}) ->
    [io_lib:format("~4w~s ~w\n", [M, case M of N -> "*"; _ -> " " end, Shell])
     || #job{number = M, shell = Shell} <- List, Shell =/= none].

started(Shell, Jobs, Start) -> {"", add(Start(Shell), Shell, Jobs)}.

remote(_, false, Jobs, _) -> {remote_refused(), Jobs};
remote([], true, Jobs, Start) ->
    remote([atom_to_list(node())], true, Jobs, Start);
remote([Node], true, Jobs, Start) -> remote([Node, "shell"], true, Jobs, Start);
remote([Node, Module | _], true, Jobs, Start) ->
    started({as_atom(Node), as_atom(Module), start, []}, Jobs, Start).

%% 'a@b-c' as it is printed, or without its quotes.
as_atom(Word) ->
    case erl_scan:string(Word) of
        {ok, [{atom, _, Atom}], _} -> Atom;
        _ -> list_to_atom(Word)
    end.

remote_refused() ->
    "Not alive: a remote shell needs a node with a name, which this has not\n".

help() ->
    ["  c [nn]            - connect to job\n",
     "  i [nn]            - interrupt job\n",
     "  k [nn]            - kill job\n",
     "  j                 - list all jobs\n",
     "  s [shell]         - start local shell\n",
     "  r [node [shell]]  - start remote shell\n",
     [ "  q                 - quit erlang\n"
       || not erlang:system_info(break_ignored) ],
     "  ? | h             - this message\n"].
