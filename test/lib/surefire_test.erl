%% SPDX-License-Identifier: Apache-2.0
%% The report of tests for build servers.
%% expect: <?xml version="1.0" encoding="UTF-8" ?>
%% expect: <testsuite tests="3" failures="0" errors="1" skipped="0" time="T" name="a suite">
%% expect:   <testcase time="T" name="surefire_test:0 -main/0-fun-2- (good &amp; well)">
%% expect:     <system-out>
%% expect:     </system-out>
%% expect:   </testcase>
%% expect:   <testcase time="T" name="surefire_test:0 -main/0-fun-1- (it &lt;breaks&gt;)">
%% expect:     <error type="error">
%% expect:     </error>
%% expect:     <system-out>
%% expect:     </system-out>
%% expect:   </testcase>
%% expect:   <testcase time="T" name="surefire_test:0 -main/0-fun-0- (it says so)">
%% expect:     <system-out>said "this"
%% expect:     </system-out>
%% expect:   </testcase>
%% expect: </testsuite>
-module(surefire_test).
-export([main/0]).

main() ->
    Tests = {"a suite",
             [{"good & well", fun() -> ok end},
              {"it <breaks>", fun() -> error(bad) end},
              {"it says so", fun() -> io:format("said \"this\"~n") end}]},
    _ = eunit:test(Tests, [no_tty, {report, {eunit_surefire, [{dir, "out"}]}}]),
    {ok, Bytes} = file:read_file("out/TEST-a_suite.xml"),
    %% neither times nor traces are the same twice
    Lines = [re:replace(L, "time=\"[0-9.]+\"", "time=\"T\"", [{return, list}])
             || L <- string:split(binary_to_list(Bytes), "\n", all)],
    [io:format("~ts~n", [L])
     || L <- Lines, L =/= "", hd(string:trim(L ++ " ")) =:= $<].
