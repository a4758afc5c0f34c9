%% SPDX-License-Identifier: Apache-2.0
%% The report of a test run as XML files, one a module, in the form of Maven's
%% Surefire, which build servers read.
%%
%% That form knows no groups within a suite: a test is told under the outermost
%% group it runs in, and that group is known by the first number of an id.
-module(eunit_surefire).

-export([start/0, start/1]).

-export([init/1, handle_begin/3, handle_end/3, handle_cancel/3, terminate/2]).

-record(suite, {id,
                name,
                time = 0,
                counts = #{ok => 0, failed => 0, aborted => 0, skipped => 0},
                tests = []}).     % the latest first

-record(test, {name,
               title = "",
               result,            % ok | {failed | aborted | skipped, Why}
               time = 0,
               output = <<>>}).

-record(report, {dir, suites = []}).

start() ->
    start([]).

start(Options) ->
    eunit_listener:start(?MODULE, Options).

init(Options) ->
    Dir = proplists:get_value(dir, Options, "."),
    %% A folder that cannot be made is said before the tests run, not after.
    make(filelib:ensure_dir(Dir)),
    make(file:make_dir(Dir)),
    receive
        {start, _} -> #report{dir = Dir}
    end.

make(ok) -> ok;
make({error, eexist}) -> ok;
make({error, _} = Error) -> throw(Error).

terminate({ok, _}, #report{dir = Dir, suites = Suites}) ->
    lists:foreach(fun(Suite) -> write_suite(Suite, Dir) end, Suites);
terminate({error, _}, _) ->
    ok. % the report on the terminal says why

%% ---- Events ----

%% A module with one test only begins no group: its test has the group's id.
handle_begin(_, Data, Report) ->
    case proplists:get_value(id, Data) of
        [Id] -> store(#suite{id = Id, name = proplists:get_value(desc, Data)},
                      Report);
        _ -> Report
    end.

handle_end(group, Data, Report) ->
    case proplists:get_value(id, Data) of
        [] -> Report;
        [Id | _] ->
            Suite = find(Id, Report),
            store(Suite#suite{time = proplists:get_value(time, Data)}, Report)
    end;
handle_end(test, Data, Report) ->
    Result = case proplists:get_value(status, Data) of
                 ok -> ok;
                 {error, Exception} -> failure(Exception);
                 {skipped, _} = Skipped -> Skipped
             end,
    add(Data, #test{name = test_name(Data),
                    result = Result,
                    time = proplists:get_value(time, Data),
                    output = proplists:get_value(output, Data)}, Report).

%% A cancelled group says nothing of its tests, but a fixture that failed is
%% told as a test of its own.
handle_cancel(group, Data, Report) ->
    case proplists:get_value(reason, Data) of
        {abort, {What, Exception}} when What =:= setup_failed;
                                        What =:= cleanup_failed ->
            Id = io_lib:format("~w", [proplists:get_value(id, Data)]),
            Name = case What of
                       setup_failed -> ["fixture setup ", Id];
                       cleanup_failed -> ["fixture cleanup ", Id]
                   end,
            add(Data, #test{name = Name, result = failure(Exception)}, Report);
        _ ->
            Report
    end;
handle_cancel(test, Data, Report) ->
    Why = proplists:get_value(reason, Data),
    add(Data, #test{name = test_name(Data), result = {skipped, Why}}, Report).

test_name(Data) ->
    {M, F, _} = proplists:get_value(source, Data),
    io_lib:format("~ts:~w ~ts", [M, proplists:get_value(line, Data), F]).

%% What an assertion says is a failure, every other exception an error.
failure({error, {Assertion, _}, _} = Exception)
  when Assertion =:= assertion_failed;
       Assertion =:= assertMatch_failed;
       Assertion =:= assertEqual_failed;
       Assertion =:= assertException_failed;
       Assertion =:= assertCmd_failed;
       Assertion =:= assertCmdOutput_failed ->
    {failed, Exception};
failure(Exception) ->
    {aborted, Exception}.

add(Data, Test, Report) ->
    [Id | _] = proplists:get_value(id, Data),
    #suite{tests = Tests, counts = Counts} = Suite = find(Id, Report),
    Kind = kind(Test#test.result),
    Title = title(proplists:get_value(desc, Data)),
    store(Suite#suite{tests = [Test#test{title = Title} | Tests],
                      counts = Counts#{Kind := map_get(Kind, Counts) + 1}},
          Report).

kind(ok) -> ok;
kind({Kind, _}) -> Kind.

title(undefined) -> "";
title(Title) -> text(Title).

find(Id, #report{suites = Suites}) ->
    #suite{} = lists:keyfind(Id, #suite.id, Suites).

store(#suite{id = Id} = Suite, #report{suites = Suites} = Report) ->
    Report#report{suites = lists:keystore(Id, #suite.id, Suites, Suite)}.

%% ---- Files ----

write_suite(#suite{name = Name, tests = Tests} = Suite, Dir) ->
    File = filename:join(Dir, "TEST-" ++ file_name(text(Name)) ++ ".xml"),
    Xml = ["<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n",
           suite_tag(Suite),
           [test_xml(T) || T <- lists:reverse(Tests)],
           "</testsuite>\n"],
    case file:write_file(File, unicode:characters_to_binary(Xml)) of
        ok -> ok;
        {error, _} = Error -> throw(Error)
    end.

%% "module 'm'" is m.xml; characters that disturb in a file's name go.
file_name("module '" ++ Name) -> file_name(Name);
file_name(Name) -> lists:flatmap(fun file_char/1, Name).

file_char($\s) -> "_";
file_char(C) when C =:= $/; C =:= $\\ -> ":";
file_char(C) when C =:= $'; C =:= $"; C < $!; C > $~ -> "";
file_char(C) -> [C].

suite_tag(#suite{name = Name, time = Time, counts = Counts}) ->
    #{failed := Failed, aborted := Aborted, skipped := Skipped} = Counts,
    Numbers = [{"tests", lists:sum(maps:values(Counts))},
               {"failures", Failed}, {"errors", Aborted},
               {"skipped", Skipped}],
    ["<testsuite",
     [[$\s, Key, "=\"", integer_to_list(N), $"] || {Key, N} <- Numbers],
     " time=\"", seconds(Time), "\" name=\"", escape_quotes(text(Name)),
     "\">\n"].

test_xml(#test{name = Name, title = Title} = T) ->
    Titled = case Title of
                 "" -> "";
                 _ -> [" (", escape_quotes(Title), ")"]
             end,
    ["  <testcase time=\"", seconds(T#test.time), "\" name=\"",
     escape_quotes(text(Name)), Titled, $",
     case T of
         #test{result = ok, output = <<>>} -> "/>\n";
         #test{result = Result, output = Output} ->
             [">\n", result_xml(Result),
              "    <system-out>", escape(text(Output)), "\n    </system-out>\n",
              "  </testcase>\n"]
     end].

result_xml(ok) -> "";
result_xml({skipped, timeout}) -> "    <skipped type=\"timeout\"/>\n";
result_xml({Kind, Why}) ->
    Tag = case Kind of
              failed -> "failure";
              aborted -> "error";
              skipped -> "skipped"
          end,
    {Type, Text} = explain(Kind, Why),
    ["    <", Tag, " type=\"", escape_quotes(text(Type)), "\">\n",
     escape(text(Text)), "    </", Tag, ">\n"].

explain(failed, {error, {Type, _}, _} = Exception) ->
    {atom_to_list(Type), exception(Exception)};
explain(aborted, {Class, _, _} = Exception) when is_atom(Class) ->
    {atom_to_list(Class), exception(Exception)};
explain(skipped, {abort, Error}) when is_tuple(Error) ->
    {atom_to_list(element(1, Error)), eunit_lib:format_error(Error)};
explain(skipped, {timeout, #{stacktrace := Stack}}) ->
    {"timeout", eunit_lib:format_waiting(Stack)};
explain(skipped, {Type, Term}) when is_atom(Type) ->
    {atom_to_list(Type), io_lib:write(Term)};
explain(_, Term) ->
    {"unknown", io_lib:write(Term)}.

exception(Exception) ->
    ["::", eunit_lib:format_exception(Exception, 100)].

%% Milliseconds as seconds with three decimals.
seconds(Time) ->
    io_lib:format("~w.~3..0w", [Time div 1000, Time rem 1000]).

%% Characters of what is text or the UTF-8 or Latin-1 bytes of it.
text(Text) when is_binary(Text) ->
    case unicode:characters_to_list(Text) of
        Chars when is_list(Chars) -> Chars;
        _ -> unicode:characters_to_list(Text, latin1)
    end;
text(Text) ->
    Chars = lists:flatten(Text),
    %% A list of bytes may be text that is encoded already.
    try text(list_to_binary(Chars))
    catch error:badarg -> Chars
    end.

escape_quotes(Text) ->
    [case C of $" -> "&quot;"; _ -> C end || C <- escape(Text)].

%% XML 1.0 knows no control character but these three.
escape(Text) ->
    lists:flatmap(fun($<) -> "&lt;";
                     ($>) -> "&gt;";
                     ($&) -> "&amp;";
                     (C) when C < $\s, C =/= $\n, C =/= $\r, C =/= $\t -> "";
                     (C) -> [C]
                  end, Text).
