for d in . mine; do erl -noshell -pa $d -eval '
P = fun(X) -> io:format("~p~n",[X]) end,
[P(lx:string(S)) || S <- ["1 + 2.5e3\n foo == \"a b\"\n =/= x. 12", "1 = 2", "a\n\nb # c", "!! x", "@x 1", "", "\"abc\n\nd", "1.x 2.", "a =/"]],
[P(lx:tokens([], S)) || S <- ["a b. c d. ", "a ", "a # b. c", "a # b", "a !! b. c"]],
{more, C} = lx:tokens([], "a 1"), 
C1 = case lx:tokens(C, "2\n. b. ") of {done, _, _}=D1 -> P(D1); X -> P(element(1,X)) end,
{more, C2} = lx:tokens([], "a 1."), P(lx:tokens(C2, eof)), {more, C3} = lx:token([], "abc"), P(lx:token(C3, "d e")), P(lx:token([], "# a")), P(lx:token([], " # a")), P(lx:token([], eof)), P(lx:tokens([],eof)), P(lx:tokens([], "a b" ++ [$\n|eof])),{more, C4} = lx:tokens([], "a # b"), P(lx:tokens(C4, "c. d")), P(lx:format_error({illegal,"a\n"})), {more,C5}=lx:tokens([],"a",7), {more,C6}=lx:tokens(C5,"\n\nb"), P(lx:tokens(C6,eof)), 
halt().' > out.$(basename $d) 2>&1; done; diff out.. out.mine && echo same
