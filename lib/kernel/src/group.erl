%% SPDX-License-Identifier: Apache-2.0
%% group: an io server, the process that answers the io protocol's requests
%% for a terminal or pipe, and keeps the shell that runs there.
%%
%% The terminal is prim_tty's: it sends {prim_tty, Ref, {data, Bytes}} and
%% {prim_tty, Ref, eof}, and takes prim_tty:write(Ref, IoData).
%%
%% Requests for input are served one at a time. While one waits for its first
%% characters, other requests are answered in between, and the prompt is then
%% written again; once it has some, the others wait.
-module(group).

-export([serve/2, interfaces/1]).

-record(state, {terminal :: term(),
                input = [] :: string() | binary(), % not yet asked for
                bytes = <<>> :: binary(),          % begin of a character
                eof = false :: boolean(),
                encoding = latin1 :: latin1 | unicode,
                binary = false :: boolean(),
                echo = true :: boolean(),
                expand :: fun() | undefined,
                is_terminal = false :: boolean(),
                jobs = none,    % group_jobs', while there is an editor
                switched = false :: boolean(), % a read gave way to C-g
                typed = <<>> :: binary(), % what was being typed then
                hinted = true :: boolean(), % since the last key
                breaks = 0 :: non_neg_integer(), % C-c on nothing, in a row
                editor = none, % group_edit's, while a shell runs here
                shell = none :: none | pid()}).

%% Serves [Ref] for ever, whose lines can be edited if it is a [Terminal].
-spec serve(term(), boolean()) -> no_return().
serve(Ref, Terminal) ->
    Encoding = case Terminal andalso is_utf8_locale() of
                   true -> unicode;
                   false -> latin1
               end,
    loop(#state{terminal = Ref, is_terminal = Terminal,
                encoding = Encoding}).

-spec interfaces(pid()) -> [{atom(), pid()}].
interfaces(Group) ->
    case process_info(Group, dictionary) of
        {dictionary, Dictionary} ->
            [Entry || {shell, Pid} = Entry <- Dictionary, is_pid(Pid)];
        undefined -> []
    end.

is_utf8_locale() ->
    Values = [V || Name <- ["LC_ALL", "LC_CTYPE", "LANG"],
                   V <- [os:getenv(Name)], V =/= false, V =/= ""],
    case Values of
        [Locale | _] ->
            Lower = string:lowercase(Locale),
            string:find(Lower, "utf-8") =/= nomatch
                orelse string:find(Lower, "utf8") =/= nomatch;
        [] -> false
    end.

loop(#state{jobs = Jobs} = S) when Jobs =/= none ->
    case group_jobs:take(Jobs) of
        {{From, ReplyAs, Request}, Jobs1} ->
            loop(answer(Request, From, ReplyAs,
                        S#state{jobs = Jobs1, switched = false}));
        none -> serve_next(S#state{switched = false})
    end;
loop(S) -> serve_next(S).

serve_next(S) ->
    receive
        {io_request, From, ReplyAs, Request} when is_pid(From) ->
            loop(job_answer(self(), Request, From, ReplyAs, S));
        {job_request, Leader, From, ReplyAs, Request} when is_pid(From) ->
            loop(job_answer(Leader, Request, From, ReplyAs, S));
        {prim_tty, Ref, Data} when Ref =:= S#state.terminal ->
            case S#state.editor of
                none -> loop(add_input(Data, S));
                Editor -> loop(early_input(Data, Editor, S))
            end;
        {start_shell, From, Node} ->
            S1 = start_shell(Node, S),
            From ! {user, shell_started, S1#state.shell},
            loop(S1);
        {forget_shell, From} ->
            %% the node begins again, and will want another
            is_pid(S#state.shell) andalso unlink(S#state.shell),
            put(shell, undefined),
            From ! {user, shell_forgotten},
            loop(S#state{shell = none});
        {'EXIT', Pid, Reason} when Pid =:= S#state.shell ->
            loop(shell_ended(Reason, S));
        {'EXIT', Pid, _} when is_pid(Pid), S#state.jobs =/= none ->
            loop(S#state{jobs = group_jobs:ended(Pid, S#state.jobs)});
        {'EXIT', Ref, badsig} when Ref =:= S#state.terminal ->
            loop(S);
        {'EXIT', Ref, Reason} when Ref =:= S#state.terminal ->
            exit(Reason);
        _ ->
            loop(S)
    end.

start_shell(Node, #state{is_terminal = true, editor = none} = S) ->
    case group_edit:new(S#state.terminal, S#state.encoding) of
        none -> start_shell_process(Node, S);
        Editor -> start_shell_process(Node, S#state{editor = Editor})
    end;
start_shell(Node, S) -> start_shell_process(Node, S).

start_shell_process(Node, S) ->
    case group_jobs:start_shell(Node, shell) of
        Pid when is_pid(Pid) ->
            put(shell, Pid),
            Jobs = case S#state.editor of
                       none -> none;
                       _ -> group_jobs:new(Pid)
                   end,
            S#state{shell = Pid, jobs = Jobs};
        _ -> halt(1) % the node of the remote shell is gone
    end.

%% A shell that ends is replaced.
shell_ended(Reason, S) when Reason =:= die; Reason =:= terminated ->
    put(shell, undefined),
    S#state{shell = none};
shell_ended(Reason, S) ->
    What = case Reason of
               normal -> "";
               _ -> "ERROR: "
           end,
    start_shell(node(S#state.shell),
                write(["*** ", What, "Shell process terminated! ***\n"], S)).

%%% Input

%% Typed while nobody reads: kept by the editor, but C-c ends the evaluation.
early_input({data, Typed}, Editor, S) ->
    case break(Typed) of
        interrupt -> interrupt_shell(S);
        Bytes ->
            case group_edit:feed(Editor, Bytes, line) of
                interrupt -> interrupt_shell(S);
                switch -> switch_command("\n", S);
                _ -> S
            end
    end;
early_input({signal, winch}, Editor, S) ->
    group_edit:resize(Editor),
    S;
early_input(Other, _, S) -> add_input(Other, S).

%% C-c as the flag +B has it: it ends the evaluation, at the prompt, too (c),
%% the node (d), or nothing (i). Without the flag it belongs to the editor.
break(Bytes) ->
    case binary:match(Bytes, <<3>>) =/= nomatch andalso prim_tty:break_mode() of
        $c -> interrupt;
        $d -> halt(130, [{flush, false}]);
        $i -> binary:replace(Bytes, <<3>>, <<>>, [global]);
        _ -> Bytes
    end.

interrupt_shell(#state{shell = Shell} = S) ->
    is_pid(Shell) andalso exit(Shell, interrupt),
    S.

add_input({data, Bytes}, S) ->
    {Text, Rest} = decode(<<(S#state.bytes)/binary, Bytes/binary>>, S),
    S#state{input = join_input(S#state.input, Text), bytes = Rest};
add_input(eof, S) -> S#state{eof = true};
add_input(_, S) -> S.

join_input([], Text) -> Text;
join_input(Input, Text) -> Input ++ Text.

decode(Bytes, #state{encoding = latin1}) -> {binary_to_list(Bytes), <<>>};
decode(Bytes, #state{encoding = unicode} = S) ->
    case unicode:characters_to_list(Bytes, utf8) of
        Text when is_list(Text) -> {Text, <<>>};
        {incomplete, Text, Rest} -> {Text, Rest};
        {error, Text, <<Byte, Rest/binary>>} ->
            {More, Left} = decode(Rest, S),
            {Text ++ [Byte | More], Left}
    end.

%%% Requests

%% Serves a request that came through a job's leader, if it need not wait for
%% the job to get the terminal.
job_answer(Leader, Request, From, ReplyAs, #state{jobs = Jobs} = S) ->
    case Jobs =:= none orelse group_jobs:is_current(Leader, Jobs)
        orelse not reads(Request) of
        true -> answer(Request, From, ReplyAs, S);
        false ->
            Parked = {From, ReplyAs, Request},
            S#state{jobs = group_jobs:park(Leader, Parked, Jobs)}
    end.

answer(Request, From, ReplyAs, S) ->
    case request(Request, S) of
        {parked, S1} ->
            Parked = {From, ReplyAs, Request},
            S2 = S1#state{jobs = group_jobs:park(Parked, S1#state.jobs)},
            case S2#state.switched of
                true -> S2;
                false -> switch_command("", S2#state{switched = true})
            end;
        {ok, Answer, S1} -> reply(From, ReplyAs, Answer, S1);
        {error, Answer, S1} -> reply(From, ReplyAs, Answer, S1);
        {exit, Reason} -> exit(Reason)
    end.

%% C-g: which job is to have the terminal?
switch_command(Break, #state{editor = Editor, jobs = Jobs0} = S) ->
    group_edit:show(Editor, [Break, "User switch command\n"]),
    Jobs = group_jobs:switch(Jobs0, fun(Prompt) -> command_line(Prompt, S) end,
                             fun(Text) -> group_edit:show(Editor, Text) end),
    case group_jobs:current(Jobs) of
        Shell when Shell =:= S#state.shell -> S#state{jobs = Jobs};
        Shell ->
            put(shell, Shell),
            S#state{jobs = Jobs, shell = Shell, typed = <<>>}
    end.

command_line(Prompt, #state{editor = Editor} = S) ->
    group_edit:start(Editor, Prompt, line),
    command_keys(<<>>, Prompt, S).

command_keys(Bytes, Prompt, #state{editor = Editor} = S) ->
    case group_edit:feed(Editor, Bytes, line) of
        more -> command_wait(Prompt, S);
        {line, Text} -> Text;
        eof -> eof;
        _ -> command_line(Prompt, S)
    end.

command_wait(Prompt, #state{terminal = Ref} = S) ->
    receive
        {prim_tty, Ref, {data, Bytes}} -> command_keys(Bytes, Prompt, S);
        {prim_tty, Ref, {signal, winch}} ->
            group_edit:resize(S#state.editor),
            command_wait(Prompt, S);
        {prim_tty, Ref, eof} -> halt()
    end.

reply(From, ReplyAs, Answer, S) ->
    From ! {io_reply, ReplyAs, Answer},
    S.

request({put_chars, Encoding, Chars}, S) ->
    put_chars(Chars, Encoding, {put_chars, Encoding, Chars}, S);
request({put_chars, Encoding, M, F, Args}, S) ->
    case catch apply(M, F, Args) of
        Chars when is_list(Chars); is_binary(Chars) ->
            put_chars(Chars, Encoding, F, S);
        _ -> {error, {error, F}, S}
    end;
request({put_chars, Chars}, S) -> request({put_chars, latin1, Chars}, S);
request({put_chars, M, F, Args}, S) ->
    request({put_chars, latin1, M, F, Args}, S);
request({get_chars, Encoding, Prompt, N}, S) ->
    get_chars(Prompt, {io_lib, collect_chars, N}, get_chars, Encoding, S);
request({get_line, Encoding, Prompt}, S) ->
    get_chars(Prompt, {io_lib, collect_line, []}, get_line, Encoding, S);
request({get_until, Encoding, Prompt, M, F, Args}, S) ->
    get_chars(Prompt, {io_lib, get_until, {M, F, Args}}, F, Encoding, S);
request({get_chars, Prompt, N}, S) ->
    request({get_chars, latin1, Prompt, N}, S);
request({get_line, Prompt}, S) -> request({get_line, latin1, Prompt}, S);
request({get_until, Prompt, M, F, Args}, S) ->
    request({get_until, latin1, Prompt, M, F, Args}, S);
request({get_password, Encoding}, #state{is_terminal = true} = S) ->
    get_password(Encoding, S);
request({get_key, Time}, #state{editor = Editor} = S) when Editor =/= none ->
    get_key(erlang:monotonic_time(millisecond) + Time, S);
request(getopts, S) -> {ok, options(S), S};
request({setopts, Options}, S) when is_list(Options) -> setopts(Options, S);
request(get_colours, #state{editor = Editor} = S) ->
    {ok, Editor =/= none andalso group_edit:has_colours(Editor), S};
request({get_geometry, What}, S) -> {ok, geometry(What, S), S};
request({requests, Requests}, S) -> requests(Requests, {ok, ok, S});
request(Unknown, S) -> {error, {error, {request, Unknown}}, S}.

requests([Request | Requests], {ok, _, S}) ->
    requests(Requests, request(Request, S));
requests([_ | _], Failed) -> Failed;
requests([], Result) -> Result.

put_chars(Chars, Encoding, What, S) ->
    try unicode:characters_to_binary(Chars, Encoding, unicode) of
        Text when is_binary(Text) -> {ok, ok, write(Text, S)};
        _ -> {error, {error, What}, S}
    catch
        error:badarg -> {error, {error, What}, S}
    end.

%% Writes text in the terminal's encoding; what that lacks is written as
%% \x{...}.
write(Text, #state{editor = Editor} = S) when Editor =/= none ->
    group_edit:show(Editor, Text),
    S;
write(Text, #state{terminal = Terminal, encoding = latin1} = S) ->
    prim_tty:write(Terminal, to_latin1(Text)),
    S;
write(Text, #state{terminal = Terminal} = S) ->
    prim_tty:write(Terminal, unicode:characters_to_binary(Text)),
    S.

to_latin1(Text) ->
    case unicode:characters_to_binary(Text, unicode, latin1) of
        Bytes when is_binary(Bytes) -> Bytes;
        _ -> [latin1_char(C) || C <- unicode:characters_to_list(Text)]
    end.

latin1_char(C) when C =< 255 -> C;
latin1_char(C) -> ["\\x{", integer_to_list(C, 16), "}"].

geometry(What, S) ->
    case prim_tty:is_terminal()
        andalso prim_tty:window_size(S#state.terminal) of
        {Columns, _} when What =:= columns -> Columns;
        {_, Rows} when What =:= rows -> Rows;
        %% a terminal that does not know has the usual size
        undefined when S#state.editor =/= none, What =:= columns -> 80;
        undefined when S#state.editor =/= none, What =:= rows -> 24;
        _ -> {error, enotsup}
    end.

options(S) ->
    Common = [{binary, S#state.binary}, {encoding, S#state.encoding}],
    case S#state.is_terminal of
        true ->
            [{expand_fun, S#state.expand}, {echo, S#state.echo} | Common];
        false -> Common
    end.

setopts(Options, S) ->
    try lists:foldl(fun setopt/2, S, Options) of
        S1 -> {ok, ok, S1}
    catch
        throw:bad_option -> {error, {error, enotsup}, S}
    end.

setopt(binary, S) -> S#state{binary = true};
setopt(list, S) -> S#state{binary = false};
setopt({binary, On}, S) when is_boolean(On) -> S#state{binary = On};
setopt({list, On}, S) when is_boolean(On) -> S#state{binary = not On};
setopt({encoding, E}, S) when E =:= unicode; E =:= utf8 ->
    S#state{encoding = unicode};
setopt({encoding, latin1}, S) -> S#state{encoding = latin1};
setopt(unicode, S) -> S#state{encoding = unicode};
setopt(latin1, S) -> S#state{encoding = latin1};
setopt({echo, On}, #state{is_terminal = true} = S) when is_boolean(On) ->
    S#state{echo = On};
setopt({expand_fun, Fun}, #state{is_terminal = true} = S)
  when is_function(Fun) ->
    S#state{expand = Fun};
setopt(_, _) -> throw(bad_option).

%%% Requests for input

%% [Collect] is {Module, Function, Argument}, called with what it answered the
%% last time (first start), characters, the encoding and the argument. It
%% answers {stop, Result, CharactersLeft} or something to go on with.
get_chars(Prompt, Collect, Name, Encoding,
          #state{editor = Editor, input = [], eof = false} = S0)
  when Editor =/= none ->
    case edit_line(prompt_text(Prompt, S0), mode(Collect, Name), true, S0) of
        {chars, S} -> collect(start, Collect, Name, Encoding, S);
        {eof, S} -> {ok, eof, S};
        {switch, S} -> {parked, S};
        {interrupt, S} -> {error, {error, interrupted}, S}
    end;
get_chars(Prompt, Collect, Name, Encoding, S0) ->
    S = write_prompt(Prompt, S0),
    case S of
        #state{eof = true, input = []} -> {ok, eof, S};
        _ -> first_chars(Prompt, Collect, Name, Encoding, S)
    end.

%% The next key, without a line to edit; others may write meanwhile.
get_key(Until, #state{terminal = Ref} = S) ->
    receive
        {prim_tty, Ref, {data, Bytes}} -> {ok, {key, Bytes}, S};
        {prim_tty, Ref, eof} -> {ok, eof, S#state{eof = true}};
        {io_request, From, ReplyAs, {put_chars, _, _} = Request} ->
            get_key(Until, answer(Request, From, ReplyAs, S))
    after max(0, Until - erlang:monotonic_time(millisecond)) ->
            {ok, timeout, S}
    end.

mode({io_lib, get_until, {erl_scan, tokens, _}}, _) -> expression;
mode(_, get_password) -> password;
mode(_, _) -> line.

prompt_text('', _) -> "";
prompt_text(Prompt, S) -> io_lib:format_prompt(Prompt, S#state.encoding).

%% Has a line edited: {chars, State} with it as input, {eof, State} or
%% {interrupt, State}. Other requests are answered meanwhile if [Serve].
edit_line(Prompt, Mode, Serve, #state{editor = Editor} = S) ->
    group_edit:start(Editor, Prompt, Mode),
    S#state.typed =:= <<>> orelse group_edit:insert(Editor, S#state.typed),
    edit_keys(<<>>, {Prompt, Mode, Serve}, S#state{typed = <<>>}).

edit_keys(Bytes, {Prompt, Mode, Serve} = Line, #state{editor = E} = S) ->
    case group_edit:feed(E, Bytes, Mode) of
        more -> edit_wait(Line, S);
        {line, Text} ->
            case Mode =:= expression andalso string:trim(Text) =:= "" of
                true -> edit_line(Prompt, Mode, Serve, S);
                false -> {chars, S#state{input = Text, breaks = 0}}
            end;
        eof -> {eof, S#state{eof = true}};
        interrupt when Mode =:= expression ->
            edit_line(Prompt, Mode, Serve, interrupted(S));
        switch -> {switch, S#state{typed = group_edit:text(E)}};
        interrupt -> {interrupt, interrupt_shell(S)}
    end.

%% C-c drops what was typed. On nothing, and again, it is no slip: does the
%% user want to leave?
interrupted(#state{editor = E, breaks = N} = S) ->
    case group_edit:text(E) of
        <<>> when N > 0 ->
            group_edit:show(E, "BREAK: (a)bort (c)ontinue "),
            ask_to_leave(S#state{breaks = 0});
        <<>> -> S#state{breaks = N + 1};
        _ -> S#state{breaks = 0}
    end.

ask_to_leave(#state{terminal = Ref, editor = E} = S) ->
    receive
        {prim_tty, Ref, {data, <<Key, _/binary>>}}
          when Key =:= $a; Key =:= $y; Key =:= $q; Key =:= 3; Key =:= 4 ->
            group_edit:show(E, "\n"),
            halt(0);
        {prim_tty, Ref, {data, _}} ->
            group_edit:show(E, "\n"),
            S;
        {prim_tty, Ref, eof} -> halt(0)
    end.

edit_wait({_, Mode, Serve} = Line, #state{terminal = Ref} = S) ->
    receive
        {prim_tty, Ref, {data, Typed}} ->
            case break(Typed) of
                interrupt ->
                    group_edit:stay(S#state.editor),
                    {interrupt, S};
                Bytes -> edit_keys(Bytes, Line, S#state{hinted = false})
            end;
        {prim_tty, Ref, eof} ->
            group_edit:stop(S#state.editor),
            {eof, S#state{eof = true}};
        {prim_tty, Ref, {signal, winch}} ->
            group_edit:resize(S#state.editor),
            edit_wait(Line, S);
        {io_request, From, ReplyAs, Request} when Serve, is_pid(From) ->
            edit_serve({self(), Request, From, ReplyAs}, Line, S);
        {job_request, Leader, From, ReplyAs, Request}
          when Serve, is_pid(From) ->
            edit_serve({Leader, Request, From, ReplyAs}, Line, S);
        {'EXIT', Pid, Reason} when Pid =:= S#state.shell ->
            group_edit:stop(S#state.editor),
            {eof, shell_ended(Reason, S)};
        {shell_answer, _, _} -> edit_wait(Line, S)
    after pause(Mode, S) ->
            group_edit:hint(S#state.editor),
            edit_wait(Line, S#state{hinted = true})
    end.

%% Another request comes in between.
edit_serve({Leader, Request, From, ReplyAs}, {Prompt, Mode, Serve} = Line,
           #state{jobs = Jobs, editor = Editor} = S) ->
    case reads(Request)
        andalso (Jobs =:= none orelse group_jobs:is_current(Leader, Jobs)) of
        false -> edit_wait(Line, job_answer(Leader, Request, From, ReplyAs, S));
        true ->
            group_edit:stop(Editor),
            S1 = answer(Request, From, ReplyAs, S),
            case S1#state.switched of
                true -> {switch, S1};
                false -> edit_line(Prompt, Mode, Serve, S1)
            end
    end.

%% Milliseconds without a key after which something is hinted at.
pause(expression, #state{hinted = false}) -> 60;
pause(_, _) -> infinity.

%% Whether a request reads, for which the terminal must be free.
reads({requests, Requests}) -> lists:any(fun reads/1, Requests);
reads({put_chars, _}) -> false;
reads({put_chars, _, _}) -> false;
reads({put_chars, _, _, _}) -> false;
reads({put_chars, _, _, _, _}) -> false;
reads({get_geometry, _}) -> false;
reads({setopts, _}) -> false;
reads(getopts) -> false;
reads(get_colours) -> false;
reads(_) -> true.

write_prompt('', S) -> S;
write_prompt(Prompt, S) ->
    write(unicode:characters_to_binary(
            io_lib:format_prompt(Prompt, S#state.encoding)), S).

first_chars(Prompt, Collect, Name, Encoding, #state{input = []} = S) ->
    Ref = S#state.terminal,
    receive
        {prim_tty, Ref, eof} -> {ok, eof, S#state{eof = true}};
        {prim_tty, Ref, Data} ->
            first_chars(Prompt, Collect, Name, Encoding, add_input(Data, S));
        {io_request, From, ReplyAs, Request}
          when Request =:= {requests, []};
               element(1, Request) =:= get_geometry ->
            S1 = answer(Request, From, ReplyAs, S),
            first_chars(Prompt, Collect, Name, Encoding, S1);
        {io_request, From, ReplyAs, Request} when is_pid(From) ->
            S1 = write_prompt(Prompt, answer(Request, From, ReplyAs, S)),
            first_chars(Prompt, Collect, Name, Encoding, S1);
        {'EXIT', Pid, Reason} when Pid =:= S#state.shell ->
            {ok, eof, shell_ended(Reason, S)}
    end;
first_chars(_, Collect, Name, Encoding, S) ->
    collect(start, Collect, Name, Encoding, S).

collect(State, Collect, Name, Encoding, #state{input = []} = S) ->
    case next_chars(mode(Collect, Name), S) of
        {chars, S1} -> collect(State, Collect, Name, Encoding, S1);
        {eof, S1} -> apply_collect(State, eof, Collect, Name, Encoding, S1);
        {switch, S1} -> {parked, S1};
        {interrupt, S1} -> {error, {error, interrupted}, S1}
    end;
collect(State, Collect, Name, Encoding, #state{input = Input} = S) ->
    {Line, Rest} = first_line(Input, []),
    apply_collect(State, Line, Collect, Name, Encoding,
                  S#state{input = Rest}).

%% Line by line: much may wait behind what is wanted now.
first_line([$\n | Rest], Line) -> {lists:reverse(Line, "\n"), Rest};
first_line([C | Rest], Line) -> first_line(Rest, [C | Line]);
first_line([], Line) -> {lists:reverse(Line), []}.

apply_collect(State, Input, {M, F, Arg} = Collect, Name, Encoding, S) ->
    case catch M:F(State, for_client(Input, S), Encoding, Arg) of
        {stop, Result, eof} -> {ok, Result, S#state{eof = true}};
        {stop, Result, Rest} ->
            {ok, Result, S#state{input = as_list(Rest) ++ S#state.input}};
        {'EXIT', _} -> {error, {error, Name}, S};
        State1 -> collect(State1, Collect, Name, Encoding, S)
    end.

next_chars(_, #state{eof = true} = S) -> {eof, S};
next_chars(Mode, #state{editor = Editor} = S) when Editor =/= none ->
    edit_line("", Mode, false, S);
next_chars(_, S) ->
    Ref = S#state.terminal,
    receive
        {prim_tty, Ref, eof} -> {eof, S#state{eof = true}};
        {prim_tty, Ref, Data} -> {chars, add_input(Data, S)};
        {'EXIT', Pid, Reason} when Pid =:= S#state.shell ->
            {eof, shell_ended(Reason, S)}
    end.

for_client(eof, _) -> eof;
for_client(Input, #state{binary = true}) ->
    unicode:characters_to_binary(Input);
for_client(Input, _) -> Input.

as_list(Text) when is_binary(Text) -> unicode:characters_to_list(Text);
as_list(Text) -> Text.

%% A line that is not shown.
get_password(Encoding, #state{editor = Editor} = S) when Editor =/= none ->
    password_text(get_chars('', {io_lib, collect_line, []}, get_password,
                            Encoding, S));
get_password(Encoding, S) ->
    prim_tty:write(S#state.terminal, "\e[8m"),
    Result = get_chars('', {io_lib, collect_line, []}, get_password, Encoding,
                       S),
    prim_tty:write(S#state.terminal, "\e[28m"),
    password_text(Result).

password_text({ok, Line, S}) when is_list(Line) ->
    {ok, string:trim(Line, trailing, "\n"), S};
password_text(Other) -> Other.
