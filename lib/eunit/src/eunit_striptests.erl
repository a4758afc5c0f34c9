%% SPDX-License-Identifier: Apache-2.0
%% Leaves out the test functions that a module does not export itself.
-module(eunit_striptests).

-export([parse_transform/2]).

parse_transform(Forms, Options) ->
    Exports = lists:append([Es || {attribute, _, export, Es} <- Forms]),
    [F || F <- Forms, is_kept(F, Exports, Options)].

is_kept({function, _, eunit_wrapper_, 1, _}, _, _) ->
    false;
is_kept({function, _, Name, 0, _}, Exports, Options) ->
    lists:member({Name, 0}, Exports)
        orelse not eunit_autoexport:is_test(Name, Options);
is_kept(_, _, _) ->
    true.
