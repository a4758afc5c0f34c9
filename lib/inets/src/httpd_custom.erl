%% SPDX-License-Identifier: Apache-2.0
%% httpd_custom: headers as a program's own module wants them, which the
%% property customize names. It may leave out any of the three functions.
-module(httpd_custom).

-export([request/2, response/2, defaults/1]).

%% Headers of requests and answers that pass through request_header/1 and
%% response_header/1: {true, Header} or false for each.
request(Module, Headers) -> pass(Module, request_header, Headers).
response(Module, Headers) -> pass(Module, response_header, Headers).

pass(none, _, Headers) -> Headers;
pass(Module, Function, Headers) ->
    lists:filtermap(fun({Name, Value} = Header) ->
                            case called(Module, Function,
                                        [{string:lowercase(Name), Value}]) of
                                {true, {N, V}} ->
                                    {true, {string:lowercase(N), V}};
                                false -> false;
                                _ -> {true, Header}
                            end
                    end, Headers).

%% Headers that every answer has if it does not say anything else.
defaults(none) -> [];
defaults(Module) ->
    case called(Module, response_default_headers, []) of
        Headers when is_list(Headers) ->
            [{string:lowercase(N), V} || {N, V} <- Headers, is_list(N),
                                         is_list(V)];
        _ -> []
    end.

called(Module, Function, Args) ->
    try apply(Module, Function, Args)
    catch _:_ -> failed
    end.
