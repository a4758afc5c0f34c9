%% SPDX-License-Identifier: Apache-2.0
%% Ready-made filters. A filter answers the event, stop, or ignore.
-module(logger_filters).

-export([domain/2, level/2, progress/2, remote_gl/2]).

-define(IS_ACTION(A), A =:= log orelse A =:= stop).

domain(#{meta := Meta} = Event, {Action, Compare, Domain})
  when ?IS_ACTION(Action),
       Compare =:= super orelse Compare =:= sub orelse Compare =:= equal
       orelse Compare =:= not_equal orelse Compare =:= undefined,
       is_list(Domain) orelse Compare =:= undefined ->
    on_match(matches(Compare, maps:get(domain, Meta, undefined), Domain),
             Action, Event);
domain(Event, Extra) -> error(badarg, [Event, Extra]).

matches(undefined, Domain, _) -> Domain =:= undefined;
matches(not_equal, Domain, Other) -> Domain =/= Other;
matches(_, undefined, _) -> false;
matches(equal, Domain, Other) -> Domain =:= Other;
matches(super, Domain, Other) -> is_prefix(Domain, Other);
matches(sub, Domain, Other) -> is_prefix(Other, Domain).

is_prefix(A, B) -> is_list(A) andalso is_list(B) andalso lists:prefix(A, B).

level(#{level := Level} = Event, {Action, Operator, Other})
  when ?IS_ACTION(Action) ->
    Allowed = case Operator of
                  eq -> [eq];
                  neq -> [lt, gt];
                  lt -> [lt];
                  gt -> [gt];
                  lteq -> [lt, eq];
                  gteq -> [gt, eq];
                  _ -> error(badarg, [Event, {Action, Operator, Other}])
              end,
    on_match(lists:member(logger:compare_levels(Level, Other), Allowed),
             Action, Event);
level(Event, Extra) -> error(badarg, [Event, Extra]).

progress(Event, Action) when ?IS_ACTION(Action) ->
    Is = case Event of
             #{msg := {report, #{label := {_, progress}}}} -> true;
             _ -> false
         end,
    on_match(Is, Action, Event);
progress(Event, Action) -> error(badarg, [Event, Action]).

remote_gl(Event, Action) when ?IS_ACTION(Action) ->
    Is = case Event of
             #{meta := #{gl := Leader}} -> node(Leader) =/= node();
             _ -> false
         end,
    on_match(Is, Action, Event);
remote_gl(Event, Action) -> error(badarg, [Event, Action]).

on_match(true, log, Event) -> Event;
on_match(true, stop, _) -> stop;
on_match(false, _, _) -> ignore.
