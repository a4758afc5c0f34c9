%% SPDX-License-Identifier: Apache-2.0
%% httpc_manager: a profile of the HTTP client: its options, its cookies, the
%% requests that are under way, each a process of its own.
-module(httpc_manager).
-behaviour(gen_server).

-export([start_link/1, whereis/1, name/1, call/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% requests: Ref => {Pid, Monitor}. cookies: [{Host, Path, Name, Value}].
-record(state, {options = default_options(), requests = #{}, cookies = []}).

start_link(Profile) ->
    gen_server:start_link({local, name(Profile)}, ?MODULE, [], []).

name(default) -> httpc_manager;
name(Profile) -> list_to_atom("httpc_" ++ atom_to_list(Profile)).

-compile({no_auto_import, [whereis/1]}).
whereis(Pid) when is_pid(Pid) -> Pid;
whereis(Profile) -> erlang:whereis(name(Profile)).

call(Profile, Request) ->
    case ?MODULE:whereis(Profile) of
        undefined -> {error, inets_not_started};
        Pid ->
            try gen_server:call(Pid, Request, infinity)
            catch exit:_ -> {error, inets_not_started}
            end
    end.

default_options() ->
    #{proxy => {undefined, []}, https_proxy => {undefined, []},
      pipeline_timeout => 0, max_pipeline_length => 2,
      max_keep_alive_length => 5, keep_alive_timeout => 120000,
      max_sessions => 2, cookies => disabled, verbose => false,
      ipfamily => inet, ip => default, port => default, socket_opts => [],
      unix_socket => undefined}.

init([]) ->
    process_flag(trap_exit, true),
    {ok, #state{}}.

%% {start, Run}: Run(Ref, Options) does the request, in its process.
handle_call({start, Run}, _, #state{requests = Rs, options = Options} = S) ->
    Ref = make_ref(),
    {Pid, Monitor} = spawn_monitor(fun() -> Run(Ref, Options) end),
    {reply, {ok, Ref}, S#state{requests = Rs#{Ref => {Pid, Monitor}}}};
handle_call({cancel, Ref}, _, #state{requests = Rs} = S) ->
    case maps:take(Ref, Rs) of
        {{Pid, Monitor}, Others} ->
            demonitor(Monitor, [flush]),
            exit(Pid, kill),
            {reply, ok, S#state{requests = Others}};
        error -> {reply, ok, S}
    end;
handle_call(options, _, S) -> {reply, {ok, S#state.options}, S};
handle_call({set_options, Given}, _, #state{options = Options} = S) ->
    {reply, ok, S#state{options = maps:merge(Options, maps:from_list(Given))}};
handle_call({store_cookies, Found}, _, #state{cookies = Cs} = S) ->
    Kept = [C || {H, P, N, _} = C <- Cs,
                 not lists:any(fun({H1, P1, N1, _}) ->
                                   {H1, P1, N1} =:= {H, P, N}
                               end, Found)],
    {reply, ok, S#state{cookies = Found ++ Kept}};
handle_call(reset_cookies, _, S) -> {reply, ok, S#state{cookies = []}};
handle_call(cookies, _, S) -> {reply, S#state.cookies, S};
handle_call(info, _, #state{requests = Rs} = S) ->
    {reply, [{handlers, [P || {P, _} <- maps:values(Rs)]}, {sessions, []},
             {options, maps:to_list(S#state.options)},
             {cookies, S#state.cookies}], S}.

handle_cast(_, S) -> {noreply, S}.

handle_info({'DOWN', Monitor, process, _, _}, #state{requests = Rs} = S) ->
    {noreply, S#state{requests = maps:filter(fun(_, {_, M}) -> M =/= Monitor end,
                                             Rs)}};
handle_info(_, S) -> {noreply, S}.
