%% SPDX-License-Identifier: Apache-2.0
%% A file whose characters cannot be given out is at no known place any more:
%% its process ends, and says so to who asks next.
%% expect: {error,{no_translation,unicode,latin1}} false {error,terminated}
%% expect: {error,{no_translation,unicode,latin1}} false {error,terminated}
%% expect: {error,{no_translation,unicode,latin1}} false {error,terminated}
%% expect: {error,{no_translation,{utf16,big},latin1}} false {error,terminated}
-module(file_untranslated_test).
-export([main/0]).

main() ->
    Name = "/tmp/untranslated." ++ os:getpid(),
    try
        ok = file:write_file(Name, <<"д є\n"/utf8>>),
        [show(Name, [{encoding, utf8} | Options], Read)
         || {Options, Read} <-
                [{[binary], fun(F) -> file:read(F, 10) end},
                 {[binary], fun file:read_line/1},
                 {[], fun(F) -> io:request(F, {get_chars, latin1, '', 3}) end}]],
        ok = file:write_file(Name, <<"д є\n"/utf16>>),
        show(Name, [{encoding, utf16}, binary],
             fun(F) -> file:read(F, 10) end)
    after
        file:delete(Name)
    end.

show(Name, Options, Read) ->
    {ok, File} = file:open(Name, [read | Options]),
    Ref = monitor(process, File),
    Answer = Read(File),
    receive {'DOWN', Ref, _, _, _} -> ok after 5000 -> ok end,
    io:format("~p ~p ~p~n", [Answer, is_process_alive(File),
                             io:get_chars(File, '', 10)]).
