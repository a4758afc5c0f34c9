%% SPDX-License-Identifier: Apache-2.0
%% Functions that came with OTP 28.
%% only merle: OTP has them since 28
%% expect: [<<>>,<<"a">>,<<"a, b">>]
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: {error,badarg}
%% expect: 1704067200000
%% expect: -31536000
%% expect: {error,function_clause}
%% expect: {{2024,1,1},{0,0,0}}
%% expect: 0
%% expect: <<"1970-01-01T00:00:00Z">>
%% expect: 0
%% expect: true
%% expect: {error,badarg}
-module(otp28_data).
-export([main/0]).

main() ->
    show(fun() -> [binary:join(L, <<", ">>) || L <- [[], [<<"a">>], [<<"a">>,
                  <<"b">>]]] end),
    show(fun() -> binary:join([<<"a">> | b], <<>>) end),
    show(fun() -> binary:join([<<1:1>>], <<>>) end),
    show(fun() -> binary:join([], x) end),
    show(fun() -> calendar:universal_time_to_system_time({{2024, 1, 1}, {0, 0,
                  0}}, [{unit, millisecond}]) end),
    show(fun() -> calendar:universal_time_to_system_time({{1969, 1, 1}, {0, 0,
                  0}}) end),
    show(fun() -> calendar:universal_time_to_system_time(x) end),
    show(fun() -> calendar:system_time_to_local_time(calendar:local_time_to_system_time({{2024,
                  1, 1}, {0, 0, 0}}), second) end),
    show(fun() -> calendar:local_time_to_system_time({{2024, 1, 1}, {0, 0, 0}},
                  [{unit, microsecond}]) rem 900000000 end),
    show(fun() -> calendar:system_time_to_rfc3339(0, [{return, binary}, {offset,
                  "Z"}]) end),
    show(fun() -> calendar:rfc3339_to_system_time(<<"1970-01-01T00:00:00Z">>)
                  end),
    show(fun() -> begin All = fun All(I) -> case erlang:processes_next(I) of {P,
                  J} -> [P | All(J)]; none -> [] end end,
                  lists:sort(processes()) =:=
                  lists:sort(All(erlang:processes_iterator())) end end),
    show(fun() -> erlang:processes_next(x) end).

show(Fun) ->
    Answer = try Fun()
             catch Class:Reason -> {Class, Reason}
             end,
    io:format("~0tp~n", [Answer]).
