%% SPDX-License-Identifier: Apache-2.0
%% Exports the test functions of a module, and gives it test/0.
-module(eunit_autoexport).

-export([parse_transform/2, is_test/2]).

%% Name and ending of an option that changes the ending.
-define(ENDINGS, [{eunit_test_suffix, "_test"},
                  {eunit_generator_suffix, "_test_"},
                  {eunit_export_suffix, "_exported_"}]).

parse_transform(Forms, Options) ->
    Tests = lists:usort([{Name, 0} || {function, _, Name, 0, _} <- Forms,
                                      is_test(Name, Options)]
                        ++ [{eunit_wrapper_, 1}
                            || {function, _, eunit_wrapper_, 1, _} <- Forms]),
    Own = [F || {function, _, test, 0, _} = F <- Forms],
    extend(Forms, Tests, Own).

%% Whether a function of no arguments called [Name] belongs to the tests.
is_test(Name, Options) ->
    Text = atom_to_list(Name),
    lists:any(fun({Option, Ending}) ->
                  lists:suffix(proplists:get_value(Option, Options, Ending),
                               Text)
              end, ?ENDINGS).

extend([{attribute, _, module, Name} = Head | Rest], Tests, Own) ->
    Module = case Name of {M, _Parameters} -> M; _ -> Name end,
    Anno = erl_anno:new(0),
    {Exports, Added} = case Own of
        [] -> {[{test, 0} | Tests], [test_function(Module, Anno)]};
        _ -> {Tests, []}
    end,
    [Head, {attribute, Anno, export, Exports} | before_eof(Rest, Added)];
extend([Form | Rest], Tests, Own) ->
    [Form | extend(Rest, Tests, Own)];
extend([], _, _) ->
    [].

before_eof([{eof, _} = End], Added) -> Added ++ [End];
before_eof([Form | Rest], Added) -> [Form | before_eof(Rest, Added)];
before_eof([], Added) -> Added.

test_function(Module, A) ->
    Call = {call, A, {remote, A, {atom, A, eunit}, {atom, A, test}},
            [{atom, A, Module}]},
    {function, A, test, 0, [{clause, A, [], [], [Call]}]}.
