%% SPDX-License-Identifier: Apache-2.0
%% In which order the parts of records are computed.
-module(record_order).
-export([main/0]).

-record(r, {a, b = said(default), c}).

main() ->
    [p(F) || F <- [fun made/0, fun filled/0, fun updated/0, fun one/0]].

p(F) ->
    put(said, []),
    R = F(),
    io:format("~w ~w~n", [lists:reverse(get(said)), R]).

said(X) ->
    put(said, [X | get(said)]),
    X.

made() -> #r{c = said(3), a = said(1)}.

filled() -> #r{b = said(2), _ = said(other)}.

updated() -> (said(#r{a = 0, b = 0, c = 0}))#r{c = said(3), b = said(2)}.

one() -> (said(#r{a = 0, b = 0, c = 0}))#r{a = said(1)}.

%% expect: [1,default,3] {r,1,default,3}
%% expect: [other,2,other] {r,other,2,other}
%% expect: [3,2,{r,0,0,0}] {r,0,2,3}
%% expect: [1,{r,0,0,0}] {r,1,0,0}
