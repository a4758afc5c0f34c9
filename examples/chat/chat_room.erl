%% SPDX-License-Identifier: Apache-2.0
%% The room: guests, and who hears what.
-module(chat_room).
-behaviour(gen_server).
-export([start/0, stop/0, enter/1, say/1, who/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

start() -> gen_server:start({local, ?MODULE}, ?MODULE, [], []).

stop() -> gen_server:stop(?MODULE).

%% The caller is in the room under this name until it ends.
enter(Name) -> gen_server:call(?MODULE, {enter, Name}).

%% All others get {heard, Name, Words}.
say(Words) -> gen_server:cast(?MODULE, {say, self(), Words}).

who() -> gen_server:call(?MODULE, who).

%% State: #{Pid => Name}
init([]) ->
    {ok, #{}}.

handle_call({enter, Name}, {Pid, _}, Guests) ->
    case lists:member(Name, maps:values(Guests)) of
        true ->
            {reply, {error, taken}, Guests};
        false ->
            monitor(process, Pid),
            tell({note, [Name, " has come"]}, Guests),
            {reply, ok, Guests#{Pid => Name}}
    end;
handle_call(who, _, Guests) ->
    {reply, lists:sort(maps:values(Guests)), Guests}.

handle_cast({say, Pid, Words}, Guests) ->
    tell({heard, maps:get(Pid, Guests), Words}, maps:remove(Pid, Guests)),
    {noreply, Guests}.

handle_info({'DOWN', _, process, Pid, _}, Guests) ->
    {Name, Rest} = maps:take(Pid, Guests),
    tell({note, [Name, " has left"]}, Rest),
    {noreply, Rest}.

tell(Message, Guests) ->
    [Pid ! Message || Pid <- maps:keys(Guests)],
    ok.
