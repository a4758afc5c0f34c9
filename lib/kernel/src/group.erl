%% SPDX-License-Identifier: Apache-2.0
%% group: an io server, the process that answers the io protocol's requests, and
%% keeps the shell that talks to it. What it reads and writes goes
%%
%% - through a driver, which shows text and sends keys or lines: user_drv, whose
%%   messages are told there, or another, such as ssh's, for which lines are
%%   edited here (group_remote). Each job of a terminal is such a process.
%% - to prim_tty, where no lines are edited: the process `user` at a pipe.
%%   prim_tty sends {prim_tty, Ref, {data, Bytes}} and {prim_tty, Ref, eof},
%%   and takes prim_tty:write(Ref, IoData).
%%
%% Requests for input are served one at a time. While one waits for its first
%% characters, other requests are answered in between, and the prompt is then
%% written again; once it has some, the others wait.
-module(group).

-export([start/2, start/3, server/3, serve/2, interfaces/1, entries/2,
         encode/2]).

-record(state, {driver = none :: none | pid(),
                terminal = none :: term(), % without a driver
                input = [] :: string() | binary(), % not yet asked for
                left = 0 :: non_neg_integer(), % of that, of a line that was begun
                bytes = <<>> :: binary(),          % begin of a character
                eof = false :: boolean(),
                encoding = latin1 :: latin1 | unicode, % without a driver
                binary = false :: boolean(),
                echo = true :: boolean(),
                expand = default :: default | fun(),
                is_terminal = false :: boolean(),
                has_colours = false :: boolean(),
                editor = none, % group_remote's, where the driver has none
                line_mode = line :: line | entry, % of what is no expression
                shell = none :: none | pid()}).

-define(PATIENCE, 2000). % milliseconds that a driver has to answer in

%% A job for [Driver] with a shell: {M, F, Arguments}, also behind a node's
%% name, a fun, or a module, which answer its pid, or that pid; else there is
%% none. Options: {echo, boolean()}, {expand_fun, Fun}; of user_drv: edits, for
%% it edits lines so that nobody does it here, and {colours, boolean()}.
-spec start(pid(), term()) -> pid().
start(Driver, Shell) -> start(Driver, Shell, []).

-spec start(pid(), term(), [tuple()]) -> pid().
start(Driver, Shell, Options) ->
    spawn_link(?MODULE, server, [Driver, Shell, Options]).

server(Driver, Shell, Options) ->
    process_flag(trap_exit, true),
    put(user_drv, Driver),
    History = history(Shell),
    Editor = case proplists:get_bool(edits, Options) of
                 true ->
                     Driver ! {self(), {history, History}},
                     none;
                 false -> group_remote:new(History)
             end,
    loop(#state{driver = Driver, is_terminal = true, editor = Editor,
                echo = proplists:get_value(echo, Options, true),
                expand = proplists:get_value(expand_fun, Options, default),
                has_colours = proplists:get_value(colours, Options, false),
                line_mode = line_mode(Shell),
                shell = started(Shell)}).

%% Lines that another shell reads are its commands: they are kept.
line_mode({shell, start, _}) -> line;
line_mode({_, shell, start, _}) -> line;
line_mode({}) -> line;
line_mode(_) -> entry.

history({}) -> none;
history(_) ->
    case application:get_env(kernel, shell_history) of
        undefined -> own;
        _ -> group_history:load()
    end.

%% What the shell starts with has this process as its group leader.
started(Shell) ->
    case start_shell(Shell) of
        none -> none;
        Pid when is_pid(Pid) ->
            link(Pid),
            put(shell, Pid),
            Pid;
        Error -> exit(Error)
    end.

start_shell({M, F, Arguments}) -> led_here(fun() -> apply(M, F, Arguments) end);
start_shell({Node, M, F, Arguments}) ->
    led_here(fun() -> rpc:call(Node, M, F, Arguments) end);
start_shell(Module) when is_atom(Module) -> led_here(fun Module:start/0);
start_shell(Fun) when is_function(Fun) -> led_here(Fun);
start_shell(Pid) when is_pid(Pid) ->
    group_leader(self(), Pid),
    Pid;
start_shell(_) -> none.

led_here(Fun) ->
    Leader = group_leader(),
    group_leader(self(), self()),
    try catch Fun() after group_leader(Leader, self()) end.

%% Serves [Ref], where no lines are edited, for ever.
-spec serve(term(), boolean()) -> no_return().
serve(Ref, IsTerminal) ->
    loop(#state{terminal = Ref, is_terminal = IsTerminal}).

%% The driver and the shell of such a process.
-spec interfaces(pid()) -> [{atom(), pid()}].
interfaces(Group) ->
    Entries = entries(Group, [user_drv, shell]),
    [E || lists:keymember(user_drv, 1, Entries), E <- Entries].

%% What a process tells of others in its dictionary, without being asked: it
%% may be waiting for somebody.
-spec entries(pid(), [atom()]) -> [{atom(), pid()}].
entries(Process, Keys) ->
    case process_info(Process, dictionary) of
        {dictionary, Dictionary} ->
            [Entry || {Key, Pid} = Entry <- Dictionary, is_pid(Pid),
                      lists:member(Key, Keys)];
        undefined -> []
    end.

loop(S) ->
    receive
        {io_request, From, ReplyAs, Request} when is_pid(From) ->
            loop(answer(Request, From, ReplyAs, S));
        {prim_tty, Ref, Data} when Ref =:= S#state.terminal ->
            loop(add_input(Data, S));
        {start_shell, From, Shell} ->
            S1 = S#state{shell = started(Shell)},
            From ! {user, shell_started, S1#state.shell},
            loop(S1);
        {forget_shell, From} ->
            %% the node begins again, and will want another
            is_pid(S#state.shell) andalso unlink(S#state.shell),
            put(shell, undefined),
            From ! {user, shell_forgotten},
            loop(S#state{shell = none});
        {'EXIT', Pid, Reason} when Pid =:= S#state.shell;
                                   Pid =:= S#state.driver ->
            loop(ended(Pid, Reason, S));
        {'EXIT', Ref, Reason} when Ref =:= S#state.terminal,
                                   Reason =/= badsig ->
            %% without its shell nobody would end the node
            is_pid(S#state.shell) andalso init:stop(),
            exit(Reason);
        {Driver, _} = Said when Driver =:= S#state.driver ->
            loop(told(Said, S));
        {reply, _} = Said -> loop(told(Said, S));
        {Driver, echo, On} when Driver =:= S#state.driver ->
            loop(S#state{echo = On});
        {driver_id, From} ->
            From ! {self(), driver_id, S#state.driver},
            loop(S);
        _ ->
            loop(S)
    end.

%% What the driver says, be a line wanted or not.
told({reply, {{From, ReplyAs}, Answer}}, S) when is_pid(From) ->
    reply(From, ReplyAs, Answer, S);
told({_, {data, Keys}}, #state{editor = Editor} = S) when Editor =/= none ->
    group_remote:keep(Editor, Keys),
    S;
told({_, eof}, S) -> S#state{eof = true};
told(_, S) -> S.

%% The shell or the driver has ended: so does this, but at a pipe, where another
%% shell begins.
ended(Driver, interrupt, #state{driver = Driver} = S) -> interrupt_shell(S);
ended(_, Reason, #state{driver = Driver}) when is_pid(Driver) -> exit(Reason);
ended(_, Reason, S) when Reason =:= die; Reason =:= terminated ->
    put(shell, undefined),
    S#state{shell = none};
ended(Shell, Reason, S) ->
    What = case Reason of
               normal -> "";
               _ -> "ERROR: "
           end,
    S1 = write(["*** ", What, "Shell process terminated! ***\n"], S),
    S1#state{shell = started({node(Shell), shell, start, []})}.

interrupt_shell(#state{shell = Shell} = S) ->
    is_pid(Shell) andalso exit(Shell, interrupt),
    S.

%%% Input

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

answer(Request, From, ReplyAs, S) ->
    case request(Request, {From, ReplyAs}, S) of
        {noreply, S1} -> S1; % the driver says when it is done
        {ok, Answer, S1} -> reply(From, ReplyAs, Answer, S1);
        {error, Answer, S1} -> reply(From, ReplyAs, Answer, S1)
    end.

reply(From, ReplyAs, Answer, S) ->
    From ! {io_reply, ReplyAs, Answer},
    S.

%% [From] is who gets the answer of a request that the driver serves, or none.
request({put_chars, Encoding, Chars}, From, S) ->
    put_chars(Chars, Encoding, {put_chars, Encoding, Chars}, From, S);
request({put_chars, Encoding, M, F, Args}, From, S) ->
    case catch apply(M, F, Args) of
        Chars when is_list(Chars); is_binary(Chars) ->
            put_chars(Chars, Encoding, F, From, S);
        _ -> {error, {error, F}, S}
    end;
request({put_chars, Chars}, From, S) ->
    request({put_chars, latin1, Chars}, From, S);
request({put_chars, M, F, Args}, From, S) ->
    request({put_chars, latin1, M, F, Args}, From, S);
request({get_chars, Encoding, Prompt, N}, _, S) ->
    get_chars(Prompt, {io_lib, collect_chars, N}, get_chars, Encoding, S);
request({get_line, Encoding, Prompt}, _, S) ->
    get_chars(Prompt, {io_lib, collect_line, []}, get_line, Encoding, S);
request({get_until, Encoding, Prompt, M, F, Args}, _, S) ->
    get_chars(Prompt, {io_lib, get_until, {M, F, Args}}, F, Encoding, S);
request({get_chars, Prompt, N}, From, S) ->
    request({get_chars, latin1, Prompt, N}, From, S);
request({get_line, Prompt}, From, S) ->
    request({get_line, latin1, Prompt}, From, S);
request({get_until, Prompt, M, F, Args}, From, S) ->
    request({get_until, latin1, Prompt, M, F, Args}, From, S);
request({get_password, Encoding}, _, #state{is_terminal = true} = S) ->
    get_password(Encoding, S);
request({get_key, Time}, _, #state{driver = Driver} = S) when is_pid(Driver) ->
    Driver ! {self(), {read_key, true}},
    Until = erlang:monotonic_time(millisecond) + Time,
    case get_key(Until, S) of
        timeout ->
            ask({read_key, false}, S), % a key may be on its way
            {ok, get_key(Until, S), S};
        Key -> {ok, Key, S}
    end;
request(getopts, _, S) -> {ok, options(S), S};
request({setopts, Options}, _, S) when is_list(Options) -> setopts(Options, S);
request(get_colours, _, S) -> {ok, S#state.has_colours, S};
request({get_geometry, What}, _, S) -> {ok, geometry(What, S), S};
request({requests, []}, From, #state{driver = Driver} = S)
  when is_pid(Driver) ->
    put_text(<<>>, From, S); % answered when all before it is shown
request({requests, Requests}, From, S) ->
    requests(Requests, From, {ok, ok, S});
request(Unknown, _, S) -> {error, {error, {request, Unknown}}, S}.

requests([Last], From, {ok, _, S}) -> request(Last, From, S);
requests([Last], From, {noreply, S}) -> request(Last, From, S);
requests([Request | Requests], From, {ok, _, S}) ->
    requests(Requests, From, request(Request, none, S));
requests([Request | Requests], From, {noreply, S}) ->
    requests(Requests, From, request(Request, none, S));
requests(_, _, Result) -> Result.

put_chars(Chars, Encoding, What, From, S) ->
    try unicode:characters_to_binary(Chars, Encoding, unicode) of
        Text when is_binary(Text) -> put_text(Text, From, S);
        _ -> {error, {error, What}, S}
    catch
        error:badarg -> {error, {error, What}, S}
    end.

put_text(Text, _, #state{driver = none} = S) -> {ok, ok, write(Text, S)};
put_text(Text, From, #state{driver = Driver, editor = Editor} = S) ->
    Put = {put_chars_sync, unicode, Text, {From, ok}},
    case Editor of
        none -> Driver ! {self(), Put};
        _ -> group_remote:put(Editor, Driver, Put)
    end,
    {noreply, S}.

%% Without a driver. Where nobody reads any more, the request is answered and
%% then this process ends, as if the terminal had.
write(Text, #state{terminal = Terminal, encoding = Encoding} = S) ->
    case prim_tty:write(Terminal, encode(Text, Encoding)) of
        ok -> ok;
        {error, Reason} -> self() ! {'EXIT', Terminal, Reason}
    end,
    S.

%% Text as bytes; what Latin-1 lacks is \x{...}.
-spec encode(unicode:chardata(), latin1 | unicode) -> iodata().
encode(Text, unicode) -> unicode:characters_to_binary(Text);
encode(Text, latin1) ->
    case unicode:characters_to_binary(Text, unicode, latin1) of
        Bytes when is_binary(Bytes) -> Bytes;
        _ -> [latin1_char(C) || C <- unicode:characters_to_list(Text)]
    end.

latin1_char(C) when C =< 255 -> C;
latin1_char(C) -> ["\\x{", integer_to_list(C, 16), "}"].

%% What the driver knows.
ask(Question, #state{driver = Driver}) ->
    Driver ! {self(), Question},
    Tag = if is_tuple(Question) -> element(1, Question); true -> Question end,
    receive {Driver, Tag, Answer} -> Answer
    after ?PATIENCE -> error
    end.

geometry(What, #state{driver = Driver} = S) ->
    Size = case Driver of
               none -> prim_tty:is_terminal()
                           andalso prim_tty:window_size(S#state.terminal);
               _ -> ask(tty_geometry, S)
           end,
    case Size of
        {Columns, _} when What =:= columns -> Columns;
        {_, Rows} when What =:= rows -> Rows;
        _ -> {error, enotsup}
    end.

options(S) ->
    Common = [{binary, S#state.binary}, {encoding, encoding(S)}],
    case S#state.is_terminal of
        true ->
            Expand = case S#state.expand of
                         default -> fun edlin_expand:expand/1;
                         Fun -> Fun
                     end,
            [{expand_fun, Expand}, {echo, S#state.echo} | Common];
        false -> Common
    end.

encoding(#state{driver = none, encoding = Encoding}) -> Encoding;
encoding(S) ->
    case ask(get_unicode_state, S) of
        true -> unicode;
        _ -> latin1
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
    set_encoding(unicode, S);
setopt({encoding, latin1}, S) -> set_encoding(latin1, S);
setopt(unicode, S) -> set_encoding(unicode, S);
setopt(latin1, S) -> set_encoding(latin1, S);
setopt({echo, On}, #state{is_terminal = true} = S) when is_boolean(On) ->
    S#state{echo = On};
setopt({expand_fun, Fun}, #state{is_terminal = true} = S)
  when is_function(Fun) ->
    case Fun =:= fun edlin_expand:expand/1 of
        true -> S#state{expand = default};
        false -> S#state{expand = Fun}
    end;
setopt(_, _) -> throw(bad_option).

set_encoding(Encoding, #state{driver = none} = S) ->
    S#state{encoding = Encoding};
set_encoding(Encoding, #state{driver = Driver} = S) ->
    Driver ! {self(), set_unicode_state, Encoding =:= unicode},
    receive {Driver, set_unicode_state, _} -> S
    after ?PATIENCE -> S
    end.

%%% Requests for input

%% [Collect] is {Module, Function, Argument}, called with what it answered the
%% last time (first start), characters, the encoding and the argument. It
%% answers {stop, Result, CharactersLeft} or something to go on with.
get_chars(Prompt, Collect, Name, Encoding,
          #state{driver = Driver, input = [], eof = false} = S0)
  when is_pid(Driver) ->
    Line = {prompt_text(Prompt, S0), mode(Collect, Name, S0)},
    case read_line(Line, true, S0) of
        {chars, S} -> collect(start, Collect, Name, Encoding, S);
        {eof, S} -> {ok, eof, S};
        {interrupt, S} -> {error, {error, interrupted}, S}
    end;
get_chars(Prompt, Collect, Name, Encoding, S0) ->
    S = write_prompt(Prompt, S0),
    case S of
        #state{eof = true, input = []} -> {ok, eof, S};
        _ -> first_chars(Prompt, Collect, Name, Encoding, S)
    end.

%% The next key, without a line to edit; others may write meanwhile.
get_key(Until, #state{driver = Driver} = S) ->
    receive
        {Driver, {data, Bytes}} -> {key, Bytes};
        {Driver, eof} -> eof;
        {reply, _} = Said ->
            told(Said, S),
            get_key(Until, S);
        {io_request, From, ReplyAs, {put_chars, _, _} = Request} ->
            get_key(Until, answer(Request, From, ReplyAs, S))
    after max(0, Until - erlang:monotonic_time(millisecond)) -> timeout
    end.

mode({io_lib, get_until, {erl_scan, tokens, _}}, _, #state{editor = none}) ->
    expression;
mode(_, get_password, _) -> password;
mode(_, _, S) -> S#state.line_mode.

prompt_text('', _) -> "";
prompt_text(Prompt, S) -> io_lib:format_prompt(Prompt, encoding(S)).

%% Has the driver read a line: {chars, State} with it as input, {eof, State} or
%% {interrupt, State}. Other requests are answered meanwhile if [Serve].
read_line({Prompt, Mode} = Line, Serve,
          #state{driver = Driver, editor = none} = S) ->
    Driver ! {self(), {read_line, Prompt, Mode, S#state.expand}},
    await_line(Line, Serve, S);
read_line({Prompt, Mode} = Line, Serve,
          #state{driver = Driver, editor = Editor, echo = Echo} = S) ->
    group_remote:start(Editor, Driver, Prompt, Mode, Echo),
    edit_keys("", Line, Serve, S).

edit_keys(Keys, {_, Mode} = Line, Serve,
          #state{driver = Driver, editor = Editor} = S) ->
    case group_remote:feed(Editor, Driver, Keys, Mode, S#state.expand) of
        more -> await_line(Line, Serve, S);
        {line, Text} -> {chars, S#state{input = Text}};
        eof -> {eof, S#state{eof = true}};
        interrupt -> {interrupt, interrupt_shell(S)}
    end.

await_line(Line, Serve, #state{driver = Driver, shell = Shell} = S) ->
    receive
        {Driver, {line, Text}} ->
            keep_line(Line, Text),
            {chars, S#state{input = Text}};
        {Driver, {data, Keys}} when S#state.editor =/= none ->
            edit_keys(Keys, Line, Serve, S);
        {Driver, eof} -> {eof, S#state{eof = true}};
        {reply, _} = Said -> await_line(Line, Serve, told(Said, S));
        {io_request, From, ReplyAs, Request} when Serve, is_pid(From) ->
            S1 = unshared(Request, answer(Request, From, ReplyAs, S)),
            case reads(Request) of
                true -> read_line(Line, Serve, S1);
                false -> await_line(Line, Serve, S1)
            end;
        {'EXIT', Driver, interrupt} -> {interrupt, interrupt_shell(S)};
        {'EXIT', Driver, _} ->
            %% a shell that waits for an answer may not serve signals
            is_pid(Shell) andalso exit(Shell, kill),
            exit(terminated);
        {'EXIT', Pid, Reason} when Pid =:= Shell -> exit(Reason)
    end.

%% Commands go to the history that the configuration has for them.
keep_line({_, Mode}, Text) when Mode =:= expression; Mode =:= entry ->
    case application:get_env(kernel, shell_history) of
        undefined -> ok;
        _ -> group_history:add(Text)
    end;
keep_line(_, _) -> ok.

%% What a request has left of its line is not for the reader who waits.
unshared(Request, S) ->
    case reads(Request) of
        true -> S#state{input = tail_from(S#state.left, S#state.input)};
        false -> S
    end.

tail_from(N, [_ | Chars]) when N > 0 -> tail_from(N - 1, Chars);
tail_from(_, Chars) -> Chars.

%% Whether a request reads, after which the line that was interrupted is read
%% anew.
reads({requests, Requests}) -> lists:any(fun reads/1, Requests);
reads({get_chars, _, _}) -> true;
reads({get_chars, _, _, _}) -> true;
reads({get_line, _}) -> true;
reads({get_line, _, _}) -> true;
reads({get_until, _, _, _, _}) -> true;
reads({get_until, _, _, _, _, _}) -> true;
reads({get_password, _}) -> true;
reads(_) -> false.

write_prompt('', S) -> S;
write_prompt(Prompt, #state{driver = Driver} = S) ->
    Text = unicode:characters_to_binary(prompt_text(Prompt, S)),
    case Driver of
        none -> write(Text, S);
        _ ->
            Driver ! {self(), {put_chars, unicode, Text}},
            S
    end.

first_chars(Prompt, Collect, Name, Encoding,
            #state{driver = none, input = []} = S) ->
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
            S1 = unshared(Request, answer(Request, From, ReplyAs, S)),
            S2 = write_prompt(Prompt, S1),
            first_chars(Prompt, Collect, Name, Encoding, S2);
        {'EXIT', Pid, Reason} when Pid =:= S#state.shell ->
            {ok, eof, ended(Pid, Reason, S)}
    end;
first_chars(_, Collect, Name, Encoding, S) ->
    collect(start, Collect, Name, Encoding, S).

collect(State, Collect, Name, Encoding, #state{input = []} = S) ->
    case next_chars(mode(Collect, Name, S), S) of
        {chars, S1} -> collect(State, Collect, Name, Encoding, S1);
        {eof, S1} -> apply_collect(State, eof, Collect, Name, Encoding, S1);
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
    case catch M:F(State, for_client(Input, Encoding, S), Encoding, Arg) of
        {stop, Result, eof} -> {ok, Result, S#state{eof = true}};
        {stop, Result, Rest} ->
            Left = as_list(Rest, Encoding),
            {ok, Result, S#state{input = Left ++ S#state.input,
                                 left = length(Left)}};
        {'EXIT', _} -> {error, {error, Name}, S};
        State1 -> collect(State1, Collect, Name, Encoding, S)
    end.

next_chars(_, #state{eof = true} = S) -> {eof, S};
next_chars(Mode, #state{driver = Driver} = S) when is_pid(Driver) ->
    read_line({"", Mode}, false, S);
next_chars(_, S) ->
    Ref = S#state.terminal,
    receive
        {prim_tty, Ref, eof} -> {eof, S#state{eof = true}};
        {prim_tty, Ref, Data} -> {chars, add_input(Data, S)};
        {'EXIT', Pid, Reason} when Pid =:= S#state.shell ->
            {eof, ended(Pid, Reason, S)}
    end.

%% Who asks for Latin-1 gets bytes, or an error where there are others.
for_client(eof, _, _) -> eof;
for_client(Input, latin1, #state{binary = Binary}) ->
    Bytes = list_to_binary(Input),
    case Binary of
        true -> Bytes;
        false -> Input
    end;
for_client(Input, _, #state{binary = true}) ->
    unicode:characters_to_binary(Input);
for_client(Input, _, _) -> Input.

as_list(Bytes, latin1) when is_binary(Bytes) -> binary_to_list(Bytes);
as_list(Text, _) when is_binary(Text) -> unicode:characters_to_list(Text);
as_list(Text, _) -> Text.

%% A line that is not shown.
get_password(Encoding, #state{driver = Driver} = S) when is_pid(Driver) ->
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
