%% SPDX-License-Identifier: Apache-2.0
%% ttb_session: what ttb keeps from call to call: the nodes that are traced with
%% their logs, the history, timers. The process also writes the trace
%% information of nodes whose logs lie here.
-module(ttb_session).
-behaviour(gen_server).

-export([ensure/0, stop/0, nodes/0, open/2, add/2, note/1, history/0, set/2, get/2,
         begin_timer/0, pid/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% [logs]: Node => what ttb knows of its log.
-record(session, {logs = [] :: [{node(), map()}],
                  history = [] :: [{module(), atom(), [term()]}], % last first
                  files = #{} :: #{node() => file:io_device()},
                  values = #{} :: map()}).

ensure() ->
    case gen_server:start({local, ttb}, ?MODULE, [], []) of
        {ok, Pid} -> Pid;
        {error, {already_started, Pid}} -> Pid
    end.

pid() -> whereis(ttb).

stop() ->
    case whereis(ttb) of
        undefined -> ok;
        _ -> gen_server:stop(ttb)
    end.

%% A session that has not begun has nothing.
call(Request, Default) ->
    try gen_server:call(ttb, Request, infinity)
    catch exit:{noproc, _} -> Default
    end.

-spec nodes() -> [{node(), map()}].
nodes() -> call(nodes, []).

%% The file for the information of a node whose log lies here.
-spec open(node(), map()) -> ok.
open(Node, Log) -> call({open, Node, Log}, ok).

-spec add(node(), map()) -> ok.
add(Node, Log) -> call({add, Node, Log}, ok).

%% Adds a call to the history.
-spec note({atom(), [term()]}) -> ok.
note({F, Args}) -> call({note, {ttb, F, Args}}, ok).

-spec history() -> [{pos_integer(), {module(), atom(), [term()]}}].
history() -> call(history, []).

set(Key, Value) -> call({set, Key, Value}, ok).
get(Key, Default) -> call({get, Key, Default}, Default).

%% The time that is set runs from the first call of ttb:p/2 on.
begin_timer() -> call(begin_timer, ok).

init([]) -> {ok, #session{}}.

handle_call(nodes, _, #session{logs = Logs} = S) ->
    {reply, Logs, S};
handle_call({open, Node, Log}, _, #session{files = Files} = S) ->
    {reply, ok, S#session{files = open(Node, Log, Files)}};
handle_call({add, Node, Log}, _, #session{logs = Logs} = S) ->
    {reply, ok, S#session{logs = Logs ++ [{Node, Log}]}};
handle_call({note, Call}, _, #session{history = History} = S) ->
    {reply, ok, S#session{history = [Call | History]}};
handle_call(history, _, #session{history = History} = S) ->
    {reply, lists:enumerate(lists:reverse(History)), S};
handle_call({set, Key, Value}, _, #session{values = Values} = S) ->
    {reply, ok, S#session{values = Values#{Key => Value}}};
handle_call({get, Key, Default}, _, #session{values = Values} = S) ->
    {reply, maps:get(Key, Values, Default), S};
handle_call(begin_timer, _, #session{values = Values} = S) ->
    case Values of
        #{timer := {Time, Options}} ->
            {ok, _} = timer:apply_after(Time, ttb, stop, [Options]),
            {reply, ok, S#session{values = maps:remove(timer, Values)}};
        _ -> {reply, ok, S}
    end.

handle_cast(_, S) -> {noreply, S}.

handle_info({item, Node, Item}, #session{files = Files} = S) ->
    case Files of
        #{Node := File} -> ok = file:write(File, ttb_node:pack(Item));
        _ -> ok
    end,
    {noreply, S};
handle_info(flush, #session{logs = Logs} = S) ->
    [dbg:flush_trace_port(Node) || {Node, _} <- Logs],
    {noreply, S};
handle_info(_, S) ->
    {noreply, S}.

open(Node, #{kind := local, information := Name}, Files) ->
    {ok, File} = file:open(Name, [write, raw, binary]),
    Files#{Node => File};
open(_, _, Files) -> Files.
