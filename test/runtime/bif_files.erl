%% SPDX-License-Identifier: Apache-2.0
%% Module prim_file and environment variables.
%% expect: {files1,{[229,120],false,{error,badarg},{error,badarg}}}
%% expect: {files2,hash,104797218}
-module(bif_files).
-include("named_answers.hrl").

cases() ->
    [
     {files1, fun() -> os:putenv("MERLE_T","åx"), A = os:getenv("MERLE_T"), os:unsetenv("MERLE_T"), {A, os:getenv("MERLE_T"), t(fun() -> os:putenv("a=b","c") end), t(fun() -> os:getenv(foo) end)} end},
     {files2, fun() -> files() end}
    ].

files() -> D = "/tmp/ftest", prim_file:del_dir(D),
 F = D ++ "/åä.txt",
 R1 = prim_file:make_dir(D), R2 = prim_file:make_dir(D), R3 = prim_file:write_file(F,[<<"hello\n">>,"world\r\n",$x]), R4 = prim_file:read_file(F), R5 = prim_file:list_dir(D), R6 = prim_file:read_file("/nonexistent"), R7 = prim_file:read_file([a,b]),
 {ok,Fd} = prim_file:open(F,[read,write,binary,{read_ahead,100}]),
 R8 = [prim_file:read_line(Fd),prim_file:read_line(Fd),prim_file:read_line(Fd),prim_file:read_line(Fd),prim_file:position(Fd,bof),prim_file:read(Fd,3),prim_file:position(Fd,cur),prim_file:position(Fd,{cur,1}),prim_file:read(Fd,2),prim_file:write(Fd,"ZZ"),prim_file:pread(Fd,0,100),prim_file:pread(Fd,[{0,2},{3,1},{100,1}]),prim_file:pwrite(Fd,0,"Q"),prim_file:pwrite(Fd,[{1,"E"},{2,<<"R">>}]),prim_file:position(Fd,{eof,-1}),prim_file:read(Fd,10),prim_file:read(Fd,10),prim_file:position(Fd,5),prim_file:truncate(Fd),prim_file:read_file(F),prim_file:sync(Fd),prim_file:datasync(Fd),prim_file:advise(Fd,0,0,normal),prim_file:advise(Fd,0,0,foo),prim_file:allocate(Fd,0,10),prim_file:position(Fd,{foo,1}),prim_file:position(Fd,-1),prim_file:read(Fd,-1),prim_file:close(Fd),prim_file:close(Fd),prim_file:read(Fd,1)],
 {ok,I} = prim_file:read_file_info(F,[{time,posix}]), R9 = {element(1,I),element(2,I),element(3,I),element(4,I),size(I)},
 R10 = [prim_file:make_link(F,D++"/l"),prim_file:make_symlink(F,D++"/s"),prim_file:read_link(D++"/s"),prim_file:read_link(F),element(3,element(2,prim_file:read_link_info(D++"/s"))),prim_file:rename(D++"/l",D++"/m"),prim_file:delete(D++"/m"),prim_file:delete(D++"/m"),prim_file:delete(D++"/s"),prim_file:del_dir(D),prim_file:write_file_info(F,setelement(5,setelement(6,I,1000000),2000000),[{time,posix}])],
 {ok,I2} = prim_file:read_file_info(F,[{time,universal}]), R11 = {element(5,I2),element(6,I2)},
 R12 = [prim_file:open(D,[read]),prim_file:open("/nonexistent/x",[write]),prim_file:open(F,[write,exclusive]),prim_file:open([0],[read]),prim_file:open("a",foo),prim_file:list_dir("/nonexistent"),prim_file:get_cwd("x"),prim_file:set_cwd("/tmp"),prim_file:get_cwd(),prim_file:delete(F),prim_file:del_dir(D),prim_file:del_dir(D), prim_file:write_file(F,foo)],
 {R1,R2,R3,R4,R5,R6,R7,R8,R9,R10,R11,R12}.
