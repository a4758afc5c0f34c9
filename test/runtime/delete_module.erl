%% SPDX-License-Identifier: Apache-2.0
%% Deleting the code of a module: there never was any, there is, there is old
%% code still, there is none any more.
-module(delete_module).
-export([main/0]).

%% expect: [undefined,true,badarg,true,true]
%% expect: [false,true,false,true,true]
main() ->
    logger:set_primary_config(level, none),
    {ok, M, Code} = compile:forms([{attribute, 1, module, deleted}]),
    Is = fun(Delete) ->
             Never = Delete(M),
             {module, M} = code:load_binary(M, "", Code),
             There = Delete(M),
             Old = Delete(M),
             code:purge(M),
             [Never, There, Old, Delete(M), Delete(M)]
         end,
    io:format("~w~n", [Is(fun(N) -> try erlang:delete_module(N)
                                    catch error:Reason -> Reason
                                    end
                          end)]),
    io:format("~w~n", [[code:delete(never_there)
                        | tl(Is(fun code:delete/1))]]).
