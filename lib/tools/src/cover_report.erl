%% SPDX-License-Identifier: Apache-2.0
%% cover_report: counts summed by line, clause, function or module, and written
%% beside the lines of the source, as text or as HTML.
-module(cover_report).

-export([sums/4, to_file/4]).

%% ---- Sums ----

%% [Counts]: {Key, Count} of a module.
-spec sums(coverage | calls, line | clause | function | module, module(),
           [{cover_code:key(), non_neg_integer()}]) -> term().
sums(Kind, line, _, Counts) ->
    lists:keysort(1, [{{M, L}, case Kind of
                                   calls -> N;
                                   coverage -> covered([N])
                               end} || {{bump, M, _, _, _, L}, N} <- Counts]);
sums(Kind, clause, _, Counts) ->
    [{{M, F, A, C}, case Kind of
                        calls -> hd(Ns); % those of its first line
                        coverage -> covered(Ns)
                    end}
     || {{M, F, A, C}, Ns} <- grouped([{{M, F, A, C}, N}
                                       || {{bump, M, F, A, C, _}, N}
                                              <- lists:keysort(1, Counts)])];
sums(Kind, function, Module, Counts) ->
    [{Key, add(Kind, Values)}
     || {Key, Values} <- grouped([{{M, F, A}, V}
                                  || {{M, F, A, _}, V}
                                         <- sums(Kind, clause, Module,
                                                 Counts)])];
sums(Kind, module, Module, Counts) ->
    {Module, case [V || {_, V} <- sums(Kind, function, Module, Counts)] of
                 [] -> {0, 0};
                 Values -> add(Kind, Values)
             end}.

%% The values of the same keys, which stand side by side.
grouped([{Key, V} | Pairs]) ->
    {Same, Rest} = lists:splitwith(fun({K, _}) -> K =:= Key end, Pairs),
    [{Key, [V | [V1 || {_, V1} <- Same]]} | grouped(Rest)];
grouped([]) -> [].

covered(Counts) ->
    Run = length([N || N <- Counts, N > 0]),
    {Run, length(Counts) - Run}.

add(calls, Values) -> lists:sum(Values);
add(coverage, Values) ->
    {lists:sum([A || {A, _} <- Values]), lists:sum([B || {_, B} <- Values])}.

%% ---- Files ----

%% {ok, File written}; [From]: what the module was compiled from.
to_file(Module, From, Counts, Options) ->
    Html = lists:member(html, Options),
    Out = case proplists:get_value(outfile, Options) of
              undefined ->
                  Name = atom_to_list(Module) ++ case Html of
                                                     true -> ".COVER.html";
                                                     false -> ".COVER.out"
                                                 end,
                  case proplists:get_value(outdir, Options) of
                      undefined -> Name;
                      Dir -> filename:join(Dir, Name)
                  end;
              File -> File
          end,
    case source(Module, From) of
        none -> {error, {no_source_code_found, Module}};
        Source -> write(Source, Out, lines(Counts), Html)
    end.

%% Counts of a line in more than one clause are added.
lines(Counts) ->
    lists:foldl(fun({{bump, _, _, _, _, L}, N}, Acc) ->
                        Acc#{L => N + maps:get(L, Acc, 0)}
                end, #{}, Counts).

%% Beside the .beam file, in the folder of sources beside that, or where the
%% compiler found it, first as seen from the .beam file.
source(Module, From) ->
    case filename:rootname(From, ".beam") of
        From -> From;
        Root ->
            Dir = filename:dirname(Root),
            Beside = [Root ++ ".erl",
                      filename:join([Dir, "..", "src",
                                     filename:basename(Root) ++ ".erl"])],
            first_file(Beside ++ told(Module, Dir))
    end.

told(Module, Dir) ->
    try proplists:get_value(source, Module:module_info(compile)) of
        undefined -> [];
        Source ->
            Parts = lists:reverse(filename:split(Source)),
            {Inner, Outer} = lists:splitwith(fun(P) -> P =/= "src" end, Parts),
            [filename:join([Dir, "..", "src" | lists:reverse(Inner)])
             || Outer =/= []] ++ [Source]
    catch
        error:undef -> [] % counts of it were imported
    end.

first_file(Files) ->
    case lists:search(fun filelib:is_regular/1, Files) of
        {value, File} -> File;
        false -> none
    end.

write(Source, Out, Counts, Html) ->
    case file:read_file(Source) of
        {ok, Text} ->
            Rows = rows(Text),
            Numbered = lists:zip(lists:seq(1, length(Rows)), Rows),
            Bytes = case Html of
                        true -> html(Source, Out, Numbered, Counts);
                        false -> text(Source, Numbered, Counts)
                    end,
            case file:write_file(Out, Bytes) of
                ok -> {ok, Out};
                {error, Reason} -> {error, {file, Out, Reason}}
            end;
        {error, Reason} ->
            {error, {file, Source, Reason}}
    end.

%% Lines with their ends; the last one may have none.
rows(<<>>) -> [];
rows(Text) ->
    case binary:split(Text, <<"\n">>) of
        [Line, Rest] -> [<<Line/binary, "\n">> | rows(Rest)];
        [Line] -> [Line]
    end.

now_text() ->
    {{Y, Mo, D}, {H, Mi, S}} = calendar:local_time(),
    io_lib:format("~w-~2..0w-~2..0w at ~2..0w:~2..0w:~2..0w",
                  [Y, Mo, D, H, Mi, S]).

encoded(Text) -> unicode:characters_to_binary(Text).

%% ---- Text ----

text(Source, Rows, Counts) ->
    [encoded(["File generated from ", Source, " by COVER ", now_text(),
              "\n\n", lists:duplicate(76, $*), "\n\n"]),
     [[case Counts of
           #{L := N} -> margin(N);
           #{} -> "        |  "
       end, Row] || {L, Row} <- Rows]].

margin(N) when N < 1000000 -> io_lib:format("~6w..|  ", [N]);
margin(N) when N < 10000000 -> io_lib:format("~w.|  ", [N]);
margin(N) -> io_lib:format("~w|  ", [N]).

%% ---- HTML ----

html(Source, Out, Rows, Counts) ->
    [encoded(["<!doctype html>\n<html>\n<head>\n"
              "<meta charset=\"", charset(Source), "\">\n"
              "<title>", Out, "</title>\n<style>", style(), "</style>\n"
              "</head>\n<body>\n<h1><code>", Out, "</code></h1>\n"
              "<footer><p>File generated from <code>", Source, "</code> by "
              "<a href=\"http://erlang.org/doc/man/cover.html\">cover</a> at ",
              now_text(), "</p></footer>\n<table>\n<tbody>\n"]),
     [html_row(L, Row, maps:get(L, Counts, none)) || {L, Row} <- Rows],
     "</tbody>\n<thead>\n<tr>\n<th>Line</th>\n<th>Hits</th>\n"
     "<th>Source</th>\n</tr>\n</thead>\n</table>\n</body>\n</html>\n"].

charset(Source) ->
    case epp:read_encoding(Source) of
        latin1 -> "iso-8859-1";
        _ -> "utf-8"
    end.

html_row(L, Row, Count) ->
    Number = integer_to_list(L),
    {Class, Hits} = case Count of
                        none -> {"", ""};
                        0 -> {" class=\"miss\"",
                              "<pre style=\"display: inline;\">:-(</pre>"};
                        N -> {" class=\"hit\"", integer_to_list(N)}
                    end,
    ["<tr", Class, ">\n<td class=\"line\" id=\"L", Number, "\">"
     "<a href=\"#L", Number, "\">", Number, "</a></td>\n"
     "<td class=\"hits\">", Hits, "</td>\n"
     "<td class=\"source\"><code>",
     << <<(escape(C))/binary>> || <<C>> <= Row, C =/= $\n >>,
     "</code></td>\n</tr>\n"].

escape($<) -> <<"&lt;">>;
escape($>) -> <<"&gt;">>;
escape($&) -> <<"&amp;">>;
escape(C) -> <<C>>.

style() ->
    "\nbody { font: 14px/1.6 sans-serif; margin: 0; padding: 0; }\n"
    "h1, footer { margin: 1em; }\n"
    "table { width: 100%; border-collapse: collapse; }\n"
    "thead { display: none; }\n"
    "td { padding: 0 0.5em; }\n"
    "td.line, td.hits { width: 20px; text-align: right; color: #666; }\n"
    "td.line a { color: inherit; text-decoration: none; }\n"
    "td.source { white-space: pre; }\n"
    "tr.hit { background: #d9f2d9; }\n"
    "tr.miss { background: #f8d3d3; }\n".
