%% SPDX-License-Identifier: Apache-2.0
%% only merle
%% A trace of this node by ttb: to a log, fetched and formatted; shown at once; by
%% short names; what is kept of it.
%% expect: {ok,[nonode@nohost]}
%% expect: [{named,call,call},{named,return_from,"called"},end_of_trace]
%% expect: [tracer,p,tpl]
%% expect: [[mine],["trace"]]
%% expect: {error,[{ok,stopped},{ok,stopped}]}
%% expect: [{'_',[],[{set_seq_token,send,true}]}]
%% expect: {error,enoent}
-module(ttb_test).
-export([main/0, called/0]).

called() -> "called".

main() ->
    register(ttb_test, self()),
    Self = self(),
    Handle = fun(_, end_of_trace, _, Done) ->
                     Self ! lists:reverse([end_of_trace | Done]);
                (_, {trace_ts, {_, ttb_test, _}, What, _, Result, _}, Info,
                 Done) ->
                     put(info, Info),
                     [{named, What, Result} | Done];
                (_, {trace_ts, {_, ttb_test, _}, What, _, _}, _, Done) ->
                     [{named, What, What} | Done]
             end,
    show(ttb:tracer(node(), [{file, "trace"}, {handler, {Handle, []}}])),
    {ok, [{Self, [_]}]} = ttb:p(Self, call),
    {ok, _} = ttb:tpl(?MODULE, called, return),
    ok = ttb:write_trace_info(mine, fun() -> mine end),
    ?MODULE:called(),
    History = [F || {_, {ttb, F, _}} <- ttb:list_history()],
    ok = ttb:write_config("config", all),
    {stopped, Dir} = quietly(fun() -> ttb:stop([return_fetch_dir]) end),
    ok = ttb:format(Dir),
    receive Messages -> show(Messages) end,
    show(History),
    Info = get(info),
    {_, [{"trace", none}]} = lists:keyfind(client, 1, Info),
    show([element(2, lists:keyfind(mine, 1, Info)),
          [element(1, C) || C <- element(2, lists:keyfind(client, 1, Info))]]),
    Stop = fun() -> {ok, ttb:stop([nofetch])} end,
    {'EXIT', _} = (catch ttb:tracer(node(), [{file, "t"}, shell])),
    show({element(1, ttb:list_config("nothing")),
          [quietly(fun() -> ttb:run_config("config"), Stop() end),
           quietly(fun() -> ttb:tracer(dbg), Stop() end)]}),
    show(ttb:seq_trigger_ms(send)),
    show(quietly(fun() -> ttb:format("missing", [{out, "none"}]) end)).

%% Without what it says.
quietly(Fun) ->
    Leader = group_leader(),
    {ok, Null} = file:open("said", [write]),
    group_leader(Null, self()),
    Result = Fun(),
    group_leader(Leader, self()),
    file:close(Null),
    Result.

show(Term) -> io:format("~p~n", [Term]).
