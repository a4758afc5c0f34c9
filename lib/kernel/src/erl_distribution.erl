%% SPDX-License-Identifier: Apache-2.0
%% erl_distribution: the supervisor of what connects this node to others: the
%% client of epmd, the cookies, net_kernel. It starts with the node when that
%% was given a name, or later, by net_kernel:start/2. A node that is alone has
%% none of it.
-module(erl_distribution).
-behaviour(supervisor).

-export([start_link/0, start_link/1, start/1, stop/0, init/1]).

start_link() ->
    case application:get_env(kernel, start_distribution) of
        {ok, false} -> ignore;
        _ -> start_named([{sname, shortnames}, {name, longnames}])
    end.

start_named([{Flag, Domain} | Rest]) ->
    case init:get_argument(Flag) of
        {ok, [[Name] | More]} ->
            More =/= [] andalso
                logger:log(warning, "Multiple -~p given to erl, using the "
                           "first, ~p", [Flag, Name]),
            start_link(#{name => list_to_atom(Name), name_domain => Domain,
                         clean_halt => true, supervisor => net_sup});
        {ok, [Bad | _]} ->
            logger:log(error, "Invalid -~p given to erl, ~ts",
                       [Flag, lists:join(" ", Bad)]),
            start_named(Rest);
        error -> start_named(Rest)
    end;
start_named([]) -> ignore.

start_link(Options) ->
    supervisor:start_link({local, net_sup}, ?MODULE, Options).

start(Options) ->
    Own = Options#{clean_halt => false, supervisor => net_sup_dynamic},
    supervisor:start_child(
      kernel_sup,
      #{id => net_sup_dynamic, start => {?MODULE, start_link, [Own]},
        restart => permanent, shutdown => 1000, type => supervisor,
        modules => [?MODULE]}).

%% What the command line has started stays.
stop() ->
    case supervisor:terminate_child(kernel_sup, net_sup_dynamic) of
        ok -> supervisor:delete_child(kernel_sup, net_sup_dynamic);
        Error ->
            case whereis(net_sup) of
                undefined -> Error;
                _ -> {error, not_allowed}
            end
    end.

init(Options) ->
    Module = net_kernel:epmd_module(),
    Epmd = case init:get_argument(no_epmd) of
               {ok, _} -> [];
               error -> [worker(Module, [])]
           end,
    {ok, {#{strategy => one_for_all, intensity => 0, period => 1},
          Epmd ++ [worker(auth, []), worker(net_kernel, [Options])]}}.

worker(Module, Args) ->
    #{id => Module, start => {Module, start_link, Args},
      restart => permanent, shutdown => 2000, type => worker,
      modules => [Module]}.
