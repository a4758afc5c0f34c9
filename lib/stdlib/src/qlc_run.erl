%% SPDX-License-Identifier: Apache-2.0
%% qlc_run: evaluates plans.
%%
%% Objects are [], [Object | Objects] or a function that gives more of them;
%% any other term is an error of a table and becomes the answer. What is to be
%% undone in the end (tables, files, post functions) is kept in the process
%% dictionary, by evaluation.
-module(qlc_run).

-export([with/1, open/2, all/1, fold/3, failed/1, later/2, finish/1]).
-export([next/2]).

-include("qlc.hrl").

-define(UNDO(Run), {'$qlc_undo', Run}).

%% ---- Evaluations ----

%% [Fun] gets an evaluation; all that it opened is closed in the end.
-spec with(fun((reference()) -> T)) -> T | {error, module(), term()}.
with(Fun) ->
    Run = make_ref(),
    put(?UNDO(Run), []),
    try Fun(Run)
    catch throw:{?MODULE, Error} -> Error
    after finish(Run)
    end.

%% Ends the evaluation that qlc:e and the like are in: [Error] is their answer.
-spec failed(term()) -> no_return().
failed(Error) -> throw({?MODULE, Error}).

%% [Fun] is called when [Run] ends; the last comes first.
-spec later(reference(), fun(() -> term()) | undefined) -> ok.
later(Run, Fun) ->
    put(?UNDO(Run), [Fun | get(?UNDO(Run))]),
    ok.

-spec finish(reference()) -> ok.
finish(Run) ->
    case erase(?UNDO(Run)) of
        undefined -> ok;
        Funs -> undo(Funs)
    end.

undo(Funs) -> lists:foreach(fun(F) -> is_function(F) andalso catch F() end, Funs).

%% All objects, in a list.
all([]) -> [];
all([Object | More]) -> [Object | all(More)];
all(More) ->
    case More() of
        Objects when is_list(Objects); is_function(Objects) -> all(Objects);
        Error -> failed(Error)
    end.

fold(_, Acc, []) -> Acc;
fold(Fun, Acc, [Object | More]) -> fold(Fun, Fun(Object, Acc), More);
fold(Fun, Acc, More) ->
    case More() of
        Objects when is_list(Objects); is_function(Objects) ->
            fold(Fun, Acc, Objects);
        Error -> Error
    end.

%% [Fun] gets the objects as soon as there is one, or the end: [] or [_ | _];
%% an error is the answer.
-spec next(term(), fun((list()) -> T)) -> T | term().
next(Objects, Fun) when is_list(Objects) -> Fun(Objects);
next(More, Fun) ->
    case More() of
        Objects when is_list(Objects); is_function(Objects) ->
            next(Objects, Fun);
        Error -> Error
    end.

%% ---- Opening a plan ----

%% The objects of [Plan], as far as they can be had without asking for any.
-spec open(#plan{}, reference()) -> term().
open(Plan, Run) ->
    {Objects, _} = start(Plan, Run),
    Objects.

%% {Objects, Emptied}: functions to call when all objects have been read and
%% are kept elsewhere.
start(#plan{source = {list, List}}, _) -> {List, []};
start(#plan{source = {filter, {objects, List}, MatchSpec}}, _) ->
    {selected(List, MatchSpec), []};
start(#plan{source = {filter, Plan, MatchSpec}}, Run) ->
    {Objects, Emptied} = start(Plan, Run),
    {selected(Objects, MatchSpec), Emptied};
start(#plan{source = {table, Table, Access}}, Run) ->
    Objects = table(Table, Access),
    later(Run, Table#qlc_table.post),
    {Objects, []};
start(#plan{source = {append, Plans}}, Run) ->
    {Parts, Emptied} = lists:unzip([start(P, Run) || P <- Plans]),
    {fun() -> one_after_another(Parts) end, lists:append(Emptied)};
start(#plan{source = {sort, #qlc_sort{handle = Plan} = Sort}}, Run) ->
    {Objects, Emptied} = start(Plan, Run),
    {qlc_sort:sorted(Objects, Sort, Run), Emptied};
start(#plan{source = {keep, Keep, _, _, Plan}}, Run) ->
    {Objects, Emptied} = start(Plan, Run),
    qlc_keep:kept(Objects, Keep, Emptied, Run);
start(#plan{source = {query, #query{code = Code, first = First} = Query}}, Run) ->
    {States, State, Emptied} = states(Query, Run),
    qlc_keep:kept(fun() -> Code(State, First, States) end, Query#query.keep,
                  Emptied, Run).

selected([], _) -> [];
selected(Objects, MatchSpec) ->
    ets:match_spec_run(Objects, ets:match_spec_compile(MatchSpec)).

one_after_another([]) -> [];
one_after_another([Last]) when is_list(Last) -> Last;
one_after_another([Objects | Rest]) ->
    next(Objects, fun([]) -> one_after_another(Rest);
                     ([Object | More]) -> [Object | followed(More, Rest)]
                  end).

followed([Object | More], Rest) -> [Object | followed(More, Rest)];
followed(More, Rest) -> fun() -> one_after_another([More | Rest]) end.

%% ---- Tables ----

table(#qlc_table{traverse = Traverse} = Table, Access) ->
    Parent = get_parent(),
    Value = parent_value(Table#qlc_table.parent, Parent),
    Stop = case Parent of
               none -> undefined;
               _ ->
                   Cursor = {qlc_cursor, {self(), Parent}},
                   fun() -> qlc:delete_cursor(Cursor) end
           end,
    case Table#qlc_table.pre of
        undefined -> ok;
        Pre -> Pre([{parent_value, Value}, {stop_fun, Stop}])
    end,
    case Access of
        {lookup, Position, Keys, MatchSpec} ->
            looked_up((Table#qlc_table.lookup)(Position, Keys), MatchSpec);
        {select, MatchSpec} -> fun() -> Traverse(MatchSpec) end;
        all when Table#qlc_table.selects ->
            fun() -> Traverse([{'$1', [], ['$1']}]) end;
        all -> Traverse
    end.

looked_up(Objects, none) when is_list(Objects); is_function(Objects) ->
    Objects;
looked_up(Objects, MatchSpec) when is_list(Objects) ->
    selected(Objects, MatchSpec);
looked_up(Error, _) -> failed(Error).

%% In the process of a cursor the parent function runs in the parent.
parent_value(undefined, _) -> undefined;
parent_value(Fun, none) -> Fun();
parent_value(Fun, Parent) -> qlc_cursor:ask_parent(Parent, Fun).

get_parent() ->
    case get('$qlc_cursor_of') of
        undefined -> none;
        Parent -> Parent
    end.

%% ---- Queries ----

%% {Table of states, First state, Emptied}. The code of a query finds the next
%% state there: slots of a filter are {state when false, when true}, those of
%% a generator {when it has no more, when it has an object, its objects}, and
%% the slot of the template is the state that goes on.
states(#query{qualifiers = Qualifiers0, join = Join}, Run) ->
    {Opened, Emptied} = lists:mapfoldl(
        fun({No, Slot, State, {gen, #plan{} = Plan}}, Found) ->
                {Objects, New} = start(Plan, Run),
                {{No, Slot, State, {objects, Objects}}, Found ++ New};
           (Qualifier, Found) -> {Qualifier, Found}
        end, [], Qualifiers0),
    {Qualifiers, EmptiedToo} = join(Join, Opened, Run),
    Slots = lists:keysort(1, slots(Qualifiers, 0)),
    Table = list_to_tuple(lists:append([S || {_, S} <- Slots])),
    {Table, qlc_plan:state_after(Qualifiers), Emptied ++ EmptiedToo}.

slots([], Back) -> [{1, [Back]}];
slots([{_, Slot, ?SKIP, fil} | Rest], Back) ->
    [{Slot, [?SKIP, ?SKIP]} | slots(Rest, Back)];
slots([{_, Slot, _, fil} | Rest], Back) ->
    [{Slot, [Back, qlc_plan:state_after(Rest)]} | slots(Rest, Back)];
slots([{_, Slot, State, {objects, Objects}} | Rest], Back) ->
    [{Slot, [Back, qlc_plan:state_after(Rest), Objects]}
     | slots(Rest, State + 1)];
slots([{_, Slot, _, _} | Rest], Back) ->
    [{Slot, [?SKIP, ?SKIP, ?SKIP]} | slots(Rest, Back)].

%% The qualifier of the join takes the place of the first generator that it
%% joins; the slots of both are there, but no state leads to them.
join(none, Qualifiers, _) -> {Qualifiers, []};
join(#join{from = From, to = To, settings = Settings} = Join, Qualifiers, Run) ->
    {{No, Slot, State, {gen, {join, _, Q1, Q2, Wrap1, Wrap2, _}}}, Reverse} =
        qlc_plan:joined(From, To, Qualifiers),
    {_, _, _, {objects, Objects1}} = lists:keyfind(Q1, 1, Qualifiers),
    {_, _, _, {objects, Objects2}} = lists:keyfind(Q2, 1, Qualifiers),
    Sides = case Reverse of
                false -> {Wrap1(Objects1), Wrap2(Objects2)};
                true -> {Wrap2(Objects2), Wrap1(Objects1)}
            end,
    Pairs = fun() -> qlc_join:pairs(Join, Sides, Reverse, Run) end,
    Keep = #keep{unique = Settings#qlc_opt.unique,
                 cache = Settings#qlc_opt.cache, settings = Settings},
    {Objects, Emptied} = qlc_keep:kept(Pairs, Keep, [], Run),
    {lists:flatmap(
        fun({Q, S, _, _}) when Q =:= Q1 ->
                [{No, Slot, State, {objects, Objects}}, {0, S, 0, unused}];
           ({Q, S, _, _}) when Q =:= Q2 -> [{0, S, 0, unused}];
           ({Q, _, _, _}) when Q =:= No -> [];
           (Qualifier) -> [Qualifier]
        end, Qualifiers), Emptied}.
