%% SPDX-License-Identifier: Apache-2.0
%% What zip tells of an archive and the files in it.
-record(zip_file, {name, info, comment, offset, comp_size}).
-record(zip_comment, {comment}).
