%% SPDX-License-Identifier: Apache-2.0
%% Who may see folders that mod_auth guards.
-record(httpd_user, {username, password, user_data}).

-record(httpd_group, {name, userlist}).
