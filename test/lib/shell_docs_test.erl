%% SPDX-License-Identifier: Apache-2.0
%% shell_docs: elements of documentation as text, and what is not there.
%% expect: <<"\n\tm\n\n  One two, and a longer\n  sentence that does not\n  fit.\n\n   * first\n\n   * second\n">>
%% expect: <<"\n  f(X)\n\nSince:\n  OTP 9\n\n  Gives X.\n\n    f(1).\n    1\n">>
%% expect: {error,function_missing}
%% expect: [{p,[],[{em,[],[<<"a ">>,{code,[],[<<"b ">>]},<<"c">>]}]}]
%% expect: {invalid_tag,blink,[]}
-module(shell_docs_test).
-export([main/0]).

-include_lib("kernel/include/eep48.hrl").

main() ->
    D = #docs_v1{module_doc = #{<<"en">> =>
            [{p, [], [<<"One  two,\nand a longer sentence that does not fit.">>]},
             {ul, [], [{li, [], [<<"first">>]}, {li, [], [<<"second">>]}]}]},
            docs = [{{function, f, 1}, 1, [<<"f(X)">>],
                     #{<<"en">> => [{p, [], [<<"Gives X.">>]},
                                    {pre, [], [<<"f(1).\n1\n">>]}]},
                     #{since => <<"OTP 9">>}}]},
    Config = #{ansi => false, columns => 36, encoding => latin1},
    show(shell_docs:render(m, D, Config)),
    show(shell_docs:render(m, f, 1, D, Config)),
    print(shell_docs:render(m, g, 1, D, Config)),
    print(shell_docs:normalize([{p, [], [{em, [], [<<" a ">>,
              {code, [], [<<" b  ">>]}, <<" c">>]}]}])),
    print(catch shell_docs:validate(
        D#docs_v1{module_doc = #{<<"en">> => [{blink, [], []}]}})).

%% Spaces that do not break count as spaces here.
show(Text) ->
    print(unicode:characters_to_binary(
            string:replace(Text, [160], " ", all))).

print(X) -> io:format("~1000p~n", [X]).
