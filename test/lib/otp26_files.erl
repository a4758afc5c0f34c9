%% SPDX-License-Identifier: Apache-2.0
%% Newer functions of code and file.
%% only merle: OTP has them since 26 and 27
%% expect: [true,ok,ok,false,ok]
%% expect: {error,function_clause}
%% expect: {error,bad_directory}
%% expect: {error,function_clause}
%% expect: true
%% expect: {error,bad_name}
%% expect: {error,enoent}
%% expect: true
%% expect: {error,function_clause}
-module(otp26_files).
-export([main/0]).

main() ->
    show(fun() -> [code:add_path("/tmp", cache), code:add_pathsa(["/tmp"],
                  nocache), code:del_paths(["/tmp", "/none"]),
                  lists:member("/tmp", code:get_path()), code:clear_cache()]
                  end),
    show(fun() -> code:add_path("/tmp", foo) end),
    show(fun() -> code:add_patha("/nonexistent", cache) end),
    show(fun() -> code:del_paths(x) end),
    show(fun() -> code:set_path(code:get_path(), cache) end),
    show(fun() -> code:replace_path(stdlib, "/nonexistent", cache) end),
    show(fun() -> file:read_file("/nonexistent", [raw]) end),
    show(fun() -> file:read_file("/etc/passwd", [raw]) =:=
                  file:read_file("/etc/passwd") end),
    show(fun() -> file:read_file(foo, x) end).

show(Fun) ->
    Answer = try Fun()
             catch Class:Reason -> {Class, Reason}
             end,
    io:format("~0tp~n", [Answer]).
