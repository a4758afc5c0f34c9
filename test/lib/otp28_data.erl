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
%% expect: [<<"a b">>,<<208,128>>,<<208,128,10>>]
%% expect: {error,badarg}
%% expect: <<"[...]">>
%% expect: [<<123,97,44,39,120,208,128,39,44,99,125>>,<<"{a,'x\\x{400}',c}">>,<<"{a,...}">>]
%% expect: [[{34},{97},{92},{34},{98},{208},{128},{34}],[{34},{195},{169},{34}],[{34},{195},{131},{194},{169},{34}],[{97},{98},{92},{110}]]
%% expect: true
%% expect: {error,not_found}
%% expect: [{command_failed,"a\n",3},"a\n",{command_failed,[],250},{command_failed,"a\nb\n",1}]
%% expect: "he"
%% expect: "hello\n"
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
    show(fun() -> erlang:processes_next(x) end),
    show(fun() -> [io_lib:bformat(F, A) || {F, A} <- [{"~p ~s", [a, "b"]},
                  {"~ts", [[1024]]}, {<<"~ts~n">>, [[1024]]}]] end),
    show(fun() -> io_lib:bformat("~s", [[1024]]) end),
    show(fun() -> io_lib:bfwrite("~p", [[1, 2, 3]], [{chars_limit, 5}]) end),
    show(fun() -> [io_lib:bwrite({a, 'x\x{400}', c}, O) || O <- [[], [{encoding,
                  latin1}], [{depth, 2}]]] end),
    show(fun() -> [[{C} || <<C>> <= io_lib:bwrite_string(T, Q, E)] || {T, Q, E}
                  <- [{"a\"b\x{400}", $", unicode}, {<<195, 169>>, $", unicode},
                  {<<195, 169>>, $", latin1}, {"ab\n", [], unicode}]] end),
    show(fun() -> begin {ok, {code_server, P, worker, [code]}} =
                  supervisor:which_child(kernel_sup, code_server), P =:=
                  whereis(code_server) end end),
    show(fun() -> supervisor:which_child(kernel_sup, none) end),
    show(fun() -> [try os:cmd(C, #{exception_on_failure => true}) catch error:R
                  -> R end || C <- ["echo a; exit 3", "echo a", "exit 250",
                  "echo a; sleep 0.01; echo b; false"]] end),
    show(fun() -> os:cmd("echo hello; false", #{exception_on_failure => true,
                  max_size => 2}) end),
    show(fun() -> os:cmd("echo hello; false", #{exception_on_failure => false})
                  end).

show(Fun) ->
    Answer = try Fun()
             catch Class:Reason -> {Class, Reason}
             end,
    io:format("~0tp~n", [Answer]).
